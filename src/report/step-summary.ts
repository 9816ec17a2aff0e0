import type { Event } from "../event.ts";
import { codeBlock, codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import type { Step } from "../model/plan.ts";
import { explainStep } from "../plan/explain.ts";
import { renderCount, renderDuration } from "../model/units.ts";
import { cleanLine } from "../formats/terminal-text.ts";
import { plainEvent } from "./plain-values.ts";
import { applyEvent, type Board, cachedShare, makeBoard, type ServiceEntry } from "./board.ts";
import { renderCacheTables } from "./cache-summary.ts";

/** The state behind a step's summary. */
export interface SummaryFacts {
  readonly board: Board;
}

/** Collects events for the summary. */
export function makeSummaryFacts(now: () => number): SummaryFacts & { readonly emit: (event: Event) => void } {
  const board = makeBoard(now());
  return { board, emit: (event) => applyEvent(board, plainEvent(event), now()) };
}

/** Parts of the summary beside the events. */
export interface SummaryRequest {
  /** `Slipway: plan`, `Slipway: api linux/amd64`. */
  readonly title: string;
  /** The first sentence: whether this run releases, and why. */
  readonly lead: string;
  /** Further Markdown, such as a release's notes. It goes first when there is no room. */
  readonly more: readonly string[];
  /** The error that ended the run. */
  readonly fault: string | undefined;
}

/** GitHub's limit for one step. */
const mostBytes = 1024 * 1024;
/** Room for the note that something was left out. */
const spareBytes = 1024;
const shownLogLines = 40;

/** Renders a step's summary as GitHub's Markdown: the plan with its reasons, the result of each service, faults, and further parts. */
export function renderStepSummary({ board }: SummaryFacts, request: SummaryRequest): string {
  const services = [...board.services.values()];
  const blocks = [
    `## ${escapeMarkdown(request.title)}`,
    ...(request.lead === "" ? [] : [escapeMarkdown(request.lead)]),
    ...(request.fault === undefined ? [] : [renderFault(request.fault)]),
    ...renderPlanTable(services),
    ...renderResultTable(services),
    ...services.flatMap(renderFailedService),
    ...renderCacheTables(board),
    ...request.more,
  ];
  return joinWithin(blocks, mostBytes - spareBytes);
}

function renderFault(fault: string): string {
  const lines = fault.split("\n").map((line) => `> ${escapeMarkdown(cleanLine(line))}`);
  return ["> [!CAUTION]", ...lines.flatMap((line, at) => (at === 0 ? [line] : [">", line]))].join("\n");
}

function renderPlanTable(services: readonly ServiceEntry[]): string[] {
  const planned = services.flatMap(({ step }) => step ?? []);
  if (planned.length === 0) return [];
  const count = (kind: Step["kind"]): number => planned.filter((step) => step.kind === kind).length;
  const pending = count("pending") === 0 ? "" : `, ${count("pending")} decided when what they need is done`;
  const left = count("not-planned") === 0 ? "" : `, ${count("not-planned")} not planned`;
  const head = [{ title: "Service" }, { title: "Plan" }, { title: "Why" }];
  const rows = planned.map((step) => [
    `**${escapeMarkdown(step.service)}**`,
    { build: "build", reuse: "reuse", pending: "wait", "not-planned": "not planned" }[step.kind],
    escapeMarkdown(explainStep(step)),
  ]);
  const counted = `${renderCount(planned.length, "service")}: ${count("build")} to build, ${count("reuse")} to reuse${pending}${left}`;
  return [counted, renderMarkdownTable(head, rows)];
}

function renderResultTable(services: readonly ServiceEntry[]): string[] {
  const ended = services.filter(({ outcome }) => outcome !== undefined);
  if (ended.length === 0) return [];
  const head = [
    { title: "Service" },
    { title: "Result" },
    { title: "Digest" },
    { title: "Time", right: true },
    { title: "Cached", right: true },
  ];
  return ["### Results", renderMarkdownTable(head, ended.map(resultRow))];
}

function resultRow(entry: ServiceEntry): string[] {
  const { service, outcome } = entry;
  const share = cachedShare(entry);
  const cached = share === undefined ? "" : `${share.cached}/${share.total}`;
  const row = (result: string, digest: string, time: string): string[] => [
    `**${escapeMarkdown(service)}**`,
    result,
    digest,
    time,
    cached,
  ];
  switch (outcome?.kind) {
    case "built":
      return row(
        outcome.kept ? "built, same content as published" : "built",
        outcome.digest === null ? "not published" : codeSpan(outcome.digest),
        renderDuration(outcome.seconds),
      );
    case "reused":
      return row("reused", codeSpan(outcome.digest), "");
    case "failed":
      return row("❌ failed", "", renderDuration(outcome.seconds));
    case "cancelled":
      return row(`cancelled: ${escapeMarkdown(outcome.because)}`, "", "");
    case undefined:
      return row("", "", "");
  }
}

/** Renders why a service failed, with the end of its log folded. */
function renderFailedService({ service, outcome }: ServiceEntry): string[] {
  if (outcome?.kind !== "failed") return [];
  const hint = outcome.hint === undefined ? [] : [`hint: ${outcome.hint}`];
  const why = [...outcome.because.split("\n"), ...hint].map(escapeMarkdown);
  const log = outcome.log.slice(-shownLogLines);
  const head = `❌ **${escapeMarkdown(service)}** failed: ${why.join("<br>")}`;
  if (log.length === 0) return [head];
  return [`${head}\n\n<details><summary>The end of its log</summary>\n\n${codeBlock(log, "text")}\n\n</details>`];
}

/** Joins the blocks that fit, with a note on the others. */
function joinWithin(blocks: readonly string[], most: number): string {
  let bytes = 0;
  const kept = blocks.filter((block) => {
    bytes += Buffer.byteLength(block) + 2;
    return bytes <= most;
  });
  const left = blocks.length - kept.length;
  const cut =
    left === 0 ? [] : [`_${renderCount(left, "part")} left out: a summary has at most 1 MiB. The log has everything._`];
  return `${[...kept, ...cut].join("\n\n")}\n\n`;
}
