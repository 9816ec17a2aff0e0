import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { errorMessage, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import { printable, renderJson } from "../formats/plain-text.ts";
import { terminalText } from "../formats/terminal-text.ts";
import type { Host } from "../host.ts";

/** Where events are written; `close` when all are told. */
export interface EventFile {
  readonly emit: Emit;
  close(): Promise<void>;
}

/**
 * Writes every event as one JSON object a line, with `at` (ISO 8601) first. A line is one write to a file opened for
 * appending, so whoever kills the program leaves whole lines. Throws `usage` when the file cannot be made; a disk that
 * fills up later is told once on standard error and never stops a release.
 */
export function makeEventFile(path: string, host: Host): EventFile {
  const file = openFile(path);
  let open = true;
  return {
    emit: (event) => {
      if (!open) return;
      try {
        writeWhole(file, `${renderJson({ at: host.now(), ...event })}\n`);
      } catch (error) {
        open = false;
        closeSync(file);
        const line = `warning: writing events to ${JSON.stringify(path)}: ${printable(errorMessage(error))}; no more are written\n`;
        host.stderr.write(terminalText(line));
      }
    },
    close: () => {
      if (open) closeSync(file);
      open = false;
      return Promise.resolve();
    },
  };
}

function openFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Emptied first, then appended to: what other writers add is not overwritten.
    closeSync(openSync(path, "w"));
    return openSync(path, "a");
  } catch (error) {
    throw new SlipwayError("option-invalid", `opening the events file "${path}": ${errorMessage(error)}`, {
      cause: error,
      hint: "give --events a path that can be written",
    });
  }
}

/** A write may take fewer bytes than it was given (a pipe, a full disk). */
function writeWhole(file: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
