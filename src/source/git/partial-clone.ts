import type { Git } from "./git.ts";
import { decodeText } from "./git.ts";
import type { Settings } from "./settings.ts";

/** The remote from which a partial clone (`git clone --filter=…`) fetches missing objects; undefined: the clone is complete. */
export function promisorOf(settings: Settings): string | undefined {
  for (const [key, value] of settings) {
    const name = /^remote\.(.*)\.promisor$/s.exec(key)?.[1];
    if (name !== undefined && value !== "false") return name;
  }
  return undefined;
}

/**
 * Fetches missing objects of a partial clone in one request, and returns how many there were. By itself, `git cat-file --batch` makes one
 * request for each. The arguments are those of git's promisor-remote.c.
 */
export async function fetchObjects(git: Git, promisor: string, ids: Iterable<string>): Promise<number> {
  const missing = new Set(ids);
  if (missing.size === 0) return 0;
  // This is the only query of local objects that never fetches.
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
