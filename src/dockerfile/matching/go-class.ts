import {
  type CharacterRange,
  type Characters,
  complementOf,
  namedRanges,
  unicodeCharacters,
  unionOf,
} from "./characters.ts";
import { GoRegexpError, type Scanner } from "./scanner.ts";

/**
 * Reads a character class of Go's regular expressions, such as `[^a-z\d[:alpha:]]`. A leading `]` is a literal, and so is a `-` that joins
 * no two characters.
 * @throws GoRegexpError
 */
export function readCharacterClass(scanner: Scanner): Characters {
  scanner.take("[");
  const isNegated = scanner.take("^");
  const ranges: CharacterRange[] = [];
  const sets: Characters[] = [];
  for (let isFirst = true; isFirst || !scanner.take("]"); isFirst = false) {
    const set = readNamedClass(scanner) ?? readEscapedClass(scanner);
    if (set === undefined) ranges.push(readRange(scanner));
    else sets.push(set);
  }
  const union = unionOf(ranges, sets);
  return isNegated ? complementOf(union) : union;
}

/** Reads `[:alpha:]` or `[:^alpha:]` inside a class; undefined: the text continues otherwise. */
function readNamedClass(scanner: Scanner): Characters | undefined {
  if (!scanner.startsWith("[:") || !scanner.includes(":]")) return undefined;
  const match = scanner.match(/\[:(\^?)([a-z]{2,}):\]/y);
  const ranges = match?.[2] !== undefined && Object.hasOwn(namedRanges, match[2]) ? namedRanges[match[2]] : undefined;
  if (ranges === undefined) throw new GoRegexpError("a named class");
  return match?.[1] === "^" ? complementOf(unionOf(ranges)) : unionOf(ranges);
}

/** Reads an escaped class such as `\d`, `\pL` or `\P{Greek}`; undefined: the text continues otherwise. */
export function readEscapedClass(scanner: Scanner): Characters | undefined {
  const perl = scanner.match(/\\([dswDSW])/y)?.[1];
  if (perl !== undefined) {
    const lower = perl.toLowerCase();
    const set = unionOf(namedRanges[lower] ?? []);
    return perl === lower ? set : complementOf(set);
  }
  const isComplement = scanner.startsWith("\\P");
  if (!isComplement && !scanner.startsWith("\\p")) return undefined;
  scanner.next();
  scanner.next();
  if (scanner.isAtEnd) throw new GoRegexpError("a Unicode class");
  if (scanner.startsWith("{") && !scanner.includes("}")) throw new GoRegexpError("a Unicode class");
  const name = scanner.take("{") ? scanner.takeUntil("}") : scanner.next();
  const isNegated = name.startsWith("^");
  const set = unicodeCharacters(isNegated ? name.slice(1) : name);
  if (set === undefined) throw new GoRegexpError("a Unicode class");
  return isNegated === isComplement ? set : complementOf(set);
}

function readRange(scanner: Scanner): CharacterRange {
  const low = readClassCharacter(scanner);
  if (!scanner.startsWith("-") || scanner.startsWith("-]") || !scanner.hasTwo()) return [low, low];
  scanner.next();
  const high = readClassCharacter(scanner);
  if (high < low) throw new GoRegexpError("a range");
  return [low, high];
}

function readClassCharacter(scanner: Scanner): number {
  if (scanner.isAtEnd) throw new GoRegexpError("a class without an end");
  if (scanner.startsWith("\\")) return readEscapedCharacter(scanner);
  return scanner.next().codePointAt(0) ?? 0;
}

const letters: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const lastCodePoint = 0x10ffff;

/**
 * Reads an escaped character, such as `\*`, `\n`, `\x41`, `\x{1F600}` or `\101`.
 * @throws GoRegexpError
 */
export function readEscapedCharacter(scanner: Scanner): number {
  scanner.next();
  const octal = scanner.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y)?.[0];
  if (octal !== undefined) return Number.parseInt(octal, 8);
  const hexadecimal = scanner.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y);
  if (hexadecimal !== undefined) {
    const value = Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? "", 16);
    if (value > lastCodePoint) throw new GoRegexpError("an escape");
    return value;
  }
  const character = scanner.next();
  if (Object.hasOwn(letters, character)) return letters[character] ?? 0;
  const isPunctuation = character !== "" && character <= "\u007f" && !/[0-9A-Za-z]/.test(character);
  if (!isPunctuation) throw new GoRegexpError("an escape");
  return character.codePointAt(0) ?? 0;
}
