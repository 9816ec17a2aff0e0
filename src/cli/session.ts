import { resolve } from "node:path";
import type { Print } from "../commands/spec.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { renderJson } from "../formats/plain-text.ts";
import { terminalText } from "../formats/terminal-text.ts";
import { errorDocument, exitCodeOf } from "../errors.ts";
import { makeEventFile } from "../report/event-file.ts";
import { renderError } from "../report/render-error.ts";
import { plainResult } from "../report/plain-values.ts";
import { chooseUnicode } from "../report/mode.ts";
import { chooseColor, chooseMode, makeReporter } from "../report/reporter.ts";
import { makeStyle, type Style } from "../report/style.ts";

/** The flags that every command takes. */
export interface GlobalFlags {
  readonly repo?: string;
  readonly config?: string;
  readonly untrusted?: boolean;
  readonly trunk?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
  readonly events?: string;
}

/** One run of one command: where it tells what happens, and how it prints its result. */
export interface Session {
  readonly host: Host;
  readonly emit: Emit;
  /** A person has just seen what became of each service. */
  readonly isLive: boolean;
  readonly print: Print;
}

/** Runs a command with a reporter that is closed however it ends. `run` gives the exit code. */
export async function withSession(
  host: Host,
  options: GlobalFlags,
  run: (session: Session) => Promise<number>,
): Promise<number> {
  const color = options.color ?? true;
  const mode = chooseMode(host, { quiet: options.quiet ?? false });
  const reporter = makeReporter(host, {
    mode,
    verbose: options.verbose ?? false,
    color: chooseColor(host, host.stderr, color),
  });
  const events = options.events === undefined ? undefined : makeEventFile(resolve(host.cwd, options.events), host);
  const session: Session = {
    host,
    isLive: mode === "live" && host.stdout.isTTY,
    emit: (event) => {
      reporter.emit(event);
      events?.emit(event);
    },
    print: (document, shown, render) => {
      reporter.close();
      const text = options.json ? renderJson(document, 2) : render(plainResult(shown), stdoutStyle(host, color));
      host.stdout.write(terminalText(text.endsWith("\n") ? text : `${text}\n`));
    },
  };
  try {
    return await run(session);
  } catch (error) {
    reporter.close();
    printError(host, error, options);
    return exitCodeOf(error);
  } finally {
    reporter.close();
    await events?.close();
  }
}

/** Results are cut to a terminal's width; a file or a pipe gets them whole. */
function stdoutStyle(host: Host, color: boolean): Style {
  const width = host.stdout.isTTY ? { columns: host.stdout.columns } : {};
  return makeStyle(chooseColor(host, host.stdout, color), { ...width, unicode: chooseUnicode(host) });
}

/** Tells an error on stderr: what was being done, what was wrong, what to do next; with `--json` also as the document. */
export function printError(host: Host, error: unknown, options: GlobalFlags): void {
  const style = makeStyle(chooseColor(host, host.stderr, options.color ?? true));
  host.stderr.write(terminalText(`${renderError(error, style, { verbose: options.verbose ?? false }).trimEnd()}\n`));
  if (options.json === true) host.stdout.write(terminalText(`${renderJson(errorDocument(error), 2)}\n`));
}
