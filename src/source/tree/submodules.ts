import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { makeBlobReader, type BlobReader } from "../git/blobs.ts";
import { type Git, makeGit } from "../git/git.ts";
import { idAt, listCommit, type Listing, modeAt } from "../git/listing.ts";
import type { Repository } from "../git/repository.ts";
import { parseStatus, statusArgs } from "./status.ts";
import { addEmptyFolders, type Overlay, readEmptyFolders, readOverlay } from "./working-tree.ts";

/** The repository itself (`prefix` is empty), or a submodule at `prefix`. */
export interface SourceRepository {
  /** Empty, or a path that ends in `/`. */
  readonly prefix: string;
  /** Absolute path of its working tree. */
  readonly root: string;
  readonly git: Git;
  readonly blobs: BlobReader;
  readonly commit: string;
  /** Whether `commit` is checked out. */
  readonly isCheckedOut: boolean;
  /** Paths (from the repository root) that differ in the working tree. */
  readonly changed: ReadonlySet<string>;
}

/** The sources that the files of a tree are read from. */
export interface TreeReading {
  readonly repository: Repository;
  /** Whether the working tree overrides the commit's files. */
  readonly withWorkingTree: boolean;
  /** The working tree's own files; those of submodules are added. */
  readonly overlay: Overlay;
}

/**
 * Replaces gitlinks by the files of their submodules, recursively: at the commit that the gitlink names, or with the working tree at the
 * checked-out commit. A submodule without a checkout stays an entry with mode 160000.
 */
export async function addSubmodules(
  reading: TreeReading,
  listing: Listing,
  part: SourceRepository,
): Promise<{ listing: Listing; parts: SourceRepository[] }> {
  const links = findLinks(listing);
  if (links.length === 0) return { listing, parts: [part] };
  const found = await Promise.all(links.map((link) => readSubmodule(reading, part, link)));
  const present = found.filter((each) => each !== undefined);
  const replaced = new Set(present.map(({ parts: [own] }) => own?.prefix.slice(0, -1)));
  const parts = [part, ...present.flatMap((each) => each.parts)];
  return {
    listing: joinListings(
      withoutPaths(listing, replaced),
      present.map((each) => each.listing),
    ),
    parts,
  };
}

/** An entry that names a submodule's commit. */
interface Gitlink {
  readonly path: string;
  readonly id: string;
}

function findLinks(listing: Listing): Gitlink[] {
  const links: Gitlink[] = [];
  // Most repositories have no submodules and many files.
  if (!listing.text.includes("160000 commit ")) return links;
  for (const [index, offset] of listing.offsets.entries()) {
    if (modeAt(listing.text, offset) !== "160000") continue;
    links.push({ path: listing.paths[index] ?? "", id: idAt(listing.text, offset) });
  }
  return links;
}

async function readSubmodule(
  reading: TreeReading,
  parent: SourceRepository,
  { path, id: linked }: Gitlink,
): Promise<{ listing: Listing; parts: SourceRepository[] } | undefined> {
  const { repository, withWorkingTree, overlay } = reading;
  const root = join(repository.root, path);
  // Without this, git in the folder would find the repository around it.
  if (!(await exists(join(root, ".git")))) return undefined;
  const git = makeGit(repository.host, root);
  const isLooking = withWorkingTree && parent.changed.has(path);
  const status = parent.isCheckedOut ? parseStatus(await git(statusArgs)) : undefined;
  const commit = isLooking ? (status?.commit ?? linked) : linked;
  const prefix = `${path}/`;
  const inside = status?.changes ?? [];
  if (isLooking) {
    const files = inside.filter(({ kind }) => kind !== "submodule").map((change) => prefix + change.path);
    await readOverlay(repository.root, repository.objectFormat, files, overlay);
    const empty = await readEmptyFolders(git, root);
    addEmptyFolders(
      overlay,
      empty.map((folder) => prefix + folder),
      repository.objectFormat,
    );
  }
  const part: SourceRepository = {
    prefix,
    root,
    git,
    blobs: makeBlobReader(git),
    commit,
    isCheckedOut: status?.commit === commit,
    changed: new Set(inside.map((change) => prefix + change.path)),
  };
  const isThere = await git(["cat-file", "-e", `${commit}^{tree}`]).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  return addSubmodules(reading, await listCommit(git, commit, prefix), part);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function withoutPaths(listing: Listing, paths: ReadonlySet<string | undefined>): Listing {
  const kept = [...listing.paths.keys()].filter((index) => !paths.has(listing.paths[index]));
  return {
    text: listing.text,
    paths: kept.map((index) => listing.paths[index] ?? ""),
    offsets: Uint32Array.from(kept, (index) => listing.offsets[index] ?? 0),
  };
}

/** Merges listings without common paths. */
function joinListings(first: Listing, others: readonly Listing[]): Listing {
  const entries: [path: string, offset: number][] = [];
  let base = 0;
  for (const listing of [first, ...others]) {
    for (const [index, path] of listing.paths.entries()) entries.push([path, base + (listing.offsets[index] ?? 0)]);
    base += listing.text.length;
  }
  entries.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return {
    text: [first, ...others].map(({ text }) => text).join(""),
    paths: entries.map(([path]) => path),
    offsets: Uint32Array.from(entries, ([, offset]) => offset),
  };
}
