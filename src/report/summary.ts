import { renderBytes, renderCount, renderDuration } from "../model/units.ts";
import { type Board, failedInstructions, type ServiceEntry, type SummaryEvent, type TagEvent } from "./board.ts";
import { renderCacheLines } from "./cache-summary.ts";
import { explainGitHubRelease } from "./github-release.ts";
import type { Style } from "./style.ts";
import { shortDigest } from "./text.ts";

/** Lines of a build's log that are shown when it fails. */
const shownLogLines = 20;

/** Renders why one service failed: the instruction, the reason, and the last lines of its log. Empty for others. */
export function renderFailure(entry: ServiceEntry, style: Style): string[] {
  const { outcome } = entry;
  if (outcome?.kind !== "failed") return [];
  const instructions = failedInstructions(entry);
  const because = outcome.because.split("\n");
  // The reason names the instruction unless it came from elsewhere.
  const isNamed = instructions.some((instruction) => outcome.because.includes(instruction));
  const says = isNamed ? [] : instructions.slice(0, 1).map((instruction) => `  ${instruction}`);
  const log = outcome.log.slice(-shownLogLines).map((line) => style.dim(`  | ${line}`.trimEnd()));
  return [
    `${style.red(style.glyphs.failed)} ${style.bold(entry.service)} failed after ${renderDuration(outcome.seconds)}`,
    ...says,
    ...because.map((line) => `  ${line}`),
    ...(outcome.hint === undefined ? [] : [`  ${style.bold("hint:")} ${outcome.hint}`]),
    ...log,
  ];
}

/** Renders the result of a run: built, reused and failed services, seconds, bytes, and the tags. */
export function renderSummary(board: Board, style: Style): string[] {
  const { summary } = board;
  return [
    ...renderCommit(board, style),
    ...renderTags(board.tags, style),
    ...(board.githubRelease === undefined ? [] : [explainGitHubRelease(board.githubRelease)]),
    ...(summary === undefined ? [] : renderTotals(summary, style)),
    ...renderCacheLines(board).map(style.dim),
  ];
}

function renderCommit({ committed }: Board, style: Style): string[] {
  if (committed === undefined) return [];
  const already = committed.already ? ", which was there already" : "";
  return [`committed ${style.bold(committed.release)} ${style.dim(shortDigest(committed.digest))}${already}`];
}

const tagWords: readonly (readonly [state: TagEvent["state"], word: string])[] = [
  ["created", "created"],
  ["moved", "moved"],
  ["already", "already there:"],
  ["stays", "left alone:"],
  ["failed", "failed:"],
];

/** The most tag names in a line; beyond it, their number. */
const namedTags = 6;

/** `tags: created 1.2.0; moved 1.2, latest (4 images)`; below it those that stay or failed, each with the reason. */
function renderTags(tags: readonly TagEvent[], style: Style): string[] {
  if (tags.length === 0) return [];
  const parts = tagWords.flatMap(([state, word]) => {
    const names = new Set(tags.filter((tag) => tag.state === state).map(({ tag }) => tag));
    if (names.size === 0) return [];
    return [`${word} ${names.size > namedTags ? `${names.size} names` : [...names].join(", ")}`];
  });
  const images = new Set(tags.map(({ image }) => image)).size;
  const told = tags.filter(({ state }) => state === "stays" || state === "failed");
  return [
    `tags: ${parts.join("; ")} ${style.dim(`(${renderCount(images, "image")})`)}`,
    ...told.map((tag) => `  ${renderTagFault(tag, style)}`),
  ];
}

function renderTagFault(tag: TagEvent, style: Style): string {
  const word = tag.state === "failed" ? style.red("failed") : "stays";
  return `${tag.image}:${tag.tag} ${word}${tag.because === undefined ? "" : `: ${tag.because}`}`;
}

function renderTotals(summary: SummaryEvent, style: Style): string[] {
  const { built, reused, failed, cancelled } = summary;
  const parts = [
    built > 0 ? style.green(`${built} built`) : "",
    reused > 0 ? `${reused} reused` : "",
    failed > 0 ? style.red(`${failed} failed`) : "",
    cancelled > 0 ? style.yellow(`${cancelled} cancelled`) : "",
  ].filter((part) => part !== "");
  const what = parts.length === 0 ? "nothing to do" : parts.join(", ");
  const traffic = [
    ...(summary.builtBytes > 0 ? [`${renderBytes(summary.builtBytes)} of images built`] : []),
    ...(summary.requests > 0
      ? [`${renderCount(summary.requests, "registry request")}, ${renderBytes(summary.bytes)}`]
      : []),
  ];
  return [
    `${what} in ${renderDuration(summary.seconds)}`,
    ...(traffic.length === 0 ? [] : [style.dim(traffic.join("; "))]),
  ];
}
