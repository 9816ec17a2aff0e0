import { createHash } from "node:crypto";

/** A generated part of a file. The rest belongs to people. */
export interface Section {
  readonly name: string;
  readonly text: string;
}

/** Why a file's markers are invalid, and the line, counted from 1. */
export interface MarkerFault {
  readonly line: number;
  readonly message: string;
}

/** Puts a section into a text: between its markers, or at the end. `before`: null: a new file, which begins with `heading`. */
export function withSection(before: string | null, { name, text }: Section, heading: string): string {
  const block = `${beginOf(name)}\n${digestLine(text)}\n${text.trimEnd()}\n${endOf(name)}`;
  if (before === null) return `${heading}\n\n${block}\n`;
  const newline = before.includes("\r\n") ? "\r\n" : "\n";
  const written = block.replaceAll("\n", newline);
  const found = findSection(before, name);
  if (found.kind === "there") return before.slice(0, found.start) + written + before.slice(found.end);
  const kept = before.trimEnd();
  return kept === "" ? `${heading}\n\n${block}\n` : `${kept}${newline}${newline}${written}${newline}`;
}

/** Whether a section is unchanged, was edited by a person, or is absent. */
export function whoWroteSection(text: string, name: string): "generated" | "edited" | "absent" {
  const found = findSection(text, name);
  if (found.kind !== "there") return "absent";
  const lines = text.slice(found.start, found.end).replaceAll("\r\n", "\n").split("\n").slice(1, -1);
  const [first = "", ...rest] = lines;
  return first === digestLine(rest.join("\n")) ? "generated" : "edited";
}

/** Finds the fault of a section's markers; undefined: they are valid, or there are none. */
export function markerFault(text: string, name: string): MarkerFault | undefined {
  const found = findSection(text, name);
  return found.kind === "fault" ? found : undefined;
}

type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "there"; readonly start: number; readonly end: number }
  | ({ readonly kind: "fault" } & MarkerFault);

function findSection(text: string, name: string): Found {
  const begin = beginOf(name);
  const end = endOf(name);
  const starts = positions(text, begin);
  const ends = positions(text, end);
  const [start] = starts;
  const [stop] = ends;
  const lineAt = (position: number): number => text.slice(0, position).split("\n").length;
  const fault = (position: number, message: string): Found => ({ kind: "fault", line: lineAt(position), message });
  if (start === undefined) {
    return stop === undefined ? { kind: "absent" } : fault(stop, `"${end}" without "${begin}" before it`);
  }
  if (stop === undefined) return fault(start, `"${begin}" without "${end}" after it`);
  const again = starts[1] ?? ends[1];
  if (again !== undefined) return fault(again, `the section "${name}" is there twice`);
  if (stop < start) return fault(stop, `"${end}" comes before "${begin}"`);
  return { kind: "there", start, end: stop + end.length };
}

function positions(text: string, marker: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + marker.length)) found.push(at);
  return found;
}

function beginOf(name: string): string {
  return `<!-- slipway:begin ${name} -->`;
}

function endOf(name: string): string {
  return `<!-- slipway:end ${name} -->`;
}

/** The line by which a later run detects edits between the markers. */
function digestLine(text: string): string {
  const digest = createHash("sha256").update(text.trimEnd()).digest("hex").slice(0, 16);
  return `<!-- slipway:sha256:${digest} -->`;
}
