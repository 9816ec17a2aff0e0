import { createHash } from "node:crypto";

/** The tree of a transparency log; RFC 6962, section 2.1. */
export interface MerkleTree {
  /** Adds a leaf; its index. */
  add(content: Uint8Array): number;
  readonly size: number;
  root(): Buffer;
  /** The hashes that lead from a leaf to the root, the lowest first. */
  path(index: number): readonly Buffer[];
}

export function makeMerkleTree(): MerkleTree {
  const leaves: Buffer[] = [];
  return {
    add: (content) => leaves.push(hash(0, content)) - 1,
    get size() {
      return leaves.length;
    },
    root: () => rootOf(leaves),
    path: (index) => pathTo(index, leaves),
  };
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const split = splitOf(leaves.length);
  return hash(1, rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function pathTo(index: number, leaves: readonly Buffer[]): readonly Buffer[] {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...pathTo(index, left), rootOf(right)] : [...pathTo(index - split, right), rootOf(left)];
}

/** The largest power of two that is smaller. */
function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

function hash(prefix: number, ...parts: readonly Uint8Array[]): Buffer {
  const digest = createHash("sha256").update(Buffer.from([prefix]));
  for (const part of parts) digest.update(part);
  return digest.digest();
}
