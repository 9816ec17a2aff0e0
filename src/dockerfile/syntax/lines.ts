import type { Diagnostic } from "../../errors.ts";
import { asText, fieldsOf, parseJson } from "../../formats/json.ts";
import type { LineLayout } from "./dockerfile.ts";
import { heredocsOfLine, type HeredocStart } from "../stages/expand.ts";
import { trimEnd, trimLeadingSpace, trimSpace } from "./go-text.ts";
import { parseJsonForm, splitLine, type SplitLine } from "./words.ts";

interface Heredoc extends HeredocStart {
  /** Lines between start and end, unchanged. */
  readonly content: string;
}

/** One instruction: its physical lines joined, without the comments and blank lines between them. */
export interface InstructionText extends SplitLine {
  readonly text: string;
  readonly heredocs: readonly Heredoc[];
  /** First line, from 1. */
  readonly line: number;
  readonly column: number;
}

export interface DockerfileLines {
  readonly escape: "\\" | "`";
  readonly instructions: readonly InstructionText[];
  readonly layout: LineLayout;
}

/** Instructions whose arguments may start a here-document. */
const takesHeredocs: ReadonlySet<string> = new Set(["ADD", "COPY", "RUN"]);

const directivePattern = /^[\t\n\v\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\v\f\r ]*=/;
const directiveNames: ReadonlySet<string> = new Set(["syntax", "escape", "check"]);

/** Splits a Dockerfile into instructions, with directives, continuations, comments and here-documents. Adds faults to `faults`. */
export function readLines(text: string, file: string, faults: Diagnostic[]): DockerfileLines {
  return new LineReader(text, file, faults).read();
}

class LineReader {
  private readonly lines: readonly string[];
  private readonly file: string;
  private readonly faults: Diagnostic[];
  private readonly directives = new Set<string>();
  private readonly directiveLines: Set<number>;
  private readonly lastLines = new Map<number, number>();
  private readonly innerComments = new Set<number>();
  private at = 0;
  private inDirectives = true;
  private escape: "\\" | "`" = "\\";

  constructor(text: string, file: string, faults: Diagnostic[]) {
    this.lines = splitLines(text.replace(/^\uFEFF/, ""));
    this.file = file;
    this.faults = faults;
    this.directiveLines = new Set(syntaxLines(this.lines));
  }

  read(): DockerfileLines {
    const instructions: InstructionText[] = [];
    while (this.at < this.lines.length) {
      const instruction = this.readInstruction();
      if (instruction === undefined) continue;
      instructions.push(instruction);
      this.lastLines.set(instruction.line, this.at);
    }
    const { lastLines, innerComments, directiveLines: directives } = this;
    return { escape: this.escape, instructions, layout: { lastLines, innerComments, directives } };
  }

  private readInstruction(): InstructionText | undefined {
    const first = trimNewline(this.lines[this.at] ?? "");
    const line = this.at + 1;
    const column = first.length - trimLeadingSpace(first).length + 1;
    this.at++;
    let part = this.cutContinuation(this.withoutComment(trimLeadingSpace(first)));
    if (!part.continues && part.text === "") return undefined;
    let text = part.text;
    while (part.continues && this.at < this.lines.length) {
      const next = trimNewline(this.lines[this.at] ?? "");
      this.at++;
      const content = this.withoutComment(next);
      if (content === "" && next !== "") this.innerComments.add(this.at);
      if (trimSpace(content) === "") continue;
      part = this.cutContinuation(content);
      text += part.text;
    }
    const split = splitLine(text, this.escape);
    return { ...split, text: trimSpace(text), heredocs: this.readHeredocs(text, split, line, column), line, column };
  }

  /** The line, or an empty string for a comment. A comment at the top may be a directive. */
  private withoutComment(line: string): string {
    if (this.inDirectives) this.readDirective(line);
    return trimLeadingSpace(line).startsWith("#") ? "" : line;
  }

  private readDirective(line: string): void {
    const directive = parseDirective(line, "#");
    if (directive === undefined) {
      this.inDirectives = false;
      return;
    }
    const { name, value } = directive;
    if (this.directives.has(name)) this.fault(this.at, 1, `there can be only one "# ${name}=" line`);
    this.directives.add(name);
    this.directiveLines.add(this.at);
    if (name !== "escape") return;
    if (value === "\\" || value === "`") this.escape = value;
    else this.fault(this.at, 1, `"# escape=${value}" must be a backslash or a backtick`);
  }

