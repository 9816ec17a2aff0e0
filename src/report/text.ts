import { eastAsianWidth } from "get-east-asian-width";
import { withoutSequences } from "../formats/terminal-text.ts";

const emoji = /^(?:\p{Emoji_Presentation}|.\ufe0f)/u;
const zero = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Characters that are a grapheme and a column each: ASCII, Latin letters, and what the reports draw with. */
const narrow = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u257f\u2713\u2717\u2800-\u28ff]*$/;
let segmenter: Intl.Segmenter | undefined;

/** Made on demand, since it takes as long as the rest of a command's start. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** How many columns a terminal uses for a text; colours use none. */
export function displayWidth(text: string): number {
  const bare = withoutSequences(text);
  if (narrow.test(bare)) return bare.length;
  let width = 0;
  for (const { segment } of graphemesOf(bare)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (zero.test(grapheme)) return 0;
  return emoji.test(grapheme) ? 2 : eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

/** Cuts a text to `width` columns; a cut text loses its colours and ends with `ellipsis`. */
export function truncate(text: string, width: number, ellipsis = "…"): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(ellipsis);
  if (room < 0) return "";
  let kept = "";
  let used = 0;
  for (const { segment } of graphemesOf(withoutSequences(text))) {
    used += graphemeWidth(segment);
    if (used > room) break;
    kept += segment;
  }
  return kept + ellipsis;
}

/** Pads a text with spaces to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** The first 12 hex digits of a digest, as people compare them. */
export function shortDigest(digest: string): string {
  const hex = digest.slice(digest.indexOf(":") + 1);
  return hex.slice(0, 12);
}
