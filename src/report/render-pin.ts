import type { PinDocument } from "../model/pin-document.ts";
import { renderCount } from "../model/units.ts";
import type { Style } from "./style.ts";

/** Renders the pinned file as it is to be, or what was written; of an artifact, what it has and how Flux takes it. */
export function renderPin(document: PinDocument, style: Style): string {
  const { release, state, file, text, services, left, artifact } = document;
  const what = `${renderCount(services.length, "service")} of ${release}`;
  if (artifact !== null) {
    const { reference, digest, files } = artifact;
    const done = { pushed: "pushed", there: "already there", printed: "would push", written: "", same: "" }[state];
    const head = `${style.bold(done)}: ${reference}${digest === null ? "" : `@${digest}`}, ${renderCount(files.length, "file")}, ${what}`;
    return [head, ...files.map((path) => `  ${path}`), "", text.trimEnd()].join("\n");
  }
  // The text may go to a file: what is said of it is a comment there.
  if (state === "printed") return [...left.map((each) => `# not pinned: ${each}`), text.trimEnd()].join("\n");
  const notes = left.map((each) => `${style.yellow("not pinned:")} ${each}`);
  const done = state === "written" ? "pinned" : "pinned already";
  return [`${style.bold(done)}: ${what} in ${file ?? ""}`, ...notes].join("\n");
}
