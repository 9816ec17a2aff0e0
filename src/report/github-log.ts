import type { Event, SolveId } from "../event.ts";
import type { Host } from "../host.ts";
import { renderDuration } from "../model/units.ts";
import { type Board, makeBoard } from "./board.ts";
import { makePlainView } from "./plain.ts";
import type { Reporter } from "./reporter.ts";
import { makeStyle } from "./style.ts";
import { shortenVertex } from "./vertex.ts";
import { annotation, groupEnd, groupStart, inert, type LogLine } from "../formats/workflow-command.ts";
import { plainEvent } from "./plain-values.ts";

/** How a log is shown. */
export interface GitHubLogOptions {
  /** A job that builds one service shows its log as it comes; with several, each log follows in one piece when it ends. */
  readonly follows: boolean;
  /** Calls back about so often until it is told to stop; default a timer that keeps no program alive. */
  readonly every?: (milliseconds: number, callback: () => void) => () => void;
}

/** Writes a line to a job's log. Lines of strangers are no commands: `inert` makes them. */
export function printLogLine({ stdout }: Pick<Host, "stdout">, line: LogLine): void {
  stdout.write(`${line}\n`);
}

/** More of one service's log is not shown; what failed is at its end. */
const longestLog = 5000;

/**
 * Tells a GitHub job's log what happens: a line a change, builds' logs in groups that are folded, faults as annotations, that
 * of an instruction at its line of the Dockerfile. Nothing that a build writes is taken for a command to the runner.
 */
export function makeGitHubLog(host: Host, options: GitHubLogOptions): Reporter {
  const { follows, every = everyWithTimer } = options;
  const board = makeBoard(host.monotonic());
  const print = (line: LogLine): void => printLogLine(host, line);
  const write = (text: string): void => {
    for (const line of text.replace(/\n$/, "").split("\n")) print(inert(line));
  };
  const view = makePlainView(board, makeStyle(false), { verbose: false, write });
  const logs = new Map<string, LogLine[]>();
  const warned = new Set<string>();
  let open: string | undefined;

  const closeGroup = (): void => {
    if (open !== undefined) print(groupEnd);
    open = undefined;
  };
  const tellLog = (id: SolveId, line: string): void => {
    const own = inert(`${platformPrefix(board, id)}${line}`);
    if (follows) return print(own);
    const lines = logs.get(id.service) ?? [];
    lines.push(own);
    logs.set(id.service, lines);
  };
  /** A fault of a cache tier concerns all services: one annotation is enough. */
  const warn = (message: string, title: string | undefined, key = message): void => {
    if (warned.has(key)) return;
    warned.add(key);
    print(annotation("warning", message, { title }));
  };
  const tellEnd = (event: Extract<Event, { kind: "service-ended" }>): void => {
    const { service, outcome } = event;
    closeGroup();
    const lines = logs.get(service) ?? [];
    logs.delete(service);
    if (lines.length > 0) {
      print(groupStart(`log of ${service}`));
      const left = lines.length - longestLog;
      if (left > 0) print(inert(`(${left} lines before are left out)`));
      for (const line of lines.slice(-longestLog)) print(line);
      print(groupEnd);
    }
    view.event(event, host.monotonic());
    if (outcome.kind !== "failed") return;
    const place = outcome.place ?? {};
    const hint = outcome.hint === undefined ? "" : `\nhint: ${outcome.hint}`;
    print(annotation("error", `${outcome.because}${hint}`, { title: `${service} failed`, ...place }));
  };
  const emit = (told: Event): void => {
    const event = plainEvent(told);
    switch (event.kind) {
      case "warning":
        return warn(event.message, event.service);
      case "solve-started":
        view.event(event, host.monotonic());
        if (!follows) return;
        closeGroup();
        open = event.service;
        return print(groupStart(`log of ${event.service} ${event.platform}`));
      case "vertex": {
        view.event(event, host.monotonic());
        const line = renderVertex(event);
        return line === undefined ? undefined : tellLog(event, line);
      }
      case "log":
        view.event(event, host.monotonic());
        return tellLog(event, `| ${event.line}`.trimEnd());
      case "cache": {
        const { tier, direction, state, because = "" } = event.use;
        tellLog(event, `cache ${tier}, ${direction}: ${state}${because === "" ? "" : `: ${because}`}`);
        if (state !== "failed") return;
        return warn(`${direction} failed and is left out: ${because}`, `cache ${tier}`, `${tier} ${direction}`);
      }
      case "service-ended":
        return tellEnd(event);
      case "phase":
      case "planned":
      case "decided":
      case "solve-ended":
      case "committed":
      case "tag":
      case "github-release":
      case "waiting":
      case "summary":
        return view.event(event, host.monotonic());
    }
  };
  const stop = every(1000, () => view.beat(host.monotonic()));
  return {
    emit,
    close: () => {
      stop();
      closeGroup();
    },
  };
}

function renderVertex({ name, state, seconds }: Extract<Event, { kind: "vertex" }>): string | undefined {
  const short = shortenVertex(name);
  if (short === undefined) return undefined;
  const took = state === "done" && seconds > 0 ? `, ${renderDuration(seconds)}` : "";
  return `${state}: ${short}${took}`;
}

function platformPrefix({ services }: Board, { service, platform }: SolveId): string {
  const entry = services.get(service);
  return (entry?.step?.platforms.length ?? 0) > 1 || (entry?.solves.size ?? 0) > 1 ? `${platform} ` : "";
}

function everyWithTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setInterval(callback, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
