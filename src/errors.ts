import { redactUserInfo } from "./formats/address.ts";
import { printable } from "./formats/plain-text.ts";
import { cleanLine, withoutSequences } from "./formats/terminal-text.ts";
import type { ErrorCode } from "./model/error-code.ts";
import { type ErrorData, type ErrorDataByKind, type ErrorKind, errorCodeOf, errorKinds } from "./model/error-kind.ts";

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

/** What an error may carry beside its kind and message. */
export interface ErrorOptions {
  /** What to do next. Default: what the kind's row says. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly diagnostics?: readonly Diagnostic[];
}

type KindWithData = keyof ErrorDataByKind;

/** Kinds that carry values ask for them. */
type ErrorArguments =
  | [kind: Exclude<ErrorKind, KindWithData>, message: string | readonly string[], options?: ErrorOptions]
  | {
      [K in KindWithData]: [
        kind: K,
        message: string | readonly string[],
        options: ErrorOptions & { readonly data: ErrorDataByKind[K] },
      ];
    }[KindWithData];

/**
 * An error that a person can act on: what was being done, what was wrong (the value quoted), and what to do next (`hint`). A message is
 * one line, or a list of lines: line ends and control characters of a quoted path or value are written as `\n` and `\x1b`. Addresses lose
 * their user info, whoever wrote them: git, a registry, or a value that is quoted. Programs tell errors apart by `kind`; code and exit code
 * follow from it.
 */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly data: ErrorData<ErrorKind>;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(...[kind, message, options = {}]: ErrorArguments) {
    super(plainLines(message), options.cause === undefined ? undefined : { cause: options.cause });
    const { code, remedy } = errorKinds[kind];
    const hint = options.hint ?? remedy;
    this.kind = kind;
    this.code = code;
    this.data = "data" in options ? options.data : undefined;
    this.hint = hint === null ? undefined : plainLines(hint.split("\n"));
    this.diagnostics = (options.diagnostics ?? []).map((each) => ({
      ...each,
      file: printable(each.file),
      message: plainLines(each.message),
    }));
  }

  /** The same error in other words: kind, values and diagnostics stay, and this one is its cause. */
  reworded(message: string | readonly string[], hint: string | undefined = this.hint): SlipwayError {
    const { kind, data, diagnostics } = this;
    return new SlipwayError(...([kind, message, { hint, data, diagnostics, cause: this }] as ErrorArguments));
  }
}

/** Whether an error is of one of these kinds; then it carries their values. */
export function hasKind<K extends ErrorKind>(
  error: unknown,
  ...kinds: readonly K[]
): error is SlipwayError & { readonly kind: K; readonly data: ErrorData<K> } {
  return error instanceof SlipwayError && kinds.some((kind) => kind === error.kind);
}

/** Whether a person or the CI system asked to stop: nobody passes over that. */
export function isInterruption(error: unknown): error is SlipwayError {
  return hasKind(error, "interrupted");
}

/** Whether the fault is in a definition: a service of its own has it, and others go on. */
export function isInDefinitions(error: unknown): error is SlipwayError {
  return hasCode(error, ["configuration"]);
}

/** Whether the fault is in the files of the commit or in git's: asking again, or a registry, changes nothing. */
export function isInFiles(error: unknown): error is SlipwayError {
  return hasCode(error, ["configuration", "repository"]);
}

/** Whether credentials are missing or wrong, or lack the permission. */
export function isAboutCredentials(error: unknown): error is SlipwayError {
  return hasCode(error, ["credentials"]);
}

/** Whether Slipway or a registry does not do what was asked, and will not later. */
export function isRefusal(error: unknown): error is SlipwayError {
  return hasCode(error, ["refused"]);
}

function hasCode(error: unknown, codes: readonly ErrorCode[]): error is SlipwayError {
  return error instanceof SlipwayError && codes.includes(error.code);
}

function plainLines(text: string | readonly string[]): string {
  const lines = typeof text === "string" ? [text] : text;
  return lines.map((line) => printable(withoutSequences(redactUserInfo(line)))).join("\n");
}

/** A message that ends with what a program said, which may be several lines. */
export function withProgramOutput(message: string, said: string): string[] {
  const [first = "", ...rest] = said.trim().split("\n").map(cleanLine);
  return [`${message}: ${first}`, ...rest];
}

/** All faults found in files, as one error: `file:line:column: message`, a line each. */
export function configurationError(diagnostics: readonly Diagnostic[], hint?: string): SlipwayError {
  const message = diagnostics.map(renderDiagnostic);
  return new SlipwayError("definition-invalid", message, { diagnostics, hint });
}

export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, message } = diagnostic;
  const place = line === undefined ? file : `${file}:${line}${column === undefined ? "" : `:${column}`}`;
  return `${place}: ${message}`;
}

/** Adds what was being done ("reading slipway.yaml") in front of an error's message; its kind, values, hint and diagnostics stay. */
export function whileDoing(doing: string, error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error.reworded(`${doing}: ${error.message}`.split("\n"));
  return new SlipwayError("failed", `${doing}: ${errorMessage(error)}`, { cause: error });
}

/** Whether an error of Node's has one of these codes, such as `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function exitCodeOf(error: unknown): number {
  return error instanceof SlipwayError ? exitCodes[error.code] : 1;
}

/** How one service ended, as far as an exit code goes; `errorKind` is there when it failed. */
export interface EndedService {
  readonly outcome: "reused" | "built" | "failed" | "cancelled";
  readonly errorKind: ErrorKind | null;
}

/**
 * The exit code of a command by how its services ended: 0 when all are there. One kind of failure keeps its own exit code; of
 * several, those that a person has to mend count more than those that pass by themselves.
 */
export function exitCodeOfServices(services: readonly EndedService[]): number {
  if (services.every(({ outcome }) => outcome === "reused" || outcome === "built")) return 0;
  const kinds = new Set(
    services.flatMap(({ errorKind: kind }) => (kind === null ? [] : [exitCodes[errorCodeOf(kind)]])),
  );
  const mended = [...kinds].filter((exitCode) => exitCode !== exitCodes.unavailable);
  const [first = exitCodes.failed, ...others] = mended.length === 0 ? [...kinds] : mended;
  return others.length === 0 ? first : exitCodes.failed;
}

/** What `--json` prints on stdout when a command ends with an error; schema: `docs/reference/error.schema.json`. */
export interface ErrorDocument {
  readonly error: {
    readonly kind: ErrorKind;
    /** Follows from the kind, and decides the exit code. */
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string | null;
    readonly diagnostics: readonly Diagnostic[];
  };
}

export function errorDocument(error: unknown): ErrorDocument {
  const message = errorMessage(error);
  if (!(error instanceof SlipwayError)) {
    return { error: { kind: "failed", code: "failed", message, hint: null, diagnostics: [] } };
  }
  const { kind, code, hint, diagnostics } = error;
  return { error: { kind, code, message, hint: hint ?? null, diagnostics } };
}
