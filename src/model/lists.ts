/*
 * Lists of any length. Spreading a list into the arguments of a call (`push`, `Math.max`) makes each element an argument, which overflows the
 * stack where there are some hundred thousand.
 */

/** Appends all to the end of a list. */
export function addAll<T>(list: T[], more: Iterable<T>): void {
  for (const each of more) list.push(each);
}

/** Appends a value to the list of a key. */
export function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  addAllTo(lists, key, [value]);
}

/** Appends all values to the list of a key. */
export function addAllTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, values: Iterable<Value>): void {
  const list = lists.get(key) ?? [];
  addAll(list, values);
  lists.set(key, list);
}

/** The largest of these numbers, and of `least`. */
export function largest(numbers: Iterable<number>, least = 0): number {
  let found = least;
  for (const number of numbers) if (number > found) found = number;
  return found;
}
