import type { Emit } from "../event.ts";
import { terminalText } from "../formats/terminal-text.ts";
import type { Host } from "../host.ts";
import { applyEvent, makeBoard } from "./board.ts";
import { makeLiveView } from "./live.ts";
import { chooseUnicode, type ReportMode } from "./mode.ts";
import { plainEvent } from "./plain-values.ts";
import { makePlainView } from "./plain.ts";
import { makeStyle } from "./style.ts";
import { renderFailure } from "./summary.ts";

export { chooseColor, chooseMode } from "./mode.ts";

/** Reports events on standard error. */
export interface Reporter {
  readonly emit: Emit;
  /** Restores the terminal and writes the remaining lines. May be called twice. */
  close(): void;
}

export interface ReporterOptions {
  readonly mode: ReportMode;
  /** Whether to show the builds' own output. */
  readonly verbose: boolean;
  readonly color: boolean;
  /** A timer: calls back until the returned function is called. Default: one that does not keep the program alive. */
  readonly every?: (milliseconds: number, callback: () => void) => () => void;
}

export function makeReporter(host: Host, options: ReporterOptions): Reporter {
  const reporter = makeReporterOf(host, options);
  return { emit: (event) => reporter.emit(plainEvent(event)), close: () => reporter.close() };
}

function makeReporterOf(host: Host, options: ReporterOptions): Reporter {
  switch (options.mode) {
    case "live":
      return makeLiveReporter(host, options);
    case "plain":
      return makePlainReporter(host, options);
    case "quiet":
      return makeQuietReporter(host, options);
  }
}

function makeLiveReporter(host: Host, options: ReporterOptions): Reporter {
  const { color, verbose, every = everyWithTimer } = options;
  const view = makeLiveView(host, makeBoard(host.monotonic()), { color, verbose, unicode: chooseUnicode(host) });
  const stop = every(100, view.tick);
  return {
    emit: view.emit,
    close: () => {
      stop();
      view.close();
    },
  };
}

function makePlainReporter(host: Host, options: ReporterOptions): Reporter {
  const { color, verbose, every = everyWithTimer } = options;
  const style = makeStyle(color, { unicode: chooseUnicode(host) });
  const view = makePlainView(makeBoard(host.monotonic()), style, {
    verbose,
    write: (text) => host.stderr.write(terminalText(text)),
  });
  const stop = every(1000, () => view.beat(host.monotonic()));
  return { emit: (event) => view.event(event, host.monotonic()), close: stop };
}

/** Reports failures only. */
function makeQuietReporter(host: Host, options: ReporterOptions): Reporter {
  const board = makeBoard(host.monotonic());
  const style = makeStyle(options.color, { unicode: chooseUnicode(host) });
  return {
    emit: (event) => {
      applyEvent(board, event, host.monotonic());
      if (event.kind === "service-ended") {
        const entry = board.services.get(event.service);
        const lines = entry === undefined ? [] : renderFailure(entry, style);
        if (lines.length > 0) host.stderr.write(terminalText(`${lines.join("\n")}\n`));
      } else if (event.kind === "tag" && event.state === "failed") {
        const because = event.because === undefined ? "" : `: ${event.because}`;
        host.stderr.write(terminalText(`${style.red(style.glyphs.failed)} ${event.image}:${event.tag}${because}\n`));
      }
    },
    close: () => undefined,
  };
}

function everyWithTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setInterval(callback, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
