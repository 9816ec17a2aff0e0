import { renderDuration } from "../model/units.ts";
import { type Board, type ServiceEntry, type ServiceState, serviceState } from "./board.ts";
import { type Moment, renderServiceLines } from "./service-lines.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, truncate } from "./text.ts";

/** The space of a frame, and what it shows beside the board. */
export interface FrameOptions {
  readonly rows: number;
  readonly moment: Moment;
  /** Whether the program was asked to stop. */
  readonly stopping: boolean;
}

/** Renders the live view: a line a service, then one with the overall progress. Never more than `rows`. */
export function renderFrame(board: Board, style: Style, { rows, moment, stopping }: FrameOptions): string[] {
  if (rows < 1) return [];
  const footer = renderFooter(board, style, moment, stopping);
  if (!showsServices(board)) return [footer];
  const room = rows - 2;
  const entries = [...board.services.values()];
  if (entries.length <= room) return [...renderServiceLines(entries, board, style, moment), "", footer];
  const shown = mostInteresting(entries, Math.max(0, room - 1));
  const hidden = entries.filter((entry) => !shown.includes(entry));
  const more = style.dim(`  ${style.glyphs.ellipsis} ${countStates(hidden)}`);
  return [...renderServiceLines(shown, board, style, moment), more, "", footer].slice(-Math.max(1, rows));
}

/** Whether services have lines: not before the build, since planning takes a moment. */
function showsServices(board: Board): boolean {
  return board.services.size > 0 && board.phase !== "plan" && board.phase !== "discover";
}

const weight: Readonly<Record<ServiceState, number>> = {
  building: 0,
  failed: 1,
  cancelled: 2,
  waiting: 3,
  reusing: 4,
  built: 5,
  reused: 6,
};

/** Chooses the services to show: running ones first, then failed ones, and so on; within a state by the plan's order. */
function mostInteresting(entries: readonly ServiceEntry[], room: number): ServiceEntry[] {
  return [...entries].sort((left, right) => weight[serviceState(left)] - weight[serviceState(right)]).slice(0, room);
}

function countStates(entries: readonly ServiceEntry[]): string {
  const count = (...states: readonly ServiceState[]): number =>
    entries.filter((entry) => states.includes(serviceState(entry))).length;
  return [
    [count("building"), "building"],
    [count("failed"), "failed"],
    [count("cancelled"), "cancelled"],
    [count("waiting", "reusing"), "waiting"],
    [count("built", "reused"), "done"],
  ]
    .filter(([number]) => number !== 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(", ");
}

function renderFooter(board: Board, style: Style, moment: Moment, stopping: boolean): string {
  const spinner = style.glyphs.spinner[moment.frame % style.glyphs.spinner.length] ?? "";
  const time = renderDuration((moment.now - board.startedAt) / 1000);
  const columns = Math.min(style.columns, 120);
  const room = columns - displayWidth(time) - 4 - displayWidth(spinner);
  if (room < 4) return truncate(time, columns, style.glyphs.ellipsis);
  const text = truncate(footerText(board, moment, stopping), room, style.glyphs.ellipsis);
  const shown = stopping ? style.yellow(text) : text;
  // The time stands under the services' times, or behind the text when it is alone.
  return `  ${style.cyan(spinner)} ${showsServices(board) ? padEnd(shown, room) : shown} ${style.dim(time)}`;
}

function footerText(board: Board, moment: Moment, stopping: boolean): string {
  if (stopping) return "stopping, as asked; waiting for builds to end";
  if (board.waiting !== undefined && board.waiting.until > moment.now) {
    return `waiting ${renderDuration((board.waiting.until - moment.now) / 1000)}: ${board.waiting.message}`;
  }
  switch (board.phase) {
    case "discover":
    case undefined:
      return "reading the repository";
    case "plan":
      return "planning";
    case "build":
      return countStates([...board.services.values()]);
    case "commit":
      return "committing the release";
    case "promote":
      return board.tags.length === 0 ? "moving tags" : `moving tags, ${board.tags.length} done`;
    case "notes":
      return "writing the release notes";
  }
}
