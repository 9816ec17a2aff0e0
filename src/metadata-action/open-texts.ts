import { asTextValue, type Evaluated, makeText, renderText, type TextPart } from "../expressions/evaluated.ts";

/** Marks: private-use characters of Unicode that stand for unknown parts while a text is processed. */
const firstMark = 0xe000;
const mostMarks = 6400;
const marks = /[\uE000-\uF8FF]/g;

/** Replaces the unknown parts of texts by marks, so that functions for texts can process them. One mark always stands for one part. */
export class OpenTexts {
  readonly #parts: TextPart[] = [];
  readonly #made = new Map<string, string>();
  readonly #full = new Set<string>();

  /** Converts a value to text, with a mark for each unknown part. */
  close(value: Evaluated): string {
    const text = asTextValue(value);
    if (text.kind === "value") return this.#withoutMarks(String(text.value ?? ""));
    return text.parts.map((part) => (typeof part === "string" ? this.#withoutMarks(part) : this.#add(part))).join("");
  }

  /** Converts a text with marks to a value with unknown parts. */
  open(text: string): Evaluated {
    const parts: TextPart[] = [];
    let from = 0;
    for (const { 0: mark, index } of text.matchAll(marks)) {
      parts.push(text.slice(from, index), this.#partOf(mark));
      from = index + 1;
    }
    return makeText([...parts, text.slice(from)]);
  }

  /** Returns the reasons why parts of a text are unknown. */
  because(text: string): string[] {
    return [...text.matchAll(marks)].flatMap(([mark]) => {
      const part = this.#partOf(mark);
      return typeof part === "string" ? [] : [...part.because];
    });
  }

  /** Returns the mark for an unknown part with these reasons; the same `key` always gives the same mark. */
  mark(key: string, because: readonly string[]): string {
    const mark = this.#made.get(key) ?? this.#add({ because });
    this.#made.set(key, mark);
    return mark;
  }

  /** Returns the mark for an unknown part that is never empty. */
  markFull(key: string, because: readonly string[]): string {
    const mark = this.mark(key, because);
    this.#full.add(mark);
    return mark;
  }

  /** Whether the text may be empty for some values of its unknown parts. */
  canBeEmpty(text: string): boolean {
    return text === "" || (isAllMarks(text) && !Array.from(text).some((mark) => this.#full.has(mark)));
  }

  /** Renders a text for people, with unknown parts as `‹name›`. */
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

  /** Replaces private-use characters of the workflow itself, which are not marks. */
  #withoutMarks(text: string): string {
    return text.replaceAll(marks, () => this.#add({ because: ["a private-use character"] }));
  }
}

/** Whether a text has unknown parts. */
export function hasMark(text: string): boolean {
  return text.search(marks) >= 0;
}

/** Whether a text consists of unknown parts only, and may therefore be empty. */
export function isAllMarks(text: string): boolean {
  return /^[\uE000-\uF8FF]+$/.test(text);
}
