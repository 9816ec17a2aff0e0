/** Second line of a stand-in: a comment by which Slipway recognizes it. */
export const standInMark = "# Slipway stands in for Docker's buildx plugin until the job ends.";

/** Whether a text is that of a stand-in; its first lines are enough. */
export function isStandIn(text: string): boolean {
  return text.startsWith(`#!/bin/sh\n${standInMark}\n`);
}

/** Returns the path of Docker's own plugin from a stand-in's text; undefined: another text. */
export function realOf(text: string): string | undefined {
  const found = isStandIn(text) ? /^real='((?:[^']|'\\'')*)'$/m.exec(text)?.[1] : undefined;
  return found?.replaceAll("'\\''", "'");
}

/** Returns the job's folder from the text of one job's stand-in. */
export function folderOf(text: string): string | undefined {
  const found = isStandIn(text) ? /^ {2}node=.* folder='((?:[^']|'\\'')*)'$/m.exec(text)?.[1] : undefined;
  return found?.replaceAll("'\\''", "'");
}
