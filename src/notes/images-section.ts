/** Markers around Slipway's part of a text, as HTML comments, which GitHub does not show: https://github.github.com/gfm/#html-comment */
export const sectionMarkers = {
  begin: "<!-- slipway:images:begin -->",
  end: "<!-- slipway:images:end -->",
} as const;

/** GitHub's limit for a release's body. Its unit is not documented; UTF-16 units are never fewer than characters. */
export const mostBodyLength = 125_000;

/** Replaces the marked part of a body, or appends it. The rest stays byte for byte. */
export function putSection(body: string, text: string): string {
  const isCrlf = body.includes("\r\n");
  const section = `${sectionMarkers.begin}\n${text.trim()}\n${sectionMarkers.end}`;
  const written = isCrlf ? section.replace(/\r?\n/g, "\r\n") : section;
  const place = findSection(body);
  if (place !== undefined) return body.slice(0, place.start) + written + body.slice(place.end);
  if (body.trim() === "") return written;
  const eol = isCrlf ? "\r\n" : "\n";
  const gap = body.endsWith(eol + eol) ? "" : body.endsWith(eol) ? eol : eol + eol;
  return `${body}${gap}${written}`;
}

/** Puts the first text that fits into the body; undefined: the body of others leaves no room. */
export function putFittingSection(body: string, texts: readonly string[]): string | undefined {
  return texts.map((text) => putSection(body, text)).find(({ length }) => length <= mostBodyLength);
}

/** The text of a draft in progress. A draft with it comes from an interrupted run of Slipway. */
export function draftText(command: string): string {
  return `${draftMark}\nBeing written; it is published once its files are attached. If that was interrupted, \`${command}\` finishes it.`;
}

/** Whether a body is that of Slipway's own draft. */
export function isDraftText(body: string): boolean {
  return body.includes(draftMark);
}

const draftMark = "<!-- slipway:draft -->";

/** Finds the marked part. An end belongs to the nearest beginning before it, so that a lone marker takes no text of people. */
function findSection(body: string): { readonly start: number; readonly end: number } | undefined {
  const { begin, end } = sectionMarkers;
  const first = body.indexOf(begin);
  const stop = first < 0 ? -1 : body.indexOf(end, first + begin.length);
  return stop < 0 ? undefined : { start: body.lastIndexOf(begin, stop), end: stop + end.length };
}
