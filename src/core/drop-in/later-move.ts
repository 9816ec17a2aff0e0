import { errorMessage, isInterruption } from "../../errors.ts";
import { asText, fieldsOf, parseJson } from "../../formats/json.ts";
import { findGitHub } from "../../github/context.ts";
import type { PushedName } from "../../invocation/wanted-places.ts";
import type { InvocationRecord } from "../../model/build-record.ts";
import type { PlanBasis } from "./plan-drop-in.ts";
import type { DropInContext } from "./request.ts";

/** Tags that a newer run has already moved for a later commit; this run is slower, or was run again. */
export interface LaterMove {
  readonly commit: string;
  /** Never empty. */
  readonly tags: readonly PushedName[];
  /** Record of the image that they point at. */
  readonly record: InvocationRecord;
}

/**
 * Finds tags that would move back: they point at the image of a newer run, whose commit descends from this run's. Undefined: no such tag
 * was found, or the search failed.
 */
export async function findLaterMove(context: DropInContext, basis: PlanBasis): Promise<LaterMove | undefined> {
  const { commit, id = "" } = context.run.ci;
  if (commit === undefined) return undefined;
  const lasts = [...basis.lasts.values()].filter(
    ({ moved }) => isLater(moved.run, id) && moved.commit !== "" && moved.commit !== commit,
  );
  if (lasts.length === 0) return undefined;
  try {
    const heads = await Promise.all(
      basis.reading.wanted.push.map(async ({ name, tag }) =>
        tag === null ? undefined : (await context.registry.headManifest(name, tag))?.digest,
      ),
    );
    for (const { record, moved } of lasts) {
      const tags = basis.reading.wanted.push.filter((_, at) => heads[at] === record.image.digest);
      const isBack = tags.length > 0 && (await descends(context, { from: commit, to: moved.commit }));
      if (isBack) return { commit: moved.commit, tags, record };
    }
  } catch (error) {
    if (isInterruption(error)) throw error;
    context.emit({ kind: "warning", message: `looking for tags of later commits: ${errorMessage(error)}` });
  }
  return undefined;
}

/** GitHub counts the runs of a repository upwards; a re-run keeps its number. */
function isLater(run: string, own: string): boolean {
  if (!/^\d+$/.test(run) || !/^\d+$/.test(own)) return false;
  return run.length === own.length ? run > own : run.length > own.length;
}

/**
 * Whether commit `to` descends from `from`. Asks the local clone first, then GitHub's API.
 * https://docs.github.com/rest/commits/commits#compare-two-commits
 */
async function descends(
  { host, run }: DropInContext,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const isHere = await host.run("git", ["cat-file", "-e", `${to}^{commit}`], {
    cwd: host.cwd,
    env: { GIT_NO_LAZY_FETCH: "1" },
  });
  if (isHere.exitCode === 0) {
    const { exitCode } = await host.run("git", ["merge-base", "--is-ancestor", from, to], { cwd: host.cwd });
    if (exitCode === 0) return true;
  }
  const github = findGitHub(run, undefined);
  if (github === undefined) return false;
  const { server, repository, token } = github;
  const url = `${server.apiUrl}/repos/${repository.owner}/${repository.name}/compare/${from}...${to}?per_page=1`;
  const headers = {
    accept: "application/vnd.github+json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
  };
  const answer = await host.fetch(url, { headers, signal: host.signal });
  const text = await answer.text();
  return answer.ok && asText(fieldsOf(parseJson(text))["status"]) === "ahead";
}
