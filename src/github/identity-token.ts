import { errorMessage, SlipwayError } from "../errors.ts";
import { asFields, asText, parseJson } from "../formats/json.ts";
import type { Host } from "../host.ts";
import type { IdentityAccess } from "../model/ci-run.ts";

/** Number of requests until the token service counts as not available. */
const tries = 3;

/**
 * Asks GitHub for a token that names this run, for one audience. Throws `signing-denied` where GitHub refuses, `github-unavailable` where it
 * does not answer. https://docs.github.com/actions/reference/security/oidc
 */
export async function getIdentityToken(host: Host, access: IdentityAccess, audience: string): Promise<string> {
  const url = new URL(access.url);
  url.searchParams.set("audience", audience);
  const doing = "asking GitHub for a token of this run";
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(host, url.href, access);
    if (typeof answer !== "string" && answer.status === 200) {
      const value = asText(asFields(parseJson(answer.body))?.["value"]);
      if (value !== undefined && value !== "") return value;
    }
    const said = typeof answer === "string" ? answer : `it answers ${answer.status}`;
    if (typeof answer !== "string" && (answer.status === 401 || answer.status === 403)) {
      throw new SlipwayError("signing-denied", `${doing}: ${said}`, {
        hint: "the token that a job asks with is valid for the job's own time: re-run the job; it needs `permissions: id-token: write`",
      });
    }
    if (attempt === tries) throw new SlipwayError("github-unavailable", `${doing}: ${said}`);
    await host.sleep(attempt * 1000);
  }
}

async function ask(
  host: Host,
  url: string,
  { token }: IdentityAccess,
): Promise<string | { readonly status: number; readonly body: string }> {
  try {
    const headers = { accept: "application/json", authorization: `Bearer ${token.reveal()}` };
    const answer = await host.fetch(url, { headers, signal: host.signal });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    if (host.signal.aborted)
      throw new SlipwayError("interrupted", "asking GitHub for a token of this run: interrupted");
    return errorMessage(error);
  }
}
