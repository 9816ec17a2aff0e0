/** Element of a pattern, such as a character, a set or `*`. */
interface Item {
  readonly accepts: (character: string) => boolean;
  /** Numbers of items that can be skipped from here on, this one included. */
  readonly skips: readonly number[];
  readonly isRepeated: boolean;
}

/**
 * Whether one of GitHub's filter patterns matches a whole branch, tag or path; undefined: the pattern is not valid. `*` stops at `/`, `**` does not,
 * `?` and `+` apply to the character before, `[]` is a set, `\` makes the next character literal. Time grows with the length of the pattern times
 * that of the text. Source: GitHub's "Filter pattern cheat sheet".
 */
export function matchesFilter(pattern: string, text: string): boolean | undefined {
  const items = readItems(pattern);
  if (items === undefined) return undefined;
  let places = skipOptional([0], items);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      const item = items[place];
      if (item?.accepts(character) !== true) continue;
      next.add(place + 1);
      if (item.isRepeated) next.add(place);
    }
    if (next.size === 0) return false;
    places = skipOptional(next, items);
  }
  return places.has(items.length);
}

/** Adds the places that are reached by skipping optional items. */
function skipOptional(places: Iterable<number>, items: readonly Item[]): Set<number> {
  const all = new Set(places);
  for (const place of all) for (const skip of items[place]?.skips ?? []) all.add(place + skip);
  return all;
}

function readItems(pattern: string): Item[] | undefined {
  const items: Item[] = [];
  const characters = Array.from(pattern);
  const add = (accepts: Item["accepts"]): void => void items.push({ accepts, skips: [], isRepeated: false });
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    const isDoubled = characters[at + 1] === "*";
    if (character === "*" && isDoubled) {
      at += 1;
      // `**/` also matches no folder at all.
      const before = characters[at - 2];
      const isFolders = characters[at + 1] === "/" && (before === undefined || before === "/");
      if (isFolders) items.push({ accepts: () => false, skips: [1, 3], isRepeated: false });
      items.push({ accepts: () => true, skips: [1], isRepeated: true });
    } else if (character === "*") {
      items.push({ accepts: (each) => each !== "/", skips: [1], isRepeated: true });
    } else if (character === "?" || character === "+") {
      const last = items.pop();
      if (last === undefined) return undefined;
      items.push(character === "?" ? { ...last, skips: [1] } : { ...last, isRepeated: true });
    } else if (character === "[") {
      const end = characters.indexOf("]", at + 1);
      const accepts = end < 0 ? undefined : readSet(characters.slice(at + 1, end));
      if (accepts === undefined) return undefined;
      add(accepts);
      at = end;
    } else {
      const wanted = character === "\\" ? (characters[(at += 1)] ?? "\\") : character;
      add((each) => each === wanted);
    }
  }
  return items;
}

function readSet(characters: readonly string[]): Item["accepts"] | undefined {
  if (characters.length === 0) return undefined;
  const ranges: [string, string][] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const low = characters[at] ?? "";
    const isRange = characters[at + 1] === "-" && characters[at + 2] !== undefined;
    ranges.push([low, isRange ? (characters[at + 2] ?? "") : low]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([low, high]) => low <= character && character <= high);
}

/** Whether a list of filter patterns accepts a text. The last matching pattern decides; one that begins with `!` excludes the text. */
export function passesFilters(patterns: readonly string[], text: string): boolean {
  let passes = false;
  for (const pattern of patterns) {
    const isNegative = pattern.startsWith("!");
    if (matchesFilter(isNegative ? pattern.slice(1) : pattern, text) === true) passes = !isNegative;
  }
  return passes;
}
