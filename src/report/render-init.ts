import type { InitDocument } from "../model/init-document.ts";
import { type EventImages, renderEvents, wrapItems } from "./render-events.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** For `slipway init`: the discovered services, the files to write, and the diffs of existing ones. */
export function renderInit(document: InitDocument, style: Style, options: { readonly diff: boolean }): string {
  if (document.layout === null) return renderInPlace(document, style);
  const { services, files, workflows, releaserc, notes, notCarried, replaced } = document;
  const rows = services.map((service): Cell[] => [
    { text: service.service, paint: style.bold },
    service.dockerfile,
    service.platforms.join(" "),
    service.images.join(" "),
    { text: [...service.tags.version, ...service.tags.branch].join(" "), paint: style.dim },
  ]);
  const written = files.map(({ path, change, written: by }): Cell[] => [
    { text: change, paint: change === "remove" ? style.red : change === "same" ? style.dim : style.green },
    path,
    {
      text:
        by === "edited"
          ? "changed by hand since; see the diff"
          : by === "foreign" && change === "change"
            ? "not made by Slipway; see the diff"
            : "",
      paint: style.yellow,
    },
  ]);
  return [
    `${style.bold("found")} (${document.source})`,
    renderTable(rows, style, { indent: 2, head: ["SERVICE", "DOCKERFILE", "PLATFORMS", "IMAGES", "TAGS"] }),
    ...workflows.map(
      ({ file, becomes, images }) => `  ${file} builds ${images.join(", ") || "the bake file's targets"}: ${becomes}`,
    ),
    ...(releaserc === null ? [] : [`  ${releaserc} makes versions: its job can call this workflow`]),
    ...list(
      "left out by --force",
      notCarried.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      style.red,
      style,
    ),
    ...list("done in Slipway's own way", replaced, style.dim, style),
    ...renderEventTable(document, style),
    ...list("note", notes, style.yellow, style),
    "",
    `${style.bold("files")} (jobs: ${document.layout})`,
    renderTable(written, style, { indent: 2 }),
    ...diffs(document, style, options.diff),
  ].join("\n");
}

/** Changes of lines are few, and always shown. */
function renderInPlace(document: InitDocument, style: Style): string {
  const { publishers, notes } = document;
  const rows = publishers.map(({ file, line, column, how, becomes, because }): Cell[] => [
    { text: `${file}:${line}:${column}`, paint: style.bold },
    how,
    becomes === "reusing"
      ? { text: "reuses what is unchanged", paint: style.green }
      : { text: because === null ? "builds nothing" : `stays as it is: ${because}`, paint: style.yellow },
  ]);
  return [
    style.bold("publishes images"),
    renderTable(rows, style, { indent: 2 }),
    ...list(
      "never reused as it is",
      publishers.flatMap(({ file, line, never }) => never.map((because) => `${file}:${line}: ${because}`)),
      style.yellow,
      style,
    ),
    ...diffs(document, style, true),
    ...renderEventTable(document, style),
    ...list("note", notes, style.yellow, style),
  ].join("\n");
}

/** Renders the table of events; images of one side only are marked. */
function renderEventTable({ events }: InitDocument, style: Style): string[] {
  if (events.length === 0) return [];
  const isSame = events.every(({ before, after }) => before.join(" ") === after.join(" "));
  const rows = events.map(({ event, before, after }): EventImages => {
    const [mine, theirs] = [new Set(before), new Set(after)];
    const kept = before.filter((each) => theirs.has(each)).map(readReference);
    const lost = before
      .filter((each) => !theirs.has(each))
      .map((each) => ({ ...readReference(each), mark: "-" as const }));
    const added = after
      .filter((each) => !mine.has(each))
      .map((each) => ({ ...readReference(each), mark: "+" as const }));
    return { event, images: [...kept, ...lost, ...added] };
  });
  const title = isSame ? "published on each event, as before" : "published on each event (- no more, + new)";
  return ["", style.bold(title), ...renderEvents(rows, style, 2)];
}

/** Reads a reference as the document has it: `acme/api:1 if a and b`. */
function readReference(text: string): { readonly reference: string; readonly perhaps: readonly string[] } {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "‹") depth += 1;
    else if (character === "›") depth -= 1;
    else if (depth === 0 && text.startsWith(" if ", at))
      return { reference: text.slice(0, at), perhaps: [text.slice(at + 4)] };
  }
  return { reference: text, perhaps: [] };
}

function list(title: string, lines: readonly string[], paint: (text: string) => string, style: Style): string[] {
  if (lines.length === 0) return [];
  const wrapped = lines.flatMap((line) =>
    wrapItems(line.split(" "), { style, indent: 2, separator: " ", hanging: 2 }).map(paint),
  );
  return ["", style.bold(title), ...wrapped];
}

/** Renders diffs. Files with edits by a person are always shown before they are overwritten. */
function diffs({ files }: InitDocument, style: Style, all: boolean): string[] {
  const shown = files.filter(
    ({ diff, change, written }) => diff !== "" && (all || (change === "change" && written !== "generated")),
  );
  return shown.flatMap(({ diff }) => [
    "",
    ...diff
      .trimEnd()
      .split("\n")
      .map((line) => paintLine(line, style)),
  ]);
}

function paintLine(line: string, style: Style): string {
  if (line.startsWith("+")) return style.green(line);
  if (line.startsWith("-")) return style.red(line);
  return line.startsWith("@@") ? style.cyan(line) : line;
}
