/**
 * Reads the Dockerfile instruction from `created_by` of an image's history (image-spec, config.md): `RUN npm ci` of
 * `RUN |1 A=b /bin/sh -c npm ci # buildkit`, and of `/bin/sh -c npm ci`, as Docker's builder before BuildKit wrote it. A text of another tool stays
 * as it is. Whitespace becomes one space.
 */
export function readInstruction(createdBy: string): string {
  const words = createdBy.split(/\s/).filter((word) => word !== "");
  if (words.at(-1) === "buildkit" && words.at(-2) === "#") words.length -= 2;
  const [first = ""] = words;
  if (first === "RUN") return ["RUN", ...words.slice(endOfShell(words, 1))].join(" ");
  if (first.startsWith("|") || first.startsWith("/")) {
    const start = endOfShell(words, 0);
    if (start === 0) return words.join(" ");
    return words[start] === "#(nop)"
      ? words
          .slice(start + 1)
          .map(withoutChecksum)
          .join(" ")
      : ["RUN", ...words.slice(start)].join(" ");
  }
  return words.join(" ");
}

/** Number of words that a shell with its options may have: `/bin/bash -euo pipefail -c`. */
const mostShellWords = 8;

/** Position behind `|1 A=b /bin/sh -c`; `from` if there is no shell. */
function endOfShell(words: readonly string[], from: number): number {
  const count = words[from]?.startsWith("|") === true ? Number(words[from].slice(1)) : Number.NaN;
  const shell = Number.isInteger(count) && count >= 0 ? from + 1 + count : from;
  if (words[shell]?.startsWith("/") !== true) return from;
  const end = words.indexOf("-c", shell);
  return end > shell && end - shell <= mostShellWords ? end + 1 : from;
}

/** `dir` of `dir:0123…`, so that the same instruction reads the same in two images. */
function withoutChecksum(word: string): string {
  return /^(?:dir|file|multi):[0-9a-f]{64}$/.test(word) ? word.slice(0, word.indexOf(":")) : word;
}
