import { configurationError, errorMessage, renderDiagnostic, SlipwayError } from "../errors.ts";

/** An error as semantic-release tells it to people and to its `fail` step: shaped like `@semantic-release/error`. */
export class SemanticReleaseFault extends Error {
  override readonly name = "SemanticReleaseError";
  /** `ESLIPWAYCREDENTIALS` and the like: what kind of fault it is, as Slipway's own codes say. */
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

/** Every fault that an error tells: of a configuration one for each place. Errors that nobody foresaw stay as they are. */
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

/** What a step of the plugin throws: all faults at once. */
export function aggregate(faults: readonly Error[]): AggregateError {
  return new AggregateError(faults, faults.map(({ message }) => message).join("\n"));
}

/** Runs a step; what it throws is told in semantic-release's way. */
export async function withFaults<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw aggregate(faultsOf(error));
  }
}
