import { escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import { renderCount, renderDuration } from "../model/units.ts";
import type { BuildNote } from "../plugin/build-note.ts";

/** What the summary of a job's scripts shows. */
export interface ScriptSummary {
  readonly notes: readonly BuildNote[];
  /** A sentence each: what did not go through Slipway, and what to do. */
  readonly uncovered: readonly string[];
  /** Tags whose pushes were recorded, so that a later run may reuse them. */
  readonly recorded: readonly string[];
  /** References that were not recorded, and why. */
  readonly unrecorded: readonly string[];
}

const outcomes: Readonly<Record<BuildNote["outcome"], string>> = {
  built: "built",
  reused: "reused",
  passed: "built plainly",
  failed: "failed",
};

/** Renders what became of the builds of a job's scripts, as GitHub's Markdown; empty where there is nothing to say. */
export function renderScriptSummary({ notes, uncovered, recorded, unrecorded }: ScriptSummary): string {
  const spoiled = [...new Set(notes.flatMap(({ spoiledBy }) => spoiledBy))];
  const remarks = [
    ...uncovered,
    ...unrecorded,
    ...spoiled.map((arg) => `the build arg ${arg} differs in every run, so that nothing is reused: name it in "stamp"`),
  ];
  if (notes.length === 0 && remarks.length === 0) return "";
  const blocks = [
    "## Slipway: builds of this job",
    ...(notes.length === 0 ? [] : [renderCounts(notes), renderNotes(notes)]),
    ...(recorded.length === 0
      ? []
      : [`Pushed and recorded for later runs: ${recorded.map(escapeMarkdown).join(", ")}`]),
    ...(remarks.length === 0 ? [] : [remarks.map((remark) => `- ${escapeMarkdown(remark)}`).join("\n")]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function renderCounts(notes: readonly BuildNote[]): string {
  const reused = notes.filter(({ outcome }) => outcome === "reused");
  const saved = reused.reduce((sum, { savedSeconds }) => sum + (savedSeconds ?? 0), 0);
  const time = saved === 0 ? "" : `, which saved ${renderDuration(saved)}`;
  return `${renderCount(notes.length, "build")}, ${reused.length} reused${time}`;
}

function renderNotes(notes: readonly BuildNote[]): string {
  const head = [{ title: "Image" }, { title: "" }, { title: "Why" }, { title: "Saved", right: true }];
  const rows = notes.map(({ name, outcome, because, savedSeconds }) => [
    escapeMarkdown(name),
    outcomes[outcome],
    escapeMarkdown(because),
    savedSeconds === null ? "" : renderDuration(savedSeconds),
  ]);
  return renderMarkdownTable(head, rows);
}
