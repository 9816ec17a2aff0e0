/** Where Slipway's part of a text begins and ends: https://github.github.com/gfm/#html-comment, which nobody sees. */
export const sectionMarkers = {
  begin: "<!-- slipway:images:begin -->",
  end: "<!-- slipway:images:end -->",
} as const;

/** GitHub takes no longer body of a release; what it counts is not documented, and UTF-16 units are never fewer than characters. */
export const mostBodyLength = 125_000;

/** A text between its markers, in the place of the one that is there, else at the end. What is outside stays byte for byte. */
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

/** The first of these texts with which the body is not too long; undefined: what others wrote leaves room for none. */
export function putFittingSection(body: string, texts: readonly string[]): string | undefined {
  return texts.map((text) => putSection(body, text)).find(({ length }) => length <= mostBodyLength);
}

/** The text of a release that is being made: a draft with it is Slipway's own, left by a run that was interrupted. */
export function draftText(command: string): string {
  return `${draftMark}\nBeing written; it is published once its files are attached. If that was interrupted, \`${command}\` finishes it.`;
}

/** Whether a body says that it is a draft of Slipway's own. */
export function isDraftText(body: string): boolean {
  return body.includes(draftMark);
}

const draftMark = "<!-- slipway:draft -->";

/** An end belongs to the nearest beginning before it: a marker that lost its other half takes nothing of what people wrote. */
function findSection(body: string): { readonly start: number; readonly end: number } | undefined {
  for (let end = body.indexOf(sectionMarkers.end); end >= 0; end = body.indexOf(sectionMarkers.end, end + 1)) {
    const start = body.slice(0, end).lastIndexOf(sectionMarkers.begin);
    if (start >= 0) return { start, end: end + sectionMarkers.end.length };
  }
  return undefined;
}
