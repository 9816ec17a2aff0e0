import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { applyEvent, type Board, type ServiceEntry, serviceState } from "./board.ts";
import { renderFrame } from "./live-frame.ts";
import { makeScreen } from "./screen.ts";
import { renderServiceLines } from "./service-lines.ts";
import { makeStyle, type Style } from "./style.ts";
import { renderFailure, renderSummary } from "./summary.ts";

export interface LiveView {
  readonly emit: Emit;
  /** Draws the current state. */
  readonly tick: () => void;
  /** Removes the live lines, prints the result of every service, and restores the terminal. */
  close(): void;
}

export interface LiveOptions {
  readonly color: boolean;
  readonly unicode: boolean;
  readonly verbose: boolean;
}

/** Draws in place on standard error at every tick, in the terminal's current size. */
export function makeLiveView(host: Host, board: Board, options: LiveOptions): LiveView {
  const screen = makeScreen(host.stderr);
  const started = host.monotonic();
  let closed = false;
  // One column stays free: some terminals wrap a line that fills the last one.
  const style = (): Style => makeStyle(options.color, { columns: host.stderr.columns - 1, unicode: options.unicode });
  const moment = () => ({ now: host.monotonic(), frame: Math.floor((host.monotonic() - started) / 100) });
  const onAbort = (): void => screen.showCursor();
  host.signal.addEventListener("abort", onAbort, { once: true });

  const tick = (): void => {
    if (closed) return;
    const options = { rows: host.stderr.rows - 1, moment: moment(), stopping: host.signal.aborted };
    screen.draw(renderFrame(board, style(), options));
  };
  return {
    tick,
    emit: (event) => {
      if (closed) return;
      applyEvent(board, event, host.monotonic());
      const paint = style();
      if (event.kind === "warning") {
        const about = event.service === undefined ? "" : `${event.service}: `;
        screen.print([`${paint.yellow("warning:")} ${about}${event.message}`]);
      } else if (event.kind === "notice") {
        screen.print([event.message]);
      } else if (event.kind === "cache" && event.use.state === "failed") {
        const { tier, direction, because = "no reason given" } = event.use;
        screen.print([`${paint.yellow("warning:")} ${event.service}: cache ${tier}, ${direction}: ${because}`]);
      } else if (event.kind === "log" && options.verbose) {
        const several = (board.services.get(event.service)?.solves.size ?? 0) > 1;
        const from = several ? `${event.service} ${event.platform} |` : `${event.service} |`;
        screen.print([`${paint.dim(from)} ${event.line}`]);
      }
    },
    close: () => {
      if (closed) return;
      closed = true;
      host.signal.removeEventListener("abort", onAbort);
      screen.print(finalLines(board, style(), moment()));
      screen.draw([]);
      screen.showCursor();
    },
  };
}

/** The lines that stay on the terminal. A command that built nothing leaves only its result. */
function finalLines(board: Board, style: Style, moment: { now: number; frame: number }): string[] {
  const entries = [...board.services.values()].filter(isTold);
  if (entries.length === 0 && board.summary === undefined && board.committed === undefined && board.tags.length === 0) {
    return [];
  }
  const failures = entries.flatMap((entry) => {
    const lines = renderFailure(entry, style);
    return lines.length === 0 ? [] : ["", ...lines];
  });
  const summary = renderSummary(board, style);
  return [
    ...renderServiceLines(entries, board, style, moment),
    ...failures,
    ...(summary.length === 0 ? [] : ["", ...summary]),
  ];
}

/** Whether the final lines mention a service: not when it was only planned, since the plan does. */
function isTold(entry: ServiceEntry): boolean {
  const state = serviceState(entry);
  return state !== "waiting" && state !== "reusing";
}
