import type { Event } from "../event.ts";
import { mapTexts, printable, printableLines } from "../formats/plain-text.ts";
import { cleanLine, cleanLines } from "../formats/terminal-text.ts";

/** Fields with output of builds and programs. All others are names, which stay the same in every event. */
const written = new Set(["line", "log", "message", "because", "hint", "name"]);

/**
 * Makes an event's texts safe to show: one line each, without control characters. Output of builds and programs loses its colours; reasons
 * of failures keep their lines.
 */
export function plainEvent(event: Event): Event {
  const texts = writtenBy(event);
  return mapTexts(event, (text, field) => (written.has(field) ? texts(text) : printable(text)));
}

function writtenBy(event: Event): (text: string) => string {
  switch (event.kind) {
    case "service-ended":
      return event.outcome.kind === "failed" ? cleanLines : cleanLine;
    case "warning":
    case "notice":
    case "waiting":
    case "vertex":
    case "log":
    case "cache":
    case "tag":
    case "github-release":
      return cleanLine;
    case "phase":
    case "planned":
    case "decided":
    case "solve-started":
    case "solve-ended":
    case "committed":
    case "summary":
      return printable;
  }
}

/** Fields that hold whole files. */
const files = new Set(["diff", "text"]);

/** Makes a command's result safe for its renderer; files and their differences keep their lines. */
export function plainResult<T>(result: T): T {
  return mapTexts(result, (text, field) => (files.has(field) ? printableLines(text) : printable(text)));
}
