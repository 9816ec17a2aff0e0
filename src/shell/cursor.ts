import type { Redirection } from "./script.ts";

/** Here-document that a line has announced; its text follows after the line. */
interface AwaitedText {
  readonly delimiter: string;
  /** Whether tabs at the start of its lines and of its end are removed (`<<-`). */
  readonly stripsTabs: boolean;
  readonly take: (body: string) => void;
}

/** Position of the parser in a script. */
export interface ScriptCursor {
  readonly text: string;
  at: number;
  readonly awaited: AwaitedText[];
  /** Depth of nested constructs and substitutions. */
  depth: number;
}

/** Limit of nesting: the parser calls itself at each level. */
export const deepestScript = 60;

export function makeCursor(text: string): ScriptCursor {
  return { text, at: 0, awaited: [], depth: 0 };
}

export function isAtEnd({ text, at }: ScriptCursor): boolean {
  return at >= text.length;
}

export function startsWith({ text, at }: ScriptCursor, expected: string): boolean {
  return text.startsWith(expected, at);
}

/** Skips blanks, continued lines and a comment; stops before the line's end. */
export function skipBlanks(cursor: ScriptCursor): void {
  for (; !isAtEnd(cursor); cursor.at += 1) {
    const character = cursor.text.charAt(cursor.at);
    if (character === "\\" && startsWith(cursor, "\\\n")) cursor.at += 1;
    else if (character === "#" && isWordStart(cursor)) {
      const end = cursor.text.indexOf("\n", cursor.at);
      cursor.at = end < 0 ? cursor.text.length : end;
      return;
    } else if (character !== " " && character !== "\t" && character !== "\r") return;
  }
}

function isWordStart({ text, at }: ScriptCursor): boolean {
  return at === 0 || /[\s;&|()]/.test(text.charAt(at - 1));
}

/** Skips a line's end and the here-documents that begin there. */
function takeLineEnd(cursor: ScriptCursor): void {
  cursor.at += 1;
  for (const { delimiter, stripsTabs, take } of cursor.awaited.splice(0)) {
    const lines: string[] = [];
    while (!isAtEnd(cursor)) {
      const end = cursor.text.indexOf("\n", cursor.at);
      const line = cursor.text.slice(cursor.at, end < 0 ? undefined : end);
      cursor.at = end < 0 ? cursor.text.length : end + 1;
      const plain = stripsTabs ? line.replace(/^\t+/, "") : line;
      if (plain.trimEnd() === delimiter) break;
      lines.push(plain);
    }
    take(lines.map((line) => `${line}\n`).join(""));
  }
}

/** Skips blanks, line ends and comments. */
export function skipLines(cursor: ScriptCursor): void {
  for (;;) {
    skipBlanks(cursor);
    if (!startsWith(cursor, "\n")) return;
    takeLineEnd(cursor);
  }
}

/** Registers a here-document; its body is set when the line has ended. */
export function awaitText(
  cursor: ScriptCursor,
  redirection: { -readonly [K in keyof Redirection]: Redirection[K] },
): void {
  const delimiter = redirection.target.parts.map((part) => (part.kind === "text" ? part.text : part.raw)).join("");
  cursor.awaited.push({
    delimiter,
    stripsTabs: redirection.operator === "<<-",
    take: (body) => void (redirection.body = body),
  });
}
