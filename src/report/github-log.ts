import type { CacheUse, Event, SolveId } from "../event.ts";
import type { Host } from "../host.ts";
import { renderDuration } from "../model/units.ts";
import { makeBoard } from "./board.ts";
import { makePlainView } from "./plain.ts";
import { platformPrefix } from "./plain-lines.ts";
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

/**
 * Writes events into a GitHub job's log: a line a change, the logs of builds in folded groups, faults as annotations, that of an
 * instruction at its line of the Dockerfile. Output of builds is made inert, so that the runner takes none of it for a command.
 */
export function makeGitHubLog(host: Host, options: GitHubLogOptions): Reporter {
  const { follows, every = everyWithTimer } = options;
  const board = makeBoard(host.monotonic());
  const print = (line: LogLine): void => printLogLine(host, line);
  const write = (text: string): void => {
    for (const line of text.replace(/\n$/, "").split("\n")) print(inert(line));
  };
  const view = makePlainView(board, makeStyle(false), { verbose: false, write });
  const logs = follows ? makeFollowedLogs(print) : makeFoldedLogs(print);
  const warn = makeWarn(print);
  const show = (event: Event): void => view.event(event, host.monotonic());
  const addToLog = (id: SolveId, text: string): void =>
    logs.add(id.service, inert(`${platformPrefix(board, id)}${text}`));

  const emit = (given: Event): void => {
    const event = plainEvent(given);
    switch (event.kind) {
      case "warning":
        return warn(event.message, event.service);
      case "solve-started":
        show(event);
        return logs.begin(event);
      case "vertex": {
        show(event);
        const text = renderVertex(event);
        return text === undefined ? undefined : addToLog(event, text);
      }
      case "log":
        show(event);
        return addToLog(event, `| ${event.line}`.trimEnd());
      case "cache": {
        addToLog(event, renderCacheUse(event.use));
        return event.use.state === "failed" ? warnOfCache(warn, event.use) : undefined;
      }
      case "service-ended":
        logs.end(event.service);
        show(event);
        return annotateOutcome(print, event);
      case "phase":
      case "notice":
      case "planned":
      case "decided":
      case "solve-ended":
      case "committed":
      case "tag":
      case "github-release":
      case "waiting":
      case "summary":
        return show(event);
    }
  };
  const stop = every(1000, () => view.beat(host.monotonic()));
  return {
    emit,
    close: () => {
      stop();
      logs.close();
    },
  };
}

type Print = (line: LogLine) => void;

/** Where the logs of services go. */
interface ServiceLogs {
  begin(solve: SolveId): void;
  add(service: string, line: LogLine): void;
  end(service: string): void;
  close(): void;
}

/** Prints lines as they come, in a group a solve. */
function makeFollowedLogs(print: Print): ServiceLogs {
  let isOpen = false;
  const close = (): void => {
    if (isOpen) print(groupEnd);
    isOpen = false;
  };
  return {
    begin: ({ service, platform }) => {
      close();
      isOpen = true;
      print(groupStart(`log of ${service} ${platform}`));
    },
    add: (_service, line) => print(line),
    end: close,
    close,
  };
}

/** Lines of one service's log that are shown. The beginning of a longer log is left out, since a fault is at the end. */
const longestLog = 5000;

/** Keeps the lines of each service, and prints them in one group when it ends. */
function makeFoldedLogs(print: Print): ServiceLogs {
  const logs = new Map<string, LogLine[]>();
  return {
    begin: () => undefined,
    add: (service, line) => {
      const lines = logs.get(service) ?? [];
      lines.push(line);
      logs.set(service, lines);
    },
    end: (service) => {
      const lines = logs.get(service) ?? [];
      logs.delete(service);
      if (lines.length === 0) return;
      print(groupStart(`log of ${service}`));
      const left = lines.length - longestLog;
      if (left > 0) print(inert(`(${left} lines before are left out)`));
      for (const line of lines.slice(-longestLog)) print(line);
      print(groupEnd);
    },
    close: () => undefined,
  };
}

function renderCacheUse({ tier, direction, state, because = "" }: CacheUse): string {
  return `cache ${tier}, ${direction}: ${state}${because === "" ? "" : `: ${because}`}`;
}

function warnOfCache(warn: ReturnType<typeof makeWarn>, { tier, direction, because = "" }: CacheUse): void {
  warn(`${direction} failed and is left out: ${because}`, `cache ${tier}`, `${tier} ${direction}`);
}

/** Annotates each warning once: a fault of a cache tier comes from every service that uses the tier. */
function makeWarn(print: Print): (message: string, title: string | undefined, key?: string) => void {
  const warned = new Set<string>();
  return (message, title, key = message) => {
    if (warned.has(key)) return;
    warned.add(key);
    print(annotation("warning", message, { title }));
  };
}

function annotateOutcome(print: Print, { service, outcome }: Extract<Event, { kind: "service-ended" }>): void {
  if (outcome.kind !== "failed") return;
  const hint = outcome.hint === undefined ? "" : `\nhint: ${outcome.hint}`;
  print(annotation("error", `${outcome.because}${hint}`, { title: `${service} failed`, ...outcome.place }));
}

function renderVertex({ name, state, seconds }: Extract<Event, { kind: "vertex" }>): string | undefined {
  const short = shortenVertex(name);
  if (short === undefined) return undefined;
  const took = state === "done" && seconds > 0 ? `, ${renderDuration(seconds)}` : "";
  return `${state}: ${short}${took}`;
}

function everyWithTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setInterval(callback, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
