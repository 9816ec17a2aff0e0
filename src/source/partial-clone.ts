import type { Git } from "./git.ts";
import { decodeText } from "./git.ts";
import type { Settings } from "./settings.ts";

/** The remote that a partial clone (`git clone --filter=…`) gets objects from that it does not have yet; undefined: it is whole. */
export function promisorOf(settings: Settings): string | undefined {
  for (const [key, value] of settings) {
    const name = /^remote\.(.*)\.promisor$/s.exec(key)?.[1];
    if (name !== undefined && value !== "false") return name;
  }
  return undefined;
}

/**
 * Brings objects into a partial clone in one request; gives how many were missing. Left to itself, `git cat-file --batch`
 * asks for each object that it lacks with a request of its own. Source: git's promisor-remote.c, whose arguments these are.
 */
export async function fetchObjects(git: Git, promisor: string, ids: Iterable<string>): Promise<number> {
  const missing = new Set(ids);
  if (missing.size === 0) return 0;
  // Of all ways to ask what is there, the one that never fetches.
  const there = decodeText(
    await git(["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"]),
  );
  for (let start = 0, end = there.indexOf("\n"); end >= 0; end = there.indexOf("\n", start)) {
    missing.delete(there.slice(start, end));
    start = end + 1;
  }
  if (missing.size === 0) return 0;
  const quiet = ["-c", "fetch.negotiationAlgorithm=noop", "-c", "gc.auto=0", "-c", "maintenance.auto=false"];
  const only = ["--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none"];
  await git([...quiet, "fetch", ...only, "--stdin", promisor], { stdin: `${[...missing].join("\n")}\n` });
  return missing.size;
}
