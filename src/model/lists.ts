/*
 * Lists of any length. Spreading a list into the arguments of a call (`push`, `Math.max`) makes each element an argument, which overflows the
 * stack where there are some hundred thousand.
 */

/** Appends all to the end of a list. */
export function addAll<T>(list: T[], more: Iterable<T>): void {
  for (const each of more) list.push(each);
}

/** The largest of these numbers, and of `least`. */
export function largest(numbers: Iterable<number>, least = 0): number {
  let found = least;
  for (const number of numbers) if (number > found) found = number;
  return found;
}
