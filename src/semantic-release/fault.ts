import { configurationError, errorMessage, renderDiagnostic, SlipwayError } from "../errors.ts";

/** An error in the form that semantic-release prints and hands to its `fail` step, as `@semantic-release/error`. */
export class SemanticReleaseFault extends Error {
  override readonly name = "SemanticReleaseError";
  /** The kind of error, from Slipway's codes: `ESLIPWAYCREDENTIALS`. */
  readonly code: string;
  /** Markdown. */
  readonly details: string;
  readonly semanticRelease = true;

  constructor(code: string, message: string, details: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** The faults of an error: one for each place of a configuration error. Unexpected errors stay as they are. */
export function faultsOf(error: unknown): Error[] {
  if (error instanceof AggregateError) return error.errors.flatMap(faultsOf);
  if (error instanceof SemanticReleaseFault) return [error];
  if (!(error instanceof SlipwayError)) return [error instanceof Error ? error : new Error(errorMessage(error))];
  const code = `ESLIPWAY${error.code.toUpperCase()}`;
  const hint = error.hint ?? "";
  if (error.diagnostics.length === 0) return [new SemanticReleaseFault(code, error.message, hint, error)];
  return error.diagnostics.map(
    (diagnostic) =>
      new SemanticReleaseFault(code, renderDiagnostic(diagnostic), hint, configurationError([diagnostic])),
  );
}

/** The error of a plugin's step: all faults at once. */
export function aggregate(faults: readonly Error[]): AggregateError {
  return new AggregateError(faults, faults.map(({ message }) => message).join("\n"));
}

/** Runs a step, and turns its errors into semantic-release's form. */
export async function withFaults<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw aggregate(faultsOf(error));
  }
}
