import { type Evaluated, makeText, renderText, type TextPart, textPartsOf } from "../../expressions/evaluated.ts";
import type { ShellText } from "../../shell/expand-word.ts";

/** Converts a value for the shell reader: unknown parts become `‹name›`, and are listed as unknown. */
export function asShellText(value: Evaluated): ShellText {
  const unknown = textPartsOf(value).flatMap((part) =>
    typeof part === "string" ? [] : [renderText({ kind: "text", parts: [part] })],
  );
  // A separator before an optional item does not begin with `‹`; it is not listed as unknown.
  return { text: renderText(value), unknown: unknown.filter((name) => name.startsWith("‹")) };
}

/** Converts a text of the shell reader to a value. Its unknown parts are named as they are written in the text. */
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
  // An unknown part that the text does not contain may be anywhere, so the whole text becomes unknown.
  return isNamed ? makeText([...parts, text.slice(from)]) : makeText([{ because: names }]);
}
