import { SlipwayError } from "../errors.ts";

/** The SlipwayError that a promise rejects with; throws what else it rejects with, and when it does not reject. */
export async function failureOf(promise: Promise<unknown>): Promise<SlipwayError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  if (error instanceof SlipwayError) return error;
  throw error;
}
