import type { BigIntStats } from "node:fs";
import type { Host } from "../../host.ts";

/** What tells whether a file may have changed. */
export type FileState = Pick<BigIntStats, "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs">;

/** Digests of files, by device and inode, for as long as size and times stay. */
export interface DigestMemory {
  get(state: FileState): string | undefined;
  /** `readAt`: when the file was begun to be read, milliseconds. A file that is as young as that is not remembered. */
  set(state: FileState, digest: string, readAt: number): void;
}

interface Remembered {
  readonly state: FileState;
  readonly digest: string;
}

/** A write within this time of another may leave a file's times as they were: clocks of file systems tick 100 to 250 times a second. */
const tick = 50n * 1_000_000n;
/** The same on file systems that keep whole seconds, or two of them. */
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

/** Whether a write after `readAt` (milliseconds) must show in the times. */
function isSettled({ mtimeNs, ctimeNs }: FileState, readAt: number): boolean {
  const isCoarse = mtimeNs % second === 0n && ctimeNs % second === 0n;
  const youngest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return youngest + (isCoarse ? coarseTick : tick) < BigInt(readAt) * 1_000_000n;
}