  private cutContinuation(line: string): { text: string; continues: boolean } {
    const trimmed = trimEnd(line, (character) => character === " " || character === "\t");
    const isContinued = trimmed.endsWith(this.escape) && trimmed.at(-2) !== this.escape;
    return isContinued ? { text: trimmed.slice(0, -1), continues: true } : { text: line, continues: false };
  }

  private readHeredocs(text: string, split: SplitLine, line: number, column: number): readonly Heredoc[] {
    if (!text.includes("<<") || !mayHoldHeredocs(split, this.escape)) return [];
    return heredocsOfLine(text).map((start) => ({ ...start, content: this.readBody(start, line, column) }));
  }

  private readBody(start: HeredocStart, line: number, column: number): string {
    let content = "";
    while (this.at < this.lines.length) {
      const next = this.lines[this.at] ?? "";
      this.at++;
      const trimmed = trimNewline(next);
      if ((start.chomp ? trimmed.replace(/^\t+/, "") : trimmed) === start.name) return content;
      content += next;
    }
    this.fault(line, column, `the here-document "<<${start.name}" has no line "${start.name}" that ends it`);
    return content;
  }

  private fault(line: number, column: number, message: string): void {
    this.faults.push({ file: this.file, line, column, message });
  }
}

function mayHoldHeredocs(split: SplitLine, escape: string): boolean {
  const keyword = split.keyword.toUpperCase();
  if (keyword === "ONBUILD") return mayHoldHeredocs(splitLine(split.args, escape), escape);
  return takesHeredocs.has(keyword) && parseJsonForm(split.args) === undefined;
}

function trimNewline(line: string): string {
  return trimEnd(line, (character) => character === "\r" || character === "\n");
}

/** The lines of a text with their line ends. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    const next = end < 0 ? text.length : end + 1;
    lines.push(text.slice(at, next));
    at = next;
  }
  return lines;
}

/** Parses `# name=value`. Undefined: the line is not a directive. */
function parseDirective(line: string, mark: string): { name: string; value: string } | undefined {
  if (!line.startsWith(mark)) return undefined;
  const match = directivePattern.exec(line.slice(mark.length));
  const name = (match?.[1] ?? "").toLowerCase();
  if (match === null || !directiveNames.has(name)) return undefined;
  const isBlank = (character: string): boolean => character !== "" && "\t\n\v\f\r ".includes(character);
  const written = trimEnd(line.slice(mark.length + match[0].length), isBlank);
  const value = written.replace(/^[\t\n\v\f\r ]+/, "");
  return value === "" || value.includes("\n") ? undefined : { name, value };
}

/**
 * The frontend that a file names: `# syntax=` or `// syntax=` in its first lines, or the key `syntax` of a JSON file, each after an
 * optional `#!` line. BuildKit passes the whole file to that image.
 */
export function readSyntax(text: string): string | undefined {
  const content = text.replace(/^\uFEFF/, "").replace(/^#![^\n]*(?:\n|$)/, "");
  return readSyntaxComment(content, "#") ?? readSyntaxComment(content, "//") ?? readSyntaxKey(content);
}

/** Line numbers, from 1, of the directives that `readSyntax` reads in a file with `#` comments. */
function syntaxLines(lines: readonly string[]): number[] {
  const start = lines[0]?.startsWith("#!") === true ? 1 : 0;
  const after = lines.findIndex(
    (line, index) => index >= start && parseDirective(trimNewline(line), "#") === undefined,
  );
  return Array.from({ length: after < 0 ? lines.length : after }, (_, index) => index + 1);
}

function readSyntaxComment(content: string, mark: string): string | undefined {
  const seen = new Set<string>();
  for (const line of content.split("\n")) {
    const directive = parseDirective(line, mark);
    if (directive === undefined || seen.has(directive.name)) return undefined;
    seen.add(directive.name);
    if (directive.name === "syntax") return directive.value.split(" ", 1)[0];
  }
  return undefined;
}

function readSyntaxKey(content: string): string | undefined {
  if (!trimLeadingSpace(content).startsWith("{")) return undefined;
  return asText(fieldsOf(parseJson(content))["syntax"]);
}
