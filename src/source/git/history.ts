import { byCodeUnit } from "../../model/order.ts";
import { type Git, decodeName, decodeText } from "./git.ts";

/** A commit, for release notes. */
export interface Commit {
  readonly sha: string;
  readonly subject: string;
  /** The message below its subject. */
  readonly body: string;
  readonly author: string;
  /** Time of the commit, ISO 8601. */
  readonly at: string;
  /** Paths that the commit touched, relative to the repository root, in code unit order. */
  readonly files: readonly string[];
}

/** Runs `git log` with these arguments. */
export async function readCommits(git: Git, args: readonly string[], paths: readonly string[]): Promise<Commit[]> {
  const output = await git([
    "log",
    "-z",
    "--no-show-signature",
    "--name-only",
    "--no-renames",
    "--format=%x1e%H%x1f%an%x1f%ct%x1f%s%x1d%b",
    ...args,
    "--",
    ...paths.map((path) => `:(top,literal)${path}`),
  ]);
  return parseCommits(output);
}

/** NUL-separated: a header that starts with U+001E, then (the first after a line feed) the names. */
function parseCommits(output: Uint8Array): Commit[] {
  const commits: (Commit & { files: string[] })[] = [];
  let start = 0;
  while (start < output.length) {
    const nul = output.indexOf(0, start);
    const end = nul < 0 ? output.length : nul;
    const field = output.subarray(start, end);
    start = end + 1;
    if (field[0] === 0x1e) {
      const [sha = "", author = "", time = "", ...message] = decodeText(field.subarray(1)).split("\x1f");
      const [subject = "", ...body] = message.join("\x1f").split("\x1d");
      const at = new Date(Number(time) * 1000).toISOString();
      commits.push({ sha, author, at, subject, body: body.join("\x1d").trim(), files: [] });
    } else if (field.length > 0) {
      commits.at(-1)?.files.push(decodeName(field[0] === 0x0a ? field.subarray(1) : field));
    }
  }
  for (const commit of commits) commit.files.sort(byCodeUnit);
  return commits;
}
