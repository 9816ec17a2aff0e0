import { closestName } from "../model/closest.ts";

/** `, did you mean "X"?` for the end of a message, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const found = closestName(word, [...candidates]);
  return found === undefined ? "" : `, did you mean "${found}"?`;
}
