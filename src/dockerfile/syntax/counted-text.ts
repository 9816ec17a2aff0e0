import { trimEndOf } from "../../formats/trim.ts";
import type { BuildReads, Dockerfile, Stage } from "./dockerfile.ts";

/** The base of a stage that does not count. Nothing has this name: RFC 6761, section 6.4, "invalid". */
export const uncountedBase = "slipway.invalid/not-counted";

/** A Dockerfile as it was read. */
export interface DockerfileText {
  readonly dockerfile: Dockerfile;
  readonly bytes: Uint8Array;
  /** `name@sha256:…` of the frontend that a `# syntax=` line names; undefined: the line stays as it is. */
  readonly frontend: string | undefined;
}

/**
 * The Dockerfile as BuildKit is handed it: directives and what counts, byte for byte and on its own lines; every other line is
 * blank. A stage that does not count keeps a `FROM` with a base that does not exist, so that the stages after it keep their
 * numbers, and a build that needs it after all fails.
 */
export function renderCountedText(text: DockerfileText, counted: BuildReads["countedLines"]): Uint8Array {
  const { bytes, frontend } = text;
  const lines = splitLines(bytes);
  const kept = counted === "all" ? lines : lines.map(keeper(text.dockerfile, counted));
  return Buffer.concat(frontend === undefined ? kept : withFrontend(kept, frontend));
}

type Keep = (line: Buffer, index: number) => Buffer;

function keeper({ layout, stages }: Dockerfile, counted: ReadonlySet<number>): Keep {
  const kept = new Set(layout.directives);
  for (const first of counted) {
    for (let line = first; line <= (layout.lastLines.get(first) ?? first); line += 1) kept.add(line);
  }
  const others = new Map(stages.filter(({ line }) => !counted.has(line)).map((stage) => [stage.line, stage]));
  return (line, index) => {
    const number = index + 1;
    // A blank line within an instruction is a fault to BuildKit's checks; a comment is none.
    if (kept.has(number)) return layout.innerComments.has(number) ? withText(line, "#") : line;
    const stage = others.get(number);
    return withText(line, stage === undefined ? "" : emptyStage(stage, line));
  };
}

/** Keywords are written as they were: BuildKit's checks want one case in all of a file. */
function emptyStage({ name, column }: Stage, line: Buffer): string {
  const text = line.toString("utf8").replace(/^\uFEFF/, "");
  const from = /^from/i.exec(text.slice(column - 1))?.[0] ?? "FROM";
  const as = from === from.toLowerCase() ? "as" : "AS";
  return `${from} ${uncountedBase}${name === undefined ? "" : ` ${as} ${name}`}`;
}

/** Another text with the same line end. */
function withText(line: Buffer, text: string): Buffer {
  const before = line.toString("latin1");
  return Buffer.from(text + before.slice(trimEndOf(trimEndOf(before, "\n"), "\r").length));
}

/** Only the lines at the top are looked at: further down, such a line may be content of a here-document. */
function withFrontend(lines: readonly Buffer[], pin: string): Buffer[] {
  const syntax = /^((?:#|\/\/)[\t ]*syntax[\t ]*=[\t ]*)\S+/i;
  const directive = /^(?:#|\/\/)[\t ]*[a-z][a-z0-9]*[\t ]*=/i;
  for (const [index, line] of lines.entries()) {
    const text = line.toString("utf8").replace(/^\uFEFF/, "");
    if (syntax.test(text)) {
      return lines.with(index, Buffer.from(text.replace(syntax, (_whole, start: string) => `${start}${pin}`)));
    }
    const isFirst = index === 0 && text.startsWith("#!");
    if (!isFirst && !directive.test(text)) break;
  }
  return [...lines];
}

function splitLines(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes);
  const lines: Buffer[] = [];
  for (let at = 0; at < all.length;) {
    const end = all.indexOf("\n", at);
    const next = end < 0 ? all.length : end + 1;
    lines.push(all.subarray(at, next));
    at = next;
  }
  return lines;
}
