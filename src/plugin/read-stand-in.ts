/** The second line of a stand-in: a comment, by which it is known. */
export const standInMark = "# Slipway stands in for Docker's buildx plugin until the job ends.";

/** Whether a file's text is a stand-in's; its beginning is enough. */
export function isStandIn(text: string): boolean {
  return text.startsWith(`#!/bin/sh\n${standInMark}\n`);
}

/** Docker's own plugin, as a stand-in's text names it; undefined: it is another text. */
export function realOf(text: string): string | undefined {
  const found = isStandIn(text) ? /^real='((?:[^']|'\\'')*)'$/m.exec(text)?.[1] : undefined;
  return found?.replaceAll("'\\''", "'");
}

/** The job's folder, as the text of one job's stand-in names it. */
export function folderOf(text: string): string | undefined {
  const found = isStandIn(text) ? /^ {2}node=.* folder='((?:[^']|'\\'')*)'$/m.exec(text)?.[1] : undefined;
  return found?.replaceAll("'\\''", "'");
}
