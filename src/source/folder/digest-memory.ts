import { randomUUID } from "node:crypto";
import { type BigIntStats, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
  /** Writes the digests to the memory's file, if it has one and digests were added; see `digestMemoryOf`. */
  keep(): void;
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

const memories = new WeakMap<Pick<Host, "now">, Map<string, DigestMemory>>();

/**
 * The memory of this process. `file`: a file that keeps the digests for later processes of the same job, because a job's steps read the
 * same folders. Only a process that may change those folders may have write access to the file.
 */
export function digestMemoryOf(host: Pick<Host, "now">, file?: string): DigestMemory {
  const known = memories.get(host) ?? new Map<string, DigestMemory>();
  memories.set(host, known);
  const memory = known.get(file ?? "") ?? makeDigestMemory(file);
  known.set(file ?? "", memory);
  return memory;
}

function makeDigestMemory(file: string | undefined): DigestMemory {
  let known: Map<string, Remembered> | undefined;
  let isKept = true;
  const load = (): Map<string, Remembered> => (known ??= file === undefined ? new Map() : readDigestFile(file));
  return {
    get: (state) => {
      const found = load().get(keyOf(state));
      return found !== undefined && isSameState(found.state, state) ? found.digest : undefined;
    },
    set: (state, digest, readAt) => {
      if (!isSettled(state, readAt)) return;
      load().set(keyOf(state), { state, digest });
      isKept = false;
    },
    keep: () => {
      if (isKept || file === undefined) return;
      isKept = true;
      writeDigestFile(file, load().values());
    },
  };
}

const digestLine = /^(\d+) (\d+) (\d+) (\d+) (\d+) (sha256:[0-9a-f]{64})$/;

/** Reads a file of digests; ignores lines of another format. A file that cannot be read has no digests. */
function readDigestFile(file: string): Map<string, Remembered> {
  const known = new Map<string, Remembered>();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return known;
  }
  for (const line of text.split("\n")) {
    const [, dev = "", ino = "", size = "", mtime = "", ctime = "", digest] = digestLine.exec(line) ?? [];
    if (digest === undefined) continue;
    const [mtimeNs, ctimeNs] = [BigInt(mtime), BigInt(ctime)];
    const state = { dev: BigInt(dev), ino: BigInt(ino), size: BigInt(size), mtimeNs, ctimeNs };
    known.set(keyOf(state), { state, digest });
  }
  return known;
}

/** Replaces the file of digests. Ignores a failed write: the next process will hash the files again. */
function writeDigestFile(file: string, remembered: Iterable<Remembered>): void {
  let text = "";
  for (const { state, digest } of remembered) {
    text += `${state.dev} ${state.ino} ${state.size} ${state.mtimeNs} ${state.ctimeNs} ${digest}\n`;
  }
  const written = `${file}.${randomUUID()}`;
  try {
    writeFileSync(written, text, { mode: 0o600 });
    renameSync(written, file);
  } catch {
    rmSync(written, { force: true });
  }
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
