import { errorMessage, SlipwayError } from "../errors.ts";
import type { ReadRun } from "../github/run.ts";
import type { FetchAnswer, FetchInit, Host } from "../host.ts";
import { fieldsOf, type Fields, textField } from "../formats/json.ts";

/** Service of GitHub Actions that stores a run's artifacts: methods by Twirp with JSON, and bytes at signed addresses. */
export interface ResultsService {
  /** Calls a method for this run and job; `message` may name another job. `doing`: the action to name in errors. */
  call(method: string, message: Fields, doing: string): Promise<Fields>;
  /** Sends or receives the bytes of one blob. Errors do not contain the signed address, because it is a secret. */
  blob(url: string, request: BlobRequest, doing: string): Promise<Uint8Array>;
}

/** Request to a signed address. */
export interface BlobRequest {
  readonly method: "GET" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const mostTries = 5;
/** Time limit of one try, in milliseconds; the data is small. */
const longestTry = 60_000;
const hint =
  "GitHub's artifacts may be down: run the job again; a workflow of one job needs none (`slipway init --jobs single`)";

/** Opens the service. Throws `unavailable` outside of a job, and on an Enterprise Server, which has no such service. */
export function openResultsService(host: Host, { ci, tokens }: Pick<ReadRun, "ci" | "tokens">): ResultsService {
  if (isEnterpriseServer(ci.server.url)) {
    throw new SlipwayError(
      "artifacts-unavailable",
      "artifacts between jobs: an Enterprise Server has no store for them",
      {
        hint: "use a workflow of one job: `slipway init --jobs single`",
      },
    );
  }
  const token = tokens.runtime?.reveal();
  if (ci.results === undefined || token === undefined) {
    throw new SlipwayError(
      "artifacts-unavailable",
      "artifacts between jobs: ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set",
      {
        hint: "the runner gives them to actions; in a job of another kind use `jobs: single`",
      },
    );
  }
  const ids = readIds(token);
  const endpoint = new URL("/twirp/github.actions.results.api.v1.ArtifactService/", ci.results);
  return {
    call: async (method, message, doing) => {
      const body = JSON.stringify({ ...ids, ...message });
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await send(host, `${endpoint.href}${method}`, { method: "POST", headers, body }, doing);
      const answer = fieldsOf(parse(await response.text()));
      if (answer["ok"] === false) {
        throw new SlipwayError("artifacts-unavailable", `${doing}: ${method} was refused`, { hint });
      }
      return answer;
    },
    blob: async (url, request, doing) => {
      const response = await send(host, url, request, doing);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/** Sends a request until it succeeds; temporary failures are retried with the delays of GitHub's own client. */
async function send(host: Host, url: string, request: FetchInit, doing: string): Promise<FetchAnswer> {
  for (let tries = 1; ; tries += 1) {
    const { response, because } = await tryOnce(host, url, request);
    if (response?.ok === true) return response;
    const mayPass = response === undefined || response.status === 429 || response.status >= 500;
    if (!mayPass || tries === mostTries)
      throw new SlipwayError("artifacts-unavailable", `${doing}: ${because}`, { hint });
    await host.sleep(3000 * 1.5 ** (tries - 1) * (1 + host.random() / 2));
  }
}

async function tryOnce(
  host: Host,
  url: string,
  request: FetchInit,
): Promise<{ readonly response: FetchAnswer | undefined; readonly because: string }> {
  try {
    const signal = AbortSignal.any([host.signal, AbortSignal.timeout(longestTry)]);
    const response = await host.fetch(url, { ...request, signal });
    if (response.ok) return { response, because: "" };
    const said = textField(fieldsOf(parse(await response.text())), "msg");
    return { response, because: `HTTP ${response.status}${said === "" ? "" : `: ${said}`}` };
  } catch (error) {
    if (host.signal.aborted) throw new SlipwayError("interrupted", "interrupted while waiting for GitHub's artifacts");
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { response: undefined, because: errorMessage(cause) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads the service's ids of the run and the job from the token's claim `scp`, which contains `Actions.Results:RUN:JOB` among other words. */
function readIds(token: string): Fields {
  const claims = fieldsOf(parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  const scope = textField(claims, "scp")
    .split(" ")
    .find((word) => word.startsWith("Actions.Results:"));
  const [, run, job] = scope?.split(":") ?? [];
  if (run === undefined || job === undefined) {
    throw new SlipwayError(
      "artifacts-unavailable",
      "artifacts between jobs: ACTIONS_RUNTIME_TOKEN does not say which run it is for",
      { hint: "use a workflow of one job: `slipway init --jobs single`" },
    );
  }
  return { workflow_run_backend_id: run, workflow_job_run_backend_id: job };
}

/** Whether a server is an Enterprise Server, by the rule of GitHub's own client. */
export function isEnterpriseServer(serverUrl: string): boolean {
  const { hostname } = new URL(serverUrl);
  return hostname !== "github.com" && !hostname.endsWith(".ghe.com") && !hostname.endsWith(".localhost");
}
