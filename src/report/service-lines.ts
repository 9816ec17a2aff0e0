import { largest } from "../model/lists.ts";
import type { Outcome } from "../event.ts";
import { withoutSequences } from "../formats/terminal-text.ts";
import { renderDuration } from "../model/units.ts";
import {
  type Board,
  cachedShare,
  runningVertex,
  type ServiceEntry,
  type ServiceState,
  type SolveEntry,
  serviceState,
} from "./board.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, padStart, shortDigest, truncate } from "./text.ts";

/** The time and spinner of a frame. */
export interface Moment {
  readonly now: number;
  readonly frame: number;
}

interface Row {
  readonly state: ServiceState;
  readonly service: string;
  /** One detail for each running platform. */
  readonly details: readonly string[];
  readonly share: string;
  readonly time: string;
}

interface Widths {
  readonly service: number;
  readonly share: number;
  readonly time: number;
}

const stateWidth = "cancelled".length;
const widestService = 32;
/** The fewest columns in which a detail is readable. */
const smallestDetail = 12;

/** Renders a line for each service, aligned, none wider than the style allows. */
export function renderServiceLines(
  entries: readonly ServiceEntry[],
  board: Board,
  style: Style,
  moment: Moment,
): string[] {
  const widths = measure([...board.services.values()].map((entry) => makeRow(entry, board, moment)));
  return entries.map((entry) => renderRow(makeRow(entry, board, moment), widths, style, moment));
}

function measure(rows: readonly Row[]): Widths {
  const widest = (text: (row: Row) => string): number => largest(rows.map((row) => displayWidth(text(row))));
  return {
    service: Math.min(
      widestService,
      widest(({ service }) => service),
    ),
    // Reserved from the start, so that columns do not move while numbers grow.
    share: steady(
      widest(({ share }) => share),
      "12/34 cached",
    ),
    time: steady(
      widest(({ time }) => time),
      "12.3 s",
    ),
  };
}

function steady(width: number, usual: string): number {
  return width === 0 ? 0 : Math.max(width, usual.length);
}

function makeRow(entry: ServiceEntry, board: Board, moment: Moment): Row {
  const share = cachedShare(entry);
  return {
    state: serviceState(entry),
    service: entry.service,
    details: detailsOf(entry, board),
    share: share === undefined ? "" : `${share.cached}/${share.total} cached`,
    time: entry.startedAt === undefined ? "" : renderDuration(((entry.endedAt ?? moment.now) - entry.startedAt) / 1000),
  };
}

function builtDetail({ digest, kept }: Extract<Outcome, { kind: "built" }>): string {
  if (digest === null) return "builds; not published";
  return `${shortDigest(digest)}${kept ? ", same content" : ""}`;
}

function detailsOf(entry: ServiceEntry, board: Board): string[] {
  const { outcome } = entry;
  if (outcome === undefined) {
    return entry.startedAt === undefined ? [waitingDetail(entry, board)] : runningDetails([...entry.solves.values()]);
  }
  switch (outcome.kind) {
    case "reused":
      return [shortDigest(outcome.digest)];
    case "built":
      return [builtDetail(outcome)];
    case "failed":
      return [outcome.because.split("\n")[0] ?? ""];
    case "cancelled":
      return [outcome.because];
  }
}

function waitingDetail(entry: ServiceEntry, board: Board): string {
  const reason = entry.step?.reason;
  if (reason?.kind !== "waits") return "";
  const open = reason.for.filter((need) => board.services.get(need)?.outcome === undefined);
  return open.length === 0 ? "" : `for ${open.join(", ")}`;
}

/** The newest running vertex of each solve. */
function runningDetails(solves: readonly SolveEntry[]): string[] {
  const open = solves.filter(({ ended }) => !ended);
  return open.map((solve) => {
    const vertex = runningVertex(solve) ?? "";
    return solves.length === 1 ? vertex : `${solve.platform.replace(/^linux\//, "")} ${vertex}`.trimEnd();
  });
}

/**
 * `  ⠹ api      building   RUN npm ci                    3/9 cached   12.3 s`. Where there is little room, what is
 * being done is cut first, then the cached share goes, then the time.
 */
function renderRow(row: Row, widths: Widths, style: Style, moment: Moment): string {
  const service = truncate(row.service, widths.service, style.glyphs.ellipsis);
  const head = `  ${glyph(row.state, style, moment)} ${padEnd(nameOf(row, service, style), widths.service)}  `;
  const word = padEnd(paintState(row.state, style), stateWidth);
  const left = `${head}${word}`;
  const columns = Math.min(style.columns, 120);
  const parts = [
    { text: row.share, width: widths.share },
    { text: row.time, width: widths.time },
  ].filter(({ width }) => width > 0 && (row.share !== "" || row.time !== ""));
  const roomFor = (tail: typeof parts): number => columns - displayWidth(left) - 2 - tailWidth(tail);
  if (parts.length > 1 && roomFor(parts) < smallestDetail) parts.shift();
  if (roomFor(parts) < 0) parts.shift();
  const tail = parts.map(({ text, width }) => `  ${padStart(style.dim(text), width)}`).join("");
  const room = roomFor(parts);
  const detail = room < 4 ? "" : joinDetails(row.details, room, style);
  const line = `${left}  ${padEnd(paintDetail(row.state, detail, style), Math.max(0, room))}${tail}`;
  return cut(line.trimEnd(), columns, style);
}

/** Shares the room evenly; a short detail leaves its rest to the next. */
function joinDetails(details: readonly string[], room: number, style: Style): string {
  let left = room;
  const cut = details.map((detail, at) => {
    const open = details.length - at;
    const shown = truncate(detail, Math.floor((left - 2 * (open - 1)) / open), style.glyphs.ellipsis);
    left -= displayWidth(shown) + 2;
    return shown;
  });
  return truncate(cut.join("  "), room, style.glyphs.ellipsis);
}

function tailWidth(parts: readonly { readonly width: number }[]): number {
  return parts.reduce((sum, { width }) => sum + width + 2, 0);
}

/** Cuts a line without colours, for terminals too narrow even for names. */
function cut(line: string, columns: number, style: Style): string {
  if (displayWidth(line) <= columns) return line;
  return truncate(withoutSequences(line), columns, style.glyphs.ellipsis);
}

function nameOf(row: Row, service: string, style: Style): string {
  return row.state === "waiting" ? style.dim(service) : row.state === "building" ? style.bold(service) : service;
}

function paintDetail(state: ServiceState, detail: string, style: Style): string {
  return state === "building" || state === "failed" ? detail : style.dim(detail);
}

function paintState(state: ServiceState, style: Style): string {
  switch (state) {
    case "built":
      return style.green(state);
    case "failed":
      return style.red(state);
    case "cancelled":
      return style.yellow(state);
    case "building":
      return state;
    case "reused":
    case "reusing":
    case "waiting":
      return style.dim(state);
  }
}

function glyph(state: ServiceState, style: Style, moment: Moment): string {
  const { glyphs } = style;
  switch (state) {
    case "built":
      return style.green(glyphs.built);
    case "reused":
      return style.green(glyphs.reused);
    case "failed":
      return style.red(glyphs.failed);
    case "cancelled":
      return style.yellow(glyphs.cancelled);
    case "building":
      return style.cyan(glyphs.spinner[moment.frame % glyphs.spinner.length] ?? glyphs.spinner[0]);
    case "reusing":
    case "waiting":
      return style.dim(glyphs.waiting);
  }
}
