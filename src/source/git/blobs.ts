import { SlipwayError } from "../../errors.ts";
import type { Git } from "./git.ts";
import { fetchObjects } from "./partial-clone.ts";

/** Reads blobs by object id. Reads that are requested together share one git process; small blobs are remembered. */
export interface BlobReader {
  read(id: string): Promise<Uint8Array>;
  /** Fetches blobs that will be read into a partial clone, in one request. Does nothing in a complete clone. */
  fetch(ids: Iterable<string>): Promise<void>;
}

const rememberedSize = 256 * 1024;
const rememberedTotal = 32 * 1024 * 1024;

/** `promisor`: the remote that a partial clone gets blobs from. */
export function makeBlobReader(git: Git, promisor?: string): BlobReader {
  const remembered = new Map<string, Uint8Array>();
  let total = 0;
  /** Ids for the next git process, and the promise of its answer. */
  let next: { readonly ids: Set<string>; readonly blobs: Promise<ReadonlyMap<string, Uint8Array>> } | undefined;

  const remember = (id: string, blob: Uint8Array): void => {
    if (remembered.has(id) || blob.length > rememberedSize || total + blob.length > rememberedTotal) return;
    total += blob.length;
    // A copy: a part of git's output would keep all of it in memory.
    remembered.set(id, blob.slice());
  };

  const fetched = new Set<string>();
  const fetchNew = async (ids: Iterable<string>): Promise<void> => {
    if (promisor === undefined) return;
    const asked = [...ids].filter((id) => !fetched.has(id));
    if (asked.length > 0) await fetchObjects(git, promisor, asked);
    for (const id of asked) fetched.add(id);
  };

  const startBatch = async (ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Uint8Array>> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    next = undefined;
    await fetchNew(ids);
    const blobs = await readBatch(git, ids);
    for (const [id, blob] of blobs) remember(id, blob);
    return blobs;
  };

  return {
    fetch: fetchNew,
    read: async (id) => {
      const known = remembered.get(id);
      if (known !== undefined) return known;
      if (next === undefined) {
        const ids = new Set<string>();
        next = { ids, blobs: startBatch(ids) };
      }
      next.ids.add(id);
      const blobs = await next.blobs;
      return blobs.get(id) ?? missingBlob(id);
    },
  };
}

function missingBlob(id: string): never {
  throw new SlipwayError("git-object-missing", `git has no object ${id}`, {
    data: { path: id },
    hint: "the clone is not whole; fetch again: git fetch --refetch origin",
  });
}

/** Parses `git cat-file --batch`: `ID TYPE SIZE<LF>CONTENT<LF>` or `ID missing<LF>` each. */
async function readBatch(git: Git, ids: ReadonlySet<string>): Promise<Map<string, Uint8Array>> {
  const output = await git(["cat-file", "--batch"], { stdin: `${[...ids].join("\n")}\n` });
  const blobs = new Map<string, Uint8Array>();
  let position = 0;
  while (position < output.length) {
    const lineEnd = output.indexOf(0x0a, position);
    const header = new TextDecoder().decode(output.subarray(position, lineEnd));
    position = lineEnd + 1;
    const [id = "", , size] = header.split(" ");
    if (size === undefined) continue;
    blobs.set(id, output.subarray(position, position + Number(size)));
    position += Number(size) + 1;
  }
  return blobs;
}
