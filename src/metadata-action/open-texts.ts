import { asTextValue, type Evaluated, makeText, renderText, type TextPart } from "../expressions/evaluated.ts";

/** Characters that stand for unknown parts while a text is taken apart: the private-use area of Unicode. */
const firstMark = 0xe000;
const mostMarks = 6400;
const marks = /[\uE000-\uF8FF]/g;

/**
 * Texts whose unknown parts are one character each, so that what works on texts works on them.
 * The same character is the same part of the same text.
 */
export class OpenTexts {
  readonly #parts: TextPart[] = [];
  readonly #made = new Map<string, string>();
  readonly #full = new Set<string>();

  /** The text with a mark for each unknown part. */
  close(value: Evaluated): string {
    const text = asTextValue(value);
    if (text.kind === "value") return this.#withoutMarks(String(text.value ?? ""));
    return text.parts.map((part) => (typeof part === "string" ? this.#withoutMarks(part) : this.#add(part))).join("");
  }

  /** The text with its unknown parts again. */
  open(text: string): Evaluated {
    const parts: TextPart[] = [];
    let from = 0;
    for (const { 0: mark, index } of text.matchAll(marks)) {
      parts.push(text.slice(from, index), this.#partOf(mark));
      from = index + 1;
    }
    return makeText([...parts, text.slice(from)]);
  }

  /** What the unknown parts of a text hang on. */
  because(text: string): string[] {
    return [...text.matchAll(marks)].flatMap(([mark]) => {
      const part = this.#partOf(mark);
      return typeof part === "string" ? [] : [...part.because];
    });
  }

  /** A mark for a part that hangs on these names; `key` says what it is made of, and makes the same mark again. */
  mark(key: string, because: readonly string[]): string {
    const mark = this.#made.get(key) ?? this.#add({ because });
    this.#made.set(key, mark);
    return mark;
  }

  /** The same for a part that is never empty. */
  markFull(key: string, because: readonly string[]): string {
    const mark = this.mark(key, because);
    this.#full.add(mark);
    return mark;
  }

  /** Whether a text may be empty, whatever its unknown parts are. */
  canBeEmpty(text: string): boolean {
    return text === "" || (isAllMarks(text) && !Array.from(text).some((mark) => this.#full.has(mark)));
  }

  /** The text for people, with unknown parts in angle quotes. */
  plain(text: string): string {
    return renderText(this.open(text));
  }

  #add(part: TextPart): string {
    if (this.#parts.length >= mostMarks - 1) return String.fromCharCode(firstMark + mostMarks - 1);
    this.#parts.push(part);
    return String.fromCharCode(firstMark + this.#parts.length - 1);
  }

  #partOf(mark: string): TextPart {
    return this.#parts[mark.charCodeAt(0) - firstMark] ?? { because: ["more unknown parts than are kept apart"] };
  }

  /** A character of that area in a workflow is not one of ours. */
  #withoutMarks(text: string): string {
    return text.replaceAll(marks, () => this.#add({ because: ["a private-use character"] }));
  }
}

/** Whether a text has an unknown part. */
export function hasMark(text: string): boolean {
  return text.search(marks) >= 0;
}

/** Whether all of a text is unknown parts, so that it may be empty. */
export function isAllMarks(text: string): boolean {
  return /^[\uE000-\uF8FF]+$/.test(text);
}
