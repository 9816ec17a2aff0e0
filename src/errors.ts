import { redactUserInfo } from "./formats/address.ts";
import { printable } from "./formats/plain-text.ts";
import { cleanLine, withoutSequences } from "./formats/terminal-text.ts";
import type { ErrorCode } from "./model/error-code.ts";

const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  configuration: 2,
  repository: 2,
  refused: 3,
  credentials: 4,
  unavailable: 5,
  failed: 1,
  interrupted: 130,
};

/** A fault in a file a person wrote. Line and column count from 1. */
export interface Diagnostic {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/**
 * An error that a person can act on: what was being done, what was wrong (the value quoted), and what to do next (`hint`). A message is
 * one line, or a list of lines: line ends and control characters of a quoted path or value are written as `\n` and `\x1b`. Addresses lose
 * their user info, whoever wrote them: git, a registry, or a value that is quoted.
 */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: ErrorCode,
    message: string | readonly string[],
    options: { hint?: string | undefined; cause?: unknown; diagnostics?: readonly Diagnostic[] } = {},
  ) {
    super(plainLines(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint === undefined ? undefined : plainLines(options.hint.split("\n"));
    this.diagnostics = (options.diagnostics ?? []).map((each) => ({
      ...each,
      file: printable(each.file),
      message: plainLines(each.message),
    }));
  }
}

function plainLines(text: string | readonly string[]): string {
  const lines = typeof text === "string" ? [text] : text;
  return lines.map((line) => printable(withoutSequences(redactUserInfo(line)))).join("\n");
}

/** A message that ends with what a program said, which may be several lines. */
export function sayingWhat(message: string, said: string): string[] {
  const [first = "", ...rest] = said.trim().split("\n").map(cleanLine);
  return [`${message}: ${first}`, ...rest];
}

/** All faults found in files, as one error: `file:line:column: message`, a line each. */
export function configurationError(diagnostics: readonly Diagnostic[], hint?: string): SlipwayError {
  const message = diagnostics.map(renderDiagnostic);
  return new SlipwayError("configuration", message, { diagnostics, hint });
}

export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message } = diagnostic;
  const place = line === undefined ? file : `${file}:${line}${column === undefined ? "" : `:${column}`}`;
  return `${place}: ${message}`;
}

/** Adds what was being done ("reading slipway.yaml") in front of an error's message; its code, hint and diagnostics stay. */
export function whileDoing(doing: string, error: unknown): SlipwayError {
  if (error instanceof SlipwayError) {
    const { code, hint, diagnostics } = error;
    return new SlipwayError(code, `${doing}: ${error.message}`.split("\n"), { hint, diagnostics, cause: error });
  }
  return new SlipwayError("failed", `${doing}: ${errorMessage(error)}`, { cause: error });
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function exitCodeOf(error: unknown): number {
  return error instanceof SlipwayError ? exitCodes[error.code] : 1;
}

/** How one service ended, as far as an exit code goes; `code` is there when it failed. */
export interface EndedService {
  readonly outcome: "reused" | "built" | "failed" | "cancelled";
  readonly code: ErrorCode | null;
}

/**
 * The exit code of a command by how its services ended: 0 when all are there. One kind of failure keeps its own exit code; of
 * several, those that a person has to mend count more than those that pass by themselves.
 */
export function exitCodeOfServices(services: readonly EndedService[]): number {
  if (services.every(({ outcome }) => outcome === "reused" || outcome === "built")) return 0;
  const kinds = new Set(services.flatMap(({ code }) => (code === null ? [] : [exitCodes[code]])));
  const mended = [...kinds].filter((exitCode) => exitCode !== exitCodes.unavailable);
  const [first = exitCodes.failed, ...others] = mended.length === 0 ? [...kinds] : mended;
  return others.length === 0 ? first : exitCodes.failed;
}

/** What `--json` prints on stdout when a command ends with an error; schema: `docs/reference/error.schema.json`. */
export interface ErrorDocument {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string | null;
    readonly diagnostics: readonly Diagnostic[];
  };
}

export function errorDocument(error: unknown): ErrorDocument {
  const message = errorMessage(error);
  if (!(error instanceof SlipwayError)) return { error: { code: "failed", message, hint: null, diagnostics: [] } };
  const { code, hint, diagnostics } = error;
  return { error: { code, message, hint: hint ?? null, diagnostics } };
}
