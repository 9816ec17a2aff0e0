import { matchesFilter } from "./filter-pattern.ts";

/** Texts that stand for the first `*` of a pattern, the most telling one first. */
const endings = {
  branch: ["1.2", "1", "next"],
  version: ["1.2.3", "2.3", "3", "1"],
  prerelease: ["1.3.0-rc.1", "3.0-rc.1", "0-rc.1"],
} as const;

/** Makes names that a filter pattern takes, in the order of preference: `release/1.2` for `release/**`, `v2.2.3` for `v2.*`. */
export function exampleOfFilter(pattern: string, kind: keyof typeof endings): string[] {
  const made = endings[kind].flatMap((ending) => fill(pattern, ending) ?? []);
  const fitting = [...new Set(made)].filter((name) => matchesFilter(pattern, name) === true);
  const isWhole = (name: string): boolean => /(?:^|[^\d.])\d+\.\d+\.\d+(?:-rc\.1)?$/.test(name);
  if (kind === "prerelease") return fitting.filter((name) => name.includes("-rc") && isWhole(name));
  return kind === "branch" ? fitting : [...fitting.filter(isWhole), ...fitting.filter((name) => !isWhole(name))];
}

/** Replaces the first `*` or `**` by the ending and further ones by `x`, a set by its first character; undefined: the pattern has an open set. */
function fill(pattern: string, ending: string): string | undefined {
  let made = "";
  let number = 0;
  let isUsed = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === "*") {
      if (pattern.charAt(at + 1) === "*") at += 1;
      made += isUsed ? "x" : ending;
      isUsed = true;
    } else if (character === "[") {
      const end = pattern.indexOf("]", at + 1);
      if (end < 0) return undefined;
      const set = pattern.slice(at + 1, end);
      number += 1;
      made += set.startsWith("0-9") ? String(number % 10) : set.charAt(0);
      at = end;
    } else if (character === "\\") {
      at += 1;
      made += pattern.charAt(at);
    } else if (character !== "?" && character !== "+") made += character;
  }
  return made;
}
