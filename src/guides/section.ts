import { createHash } from "node:crypto";

/** A part of a file that is made again and again; everything outside of it is a person's. */
export interface Section {
  readonly name: string;
  readonly text: string;
}

/** Why a file's markers cannot be told: which line, counted from 1. */
export interface MarkerFault {
  readonly line: number;
  readonly message: string;
}

/**
 * The text with this section in its place: between its markers, where they are, else below everything. `before`: null where there
 * is no file yet; `heading`: what a new file begins with.
 */
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

/** Whether the section is as it was written, was changed by a person since, or is not there. */
export function whoWroteSection(text: string, name: string): "generated" | "edited" | "absent" {
  const found = findSection(text, name);
  if (found.kind !== "there") return "absent";
  const lines = text.slice(found.start, found.end).replaceAll("\r\n", "\n").split("\n").slice(1, -1);
  const [first = "", ...rest] = lines;
  return first === digestLine(rest.join("\n")) ? "generated" : "edited";
}

/** What is wrong with the markers of a section; undefined: they are whole, or there are none. */
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

/** Tells a later run whether a person changed what is between the markers. */
function digestLine(text: string): string {
  const digest = createHash("sha256").update(text.trimEnd()).digest("hex").slice(0, 16);
  return `<!-- slipway:sha256:${digest} -->`;
}
