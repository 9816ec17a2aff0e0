import type { ShellText } from "./expand-word.ts";

/** Keeps the items that every branch has; further items of any branch become one unknown word. */
export function joinArrays(name: string, all: readonly (readonly ShellText[])[]): readonly ShellText[] {
  const [first = [], ...rest] = all;
  const isIn = (list: readonly ShellText[], item: ShellText): boolean => list.some(({ text }) => text === item.text);
  const common = first.filter((item) => rest.every((list) => isIn(list, item)));
  const isSame = all.every((list) => list.length === common.length);
  const raw = `\${${name}[@]}`;
  return isSame ? common : [...common.filter(({ text }) => text !== raw), { text: raw, unknown: [raw] }];
}

/** Keeps the variables that every branch sets to one value; each other one is unknown. */
export function joinVariables(all: readonly ReadonlyMap<string, ShellText>[]): Map<string, ShellText> {
  const names = new Set(all.flatMap((each) => [...each.keys()]));
  const joined = new Map<string, ShellText>();
  for (const name of names) {
    const [first, ...rest] = all.map((each) => each.get(name));
    const isSame = rest.every((each) => each?.text === first?.text);
    if (first !== undefined && isSame) joined.set(name, first);
    else joined.set(name, unknownVariable(name));
  }
  return joined;
}

/** Returns the unknown value of a variable. */
export function unknownVariable(name: string): ShellText {
  return { text: `\${${name}}`, unknown: [`\${${name}}`] };
}
