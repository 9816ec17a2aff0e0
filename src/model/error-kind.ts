import type { ErrorCode, ErrorKindFacts } from "./error-code.ts";
import { inputErrorKinds } from "./input-error-kinds.ts";
import { outcomeErrorKinds } from "./outcome-error-kinds.ts";

/**
 * Every kind of error, and what follows from it. A kind is found again by programs, so that its name and its code stay. One that is named as
 * a code is any other error of that code, and may become a kind of its own later.
 */
export const errorKinds = { ...inputErrorKinds, ...outcomeErrorKinds } as const satisfies Readonly<
  Record<ErrorCode, ErrorKindFacts>
>;

/** Name of a kind: kebab-case. */
export type ErrorKind = keyof typeof errorKinds;

/** Why git refused, as far as Slipway tells it apart. */
export type GitRefusal = "not-a-repository" | "no-work-tree" | "other";

/** Values that an error of some kinds carries, for programs. */
export interface ErrorDataByKind {
  readonly "no-such-service": { readonly service: string };
  readonly "base-not-found": { readonly base: string };
  readonly "git-failed": { readonly reason: GitRefusal };
  readonly "git-object-missing": { readonly path: string };
  readonly "registry-denied": { readonly registry: string | undefined };
  readonly "registry-unavailable": { readonly registry: string };
  readonly "registry-rate-limited": { readonly registry: string };
  readonly "program-unavailable": { readonly program: string };
}

/** Values of an error of kind `K`; undefined where its kind carries none. */
export type ErrorData<K extends ErrorKind> = K extends keyof ErrorDataByKind ? ErrorDataByKind[K] : undefined;

/** The code of a kind. */
export function errorCodeOf(kind: ErrorKind): ErrorCode {
  return errorKinds[kind].code;
}
