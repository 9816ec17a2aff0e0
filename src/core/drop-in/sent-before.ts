import { addAllTo } from "../../model/lists.ts";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { asFields, asTextMap, parseJson } from "../../formats/json.ts";
import type { ContextFiles } from "../../inputs/request.ts";
import { stageHomeOf } from "../../inputs/stage-home.ts";
import { FolderTree } from "../../source/folder/folder-tree.ts";
import type { SourceTree } from "../../source/tree/source-tree.ts";

/** What BuildKit has of files, by path: size and time, then the digest. */
type Sent = Readonly<Record<string, string>>;

/**
 * Finds a file that BuildKit would take for the one that it was sent before: same path, size and time, another content. BuildKit keeps what
 * it was sent by the name of the context's folder, so that this build would have the earlier content. Notes what is sent now.
 */
export function findMistaken(tree: SourceTree, contexts: readonly ContextFiles[]): string | undefined {
  if (!(tree instanceof FolderTree)) return undefined;
  const { host, records, boundTo } = stageHomeOf(tree);
  if (records === undefined) return undefined;
  const { root } = tree.reader;
  let mistaken: string | undefined;
  for (const [folder, files] of byFolder(contexts)) {
    const key = JSON.stringify([...boundTo, basename(join(root, folder))]);
    const place = join(records, `drop-in-${createHash("sha256").update(key).digest("hex").slice(0, 16)}.json`);
    const found = compareSent(readSent(place), stateOf(root, files));
    mistaken ??= found.mistaken;
    writeSent(`${place}.${host.processId}`, place, found.after);
  }
  return mistaken;
}

/** `state`: size and time of a file. */
interface SentState {
  readonly path: string;
  readonly state: string;
  readonly digest: string;
}

/** A file that is mistaken stays as BuildKit has it, until its size or time is another one. */
function compareSent(
  before: Sent,
  files: readonly SentState[],
): { readonly after: Sent; readonly mistaken: string | undefined } {
  const mistaken = files.filter(({ path, state, digest }) => {
    const [wasState, ...was] = before[path]?.split(" ") ?? [];
    return wasState === state && was.join(" ") !== digest;
  });
  const kept = new Set(mistaken.map(({ path }) => path));
  const after = files.map(({ path, state, digest }) => {
    const was = kept.has(path) ? before[path] : undefined;
    return [path, was ?? `${state} ${digest}`] as const;
  });
  return { after: Object.fromEntries(after), mistaken: mistaken[0]?.path };
}

function byFolder(contexts: readonly ContextFiles[]): ReadonlyMap<string, ContextFiles["files"]> {
  const folders = new Map<string, ContextFiles["files"][number][]>();
  for (const { root, files } of contexts) addAllTo(folders, root, files);
  return folders;
}

/** Links are compared by their targets, folders have no content. */
function stateOf(root: string, files: ContextFiles["files"]): SentState[] {
  return files
    .filter(({ mode }) => mode.startsWith("10"))
    .map(({ path, digest }) => {
      const { size, mtimeNs } = lstatSync(join(root, path), { bigint: true });
      return { path, state: `${size}:${mtimeNs}`, digest };
    });
}

function readSent(place: string): Sent {
  try {
    return asTextMap(asFields(parseJson(readFileSync(place)))) ?? {};
  } catch {
    return {};
  }
}

/** Whole, so that no other process reads half of it. */
function writeSent(written: string, place: string, sent: Sent): void {
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(written, JSON.stringify(sent));
  renameSync(written, place);
}
