/** Whether a code point is in a set of characters. */
export type Characters = (codePoint: number) => boolean;

export type CharacterRange = readonly [low: number, high: number];

const asciiSize = 128;

export function oneCharacter(wanted: number): Characters {
  return (codePoint) => codePoint === wanted;
}

/** Makes a set of the characters in any of the ranges or sets. ASCII characters are looked up in a table. */
export function unionOf(ranges: readonly CharacterRange[], sets: readonly Characters[] = []): Characters {
  const isIn: Characters = (codePoint) =>
    ranges.some(([low, high]) => low <= codePoint && codePoint <= high) || sets.some((set) => set(codePoint));
  const table = Uint8Array.from({ length: asciiSize }, (_, codePoint) => (isIn(codePoint) ? 1 : 0));
  return (codePoint) => (codePoint < asciiSize ? table[codePoint] === 1 : isIn(codePoint));
}

export function complementOf(set: Characters): Characters {
  return (codePoint) => !set(codePoint);
}

/** Named classes of Go's regular expressions, `[[:alpha:]]`, and the lower-case escapes `\d`, `\s` and `\w`. */
export const namedRanges: Readonly<Record<string, readonly CharacterRange[]>> = {
  alnum: rangesOf("09AZaz"),
  alpha: rangesOf("AZaz"),
  ascii: [[0, 0x7f]],
  blank: rangesOf("\t\t  "),
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: rangesOf("09"),
  graph: rangesOf("!~"),
  lower: rangesOf("az"),
  print: rangesOf(" ~"),
  punct: rangesOf("!/:@[`{~"),
  space: rangesOf("\t\r  "),
  upper: rangesOf("AZ"),
  word: rangesOf("09AZaz__"),
  xdigit: rangesOf("09AFaf"),
  d: rangesOf("09"),
  s: rangesOf("\t\n\f\r  "),
  w: rangesOf("09AZaz__"),
};

/** Ranges from pairs of characters: `azAZ` is a to z and A to Z. */
function rangesOf(pairs: string): readonly CharacterRange[] {
  return Array.from({ length: pairs.length / 2 }, (_, index) => [
    pairs.charCodeAt(2 * index),
    pairs.charCodeAt(2 * index + 1),
  ]);
}

/** Unicode categories whose JavaScript expression differs: Go's `C` excludes unassigned characters. */
const generalCategories: Readonly<Record<string, string>> = { C: "[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}]", Any: "\\p{Any}" };

/** The characters of a Unicode category or script by Go's name for it; undefined: there is none. */
export function unicodeCharacters(name: string): Characters | undefined {
  if (!/^[A-Z][A-Za-z_]*$/.test(name)) return undefined;
  const sources = Object.hasOwn(generalCategories, name)
    ? [generalCategories[name] ?? ""]
    : name.length <= 2
      ? [`\\p{General_Category=${name}}`]
      : [`\\p{Script=${name}}`];
  for (const source of sources) {
    try {
      const expression = new RegExp(`^${source}$`, "u");
      return (codePoint) => expression.test(String.fromCodePoint(codePoint));
    } catch {
      return undefined;
    }
  }
  return undefined;
}
