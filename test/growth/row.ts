/** The measured work, with its input of this size ready. */
type Prepare = (size: number) => () => unknown;

/** Name of a measurement, the size of its smaller input, and the work on an input of a size. */
export type Row = readonly [what: string, size: number, prepare: Prepare];

export function list<T>(size: number, make: (index: number) => T): T[] {
  return Array.from({ length: size }, (_, index) => make(index));
}

export function lines(size: number, line: (index: number) => string): string {
  return list(size, line).join("\n");
}
