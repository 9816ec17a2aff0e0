import { redactUserInfo } from "./formats/address.ts";

/**
 * What can go wrong, by what the person can do about it. Each code has one exit code.
 *
 * - `usage`, `configuration`, `repository`: nothing was done; the input must change (2)
 * - `refused`: a tag may not move so, a version exists with other content, a digest does not match (3)
 * - `credentials`: missing, wrong, or without the permission (4)
 * - `unavailable`: the same command may succeed later (5)
 * - `failed`: a service did not build, or something nobody foresaw (1)
 * - `interrupted`: the person or the CI system asked to stop (130)
 */
export type ErrorCode =
  | "usage"
  | "configuration"
  | "repository"
  | "refused"
  | "credentials"
  | "unavailable"
  | "failed"
  | "interrupted";

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
 * An error that a person can act on: what was being done, what was wrong (the value quoted), and what to do next (`hint`). Addresses in its
 * texts lose their user info, whoever wrote them: git, a registry, or a value that is quoted.
 */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; diagnostics?: readonly Diagnostic[] } = {},
  ) {
    super(redactUserInfo(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint === undefined ? undefined : redactUserInfo(options.hint);
    this.diagnostics = (options.diagnostics ?? []).map((each) => ({ ...each, message: redactUserInfo(each.message) }));
  }
}

/** All faults found in files, as one error: `file:line:column: message`, a line each. */
export function configurationError(diagnostics: readonly Diagnostic[], hint?: string): SlipwayError {
  const message = diagnostics.map(renderDiagnostic).join("\n");
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
    return new SlipwayError(code, `${doing}: ${error.message}`, { hint, diagnostics, cause: error });
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
