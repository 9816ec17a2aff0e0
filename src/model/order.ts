/** Orders text by UTF-16 code unit, the same on every machine; for `Array.prototype.sort`. */
export function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Orders values by a text made from each, by code unit. */
export function byKey<T>(key: (value: T) => string): (left: T, right: T) => number {
  return (left, right) => byCodeUnit(key(left), key(right));
}
