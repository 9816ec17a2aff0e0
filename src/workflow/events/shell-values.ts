import { type Evaluated, makeText, renderText, type TextPart, textPartsOf } from "../../expressions/evaluated.ts";
import type { ShellText } from "../../shell/expand-word.ts";

/** A value as the shell's reader takes it: unknown parts stand as `‹name›`, and are named so. */
export function asShellText(value: Evaluated): ShellText {
  const unknown = textPartsOf(value).flatMap((part) =>
    typeof part === "string" ? [] : [renderText({ kind: "text", parts: [part] })],
  );
  // A separator between items that may be there is no unknown part.
  return { text: renderText(value), unknown: unknown.filter((name) => name.startsWith("‹")) };
}

/** The value of a text of the shell's: what is unknown in it is named as it is written there. */
export function fromShellText({ text, unknown }: ShellText): Evaluated {
  const names = unknown.filter((name) => name !== "").sort((left, right) => right.length - left.length);
  const parts: TextPart[] = [];
  let from = 0;
  for (let at = 0; at < text.length;) {
    const name = names.find((each) => text.startsWith(each, at));
    if (name === undefined) at += 1;
    else {
      parts.push(text.slice(from, at), { because: [name.replace(/^‹(.*)›$/s, "$1")] });
      at += name.length;
      from = at;
    }
  }
  const isNamed = names.every((name) => text.includes(name));
  // What stands nowhere in the text may be anywhere.
  return isNamed ? makeText([...parts, text.slice(from)]) : makeText([{ because: names }]);
}
