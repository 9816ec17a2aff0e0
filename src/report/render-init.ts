import type { InitDocument } from "../model/documents.ts";
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
    ...list("note", notes, style.yellow, style),
    "",
    `${style.bold("files")} (jobs: ${document.layout})`,
    renderTable(written, style, { indent: 2 }),
    ...diffs(document, style, options.diff),
  ].join("\n");
}

/** Changes of lines are few, and always shown. */
function renderInPlace(document: InitDocument, style: Style): string {
  const { publishers, events, notes } = document;
  const rows = publishers.map(({ file, line, column, how, becomes, because }): Cell[] => [
    { text: `${file}:${line}:${column}`, paint: style.bold },
    how,
    becomes === "reusing"
      ? { text: "reuses what is unchanged", paint: style.green }
      : { text: because === null ? "builds nothing" : `stays as it is: ${because}`, paint: style.yellow },
  ]);
  const table = events.map(({ event, after }): Cell[] => [event, { text: after.join(" "), paint: style.dim }]);
  return [
    style.bold("publishes images"),
    renderTable(rows, style, { indent: 2 }),
    ...diffs(document, style, true),
    ...(table.length === 0
      ? []
      : ["", style.bold("published on each event, as before"), renderTable(table, style, { indent: 2 })]),
    ...list("note", notes, style.yellow, style),
  ].join("\n");
}

function list(title: string, lines: readonly string[], paint: (text: string) => string, style: Style): string[] {
  return lines.length === 0 ? [] : ["", style.bold(title), ...lines.map((line) => `  ${paint(line)}`)];
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
