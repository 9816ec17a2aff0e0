import type { BigIntStats } from "node:fs";
import type { Host } from "../../host.ts";

/** The attributes by which a change of a file is detected. */
export type FileState = Pick<BigIntStats, "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs">;

/** Remembers digests of files by device and inode, until size or times change. */
export interface DigestMemory {
  get(state: FileState): string | undefined;
  /**
   * Remembers a digest. `readAt`: start of the read in milliseconds. A file that may have been written to since then without a new time is
   * not remembered.
   */
  set(state: FileState, digest: string, readAt: number): void;
}

interface Remembered {
  readonly state: FileState;
  readonly digest: string;
}

/**
 * Time in nanoseconds within which a second write may leave a file's times unchanged. Clocks of file systems tick 100 to 250 times a
 * second.
 */
const tick = 50n * 1_000_000n;
/** The same for file systems that store times in whole seconds or in steps of two. */
const coarseTick = 2000n * 1_000_000n;
const second = 1_000_000_000n;

const memories = new WeakMap<Pick<Host, "now">, DigestMemory>();

/** The memory of this process. */
export function digestMemoryOf(host: Pick<Host, "now">): DigestMemory {
  const memory = memories.get(host) ?? makeDigestMemory();
  memories.set(host, memory);
  return memory;
}

function makeDigestMemory(): DigestMemory {
  const known = new Map<string, Remembered>();
  return {
    get: (state) => {
      const found = known.get(keyOf(state));
      return found !== undefined && isSameState(found.state, state) ? found.digest : undefined;
    },
    set: (state, digest, readAt) => {
      if (isSettled(state, readAt)) known.set(keyOf(state), { state, digest });
    },
  };
}

function keyOf({ dev, ino }: FileState): string {
  return `${dev}:${ino}`;
}

export function isSameState(left: FileState, right: FileState): boolean {
  return (
    left.dev === right.dev &&
    left.ino === right.ino &&
    left.size === right.size &&
    left.mtimeNs === right.mtimeNs &&
    left.ctimeNs === right.ctimeNs
  );
}

/** Whether a write after `readAt` (milliseconds) would change the file's times. */
function isSettled({ mtimeNs, ctimeNs }: FileState, readAt: number): boolean {
  const isCoarse = mtimeNs % second === 0n && ctimeNs % second === 0n;
  const youngest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return youngest + (isCoarse ? coarseTick : tick) < BigInt(readAt) * 1_000_000n;
}
