import * as fc from "fast-check";

/** Marker of an attack. No output may contain it in a place where it takes effect. */
export const mark = "PWN";

const pieces = [
  `::set-output name=x::${mark}`,
  `::error::${mark}`,
  `##[error]${mark}`,
  `##vso[task.setvariable variable=x]${mark}`,
  `%0A::error::${mark}`,
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  "\t",
  " ",
  "\u001b[2J",
  "\u001b[31m",
  `\u001b]0;${mark}\u0007`,
  "\u009b2J",
  "\u0085",
  "\u2028",
  "\u202e",
  "\u2066",
  "\u200f",
  "`",
  "``",
  "\n```\n",
  "~~~",
  "|",
  "\\|",
  "\\",
  "**",
  "_",
  `[x](https://${mark}.test)`,
  `![x](y)`,
  `[x]: https://${mark}.test`,
  `<img src=x onerror=${mark}>`,
  "</details>",
  "<!--",
  "-->",
  "<!-- slipway:images:end -->",
  "<!-- slipway:end images -->",
  "@octocat",
  "\n# ",
  "\n- ",
  "1. ",
  "> ",
  "---",
  "===",
  "&lt;",
  "$x$",
  "'",
  '"',
  "é",
  "尺寸",
  "a",
  "b",
];

/** Texts that a stranger might give to a file, a branch, a commit or a service; never empty, and never blank alone. */
export function nastyText(): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 })
    .map((chosen) => `n${chosen.join("")}m`)
    .chain((text) => fc.constantFrom(text, text.slice(1), text.slice(0, -1), text.slice(1, -1)))
    .filter((text) => /[a-zA-Z]/.test(text));
}

/** The same as the name of a file or a folder: as far as Linux takes them. */
export function nastyFileName(): fc.Arbitrary<string> {
  return nastyText()
    .map((text) => text.replaceAll("/", "_").replaceAll("\0", "").slice(0, 60))
    .filter((text) => text !== "" && !/^\.{1,2}$|^\.git/i.test(text));
}

/** Why a text is not fit for a terminal, or for a log that a CI system reads; empty: it is. `\n` ends a line. */
export function outputFaults(text: string): string[] {
  const steering = [...text.matchAll(/(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu)];
  const controls = steering.map(([found]) => `control character ${JSON.stringify(found)}`);
  const commands = text.split("\n").filter((line) => /^\s*::[^:]*::|##\w*\[/.test(line));
  return [...controls, ...commands.map((line) => `command ${JSON.stringify(line)}`)];
}
