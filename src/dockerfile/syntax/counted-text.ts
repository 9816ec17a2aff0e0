import { trimEndOf } from "../../formats/trim.ts";
import type { BuildReads, Dockerfile, Stage } from "./dockerfile.ts";

/** Base of a stage that does not count. No image can have this name: RFC 6761, section 6.4, "invalid". */
export const uncountedBase = "slipway.invalid/not-counted";

/** A parsed Dockerfile with its bytes. */
export interface DockerfileText {
  readonly dockerfile: Dockerfile;
  readonly bytes: Uint8Array;
  /** Reference `name@sha256:…` of the frontend that a `# syntax=` line names; undefined: the line is kept. */
  readonly frontend: string | undefined;
}

/**
 * Renders the Dockerfile that BuildKit gets. Directives and counted lines keep their bytes and line numbers; all other lines are blank. An
 * uncounted stage keeps a `FROM` with a base that does not exist: later stages keep their numbers, and a build that does need the stage
 * fails.
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
    // BuildKit's checks report a blank line within an instruction, but not a comment.
    if (kept.has(number)) return layout.innerComments.has(number) ? withText(line, "#") : line;
    const stage = others.get(number);
    return withText(line, stage === undefined ? "" : emptyStage(stage, line));
  };
}

/** The `FROM` of an uncounted stage. Keywords keep their case, because BuildKit's checks want one case in the whole file. */
function emptyStage({ name, column }: Stage, line: Buffer): string {
  const text = line.toString("utf8").replace(/^\uFEFF/, "");
  const from = /^from/i.exec(text.slice(column - 1))?.[0] ?? "FROM";
  const as = from === from.toLowerCase() ? "as" : "AS";
  return `${from} ${uncountedBase}${name === undefined ? "" : ` ${as} ${name}`}`;
}

/** Replaces a line's text and keeps its line end. */
function withText(line: Buffer, text: string): Buffer {
  const before = line.toString("latin1");
  return Buffer.from(text + before.slice(trimEndOf(trimEndOf(before, "\n"), "\r").length));
}

/**
 * Pins the frontend in the `# syntax=` line. Searches only the directives at the top, because such a line further down may be part of a
 * here-document.
 */
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
