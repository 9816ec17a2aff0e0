import { SlipwayError } from "../../errors.ts";
import { byCodeUnit } from "../../model/order.ts";
import { type Conversions, makeConversions } from "./attributes.ts";
import type { InputFile } from "../../model/inputs.ts";
import { idAt, listCommit, type Listing, modeAt, type Origin, type TreeEntry, type TreeMode } from "../git/listing.ts";
import type { Repository } from "../git/repository.ts";
import { type EntryKind, lowerBound, rangeBelow, type SourceTree, type TreeListing } from "./source-tree.ts";
import { addSubmodules, type SourceRepository } from "./submodules.ts";
import {
  addEmptyFolders,
  emptyTree,
  type Overlay,
  readEmptyFolders,
  listGeneratedFiles,
  readOverlay,
  readWorkingFile,
} from "./working-tree.ts";

export type { Origin, TreeEntry } from "../git/listing.ts";

export interface TreeOptions {
  /** The commit; default: the checked-out one. */
  readonly commit?: string;
  /** Lay changes of the working tree over the commit: changed files, untracked files that are not ignored, empty folders. */
  readonly workingTree?: boolean;
  /** Patterns of files to take from the working tree even if git ignores them; see `listGeneratedFiles`. */
  readonly generated?: readonly string[];
}

/**
 * The files of a repository at a commit, optionally with the working tree laid over. Holds paths and the offsets of their records in git's
 * output; entries are made on demand.
 */
export class GitTree implements SourceTree, TreeListing {
  readonly source = "git";
  readonly repository: Repository;
  readonly commit: string;
  /** Every path, relative to the repository root, sorted by code unit. */
  readonly paths: readonly string[];
  /** A checkout makes folders with one mode. */
  readonly folders: readonly string[] = [];
  readonly conversions: Conversions;
  readonly #text: string;
  /** Below zero: the entry `-1 - offset` of `#extras`. */
  readonly #offsets: Int32Array;
  readonly #extras: readonly TreeEntry[];
  readonly parts: readonly SourceRepository[];
  readonly #partsByPrefix: ReadonlyMap<string, SourceRepository>;

  constructor(
    repository: Repository,
    commit: string,
    listing: { text: string; paths: readonly string[]; offsets: Int32Array; extras: readonly TreeEntry[] },
    parts: readonly SourceRepository[],
  ) {
    this.repository = repository;
    this.commit = commit;
    this.paths = listing.paths;
    this.#text = listing.text;
    this.#offsets = listing.offsets;
    this.#extras = listing.extras;
    this.parts = parts;
    this.#partsByPrefix = new Map(parts.map((part) => [part.prefix, part]));
    this.conversions = makeConversions(this);
  }

  /** The entry at this position of `paths`. */
  entryAt(index: number): TreeEntry {
    const path = this.paths[index];
    const offset = this.#offsets[index];
    if (path === undefined || offset === undefined) throw new RangeError(`there is no path ${index}`);
    const extra = offset < 0 ? this.#extras[-1 - offset] : undefined;
    if (extra !== undefined) return extra;
    const digest = `${this.repository.objectFormat}:${idAt(this.#text, offset)}`;
    return { path, mode: modeAt(this.#text, offset), digest };
  }

  kindAt(index: number): EntryKind {
    return kinds[this.entryAt(index).mode];
  }

  kindOf(path: string): EntryKind | undefined {
    const index = this.indexOf(path);
    if (index !== undefined) return this.kindAt(index);
    return this.isFolder(path) ? "folder" : undefined;
  }

  list(): Promise<TreeListing> {
    return Promise.resolve(this);
  }

  /** Describes entries as inputs, with the conversion of their content on checkout. Throws `git-object-missing` for a missing submodule. */
  async describe(indices: readonly number[]): Promise<readonly InputFile[]> {
    const entries = indices.map((index) => this.entryAt(index));
    const conversions = await this.conversions.of(entries);
    return entries.map((entry) => {
      if (!isInputFile(entry)) throw missingSubmodule(entry.path);
      const conversion = conversions.get(entry.path);
      return conversion === undefined ? entry : { ...entry, digest: `${entry.digest}+${conversion}` };
    });
  }

  describeFolders(paths: readonly string[]): Promise<readonly InputFile[]> {
    const digest = emptyTree[this.repository.objectFormat];
    return Promise.resolve(paths.map((path) => ({ path, mode: "040000", digest })));
  }

  /** The position of a path in `paths`, or undefined. */
  indexOf(path: string): number | undefined {
    const index = lowerBound(this.paths, path);
    return this.paths[index] === path ? index : undefined;
  }

  get(path: string): TreeEntry | undefined {
    const index = this.indexOf(path);
    return index === undefined ? undefined : this.entryAt(index);
  }

  range(folder: string): readonly [start: number, end: number] {
    return rangeBelow(this.paths, folder);
  }

  /** Everything below a folder (`.` is all), in order. */
  *under(folder: string): Generator<TreeEntry, void, undefined> {
    const [start, end] = this.range(folder);
    for (let index = start; index < end; index += 1) yield this.entryAt(index);
  }

  /** Whether there is a folder with this path, with files in it or known to be empty. */
  isFolder(path: string): boolean {
    const [start, end] = this.range(path);
    return end > start || this.get(path)?.mode === "040000";
  }

  /** Reads a file's content without conversion; of a symlink, its target. Throws `repository` when there is no such file. */
  async read(path: string): Promise<Uint8Array> {
    const entry = this.get(path);
    if (entry === undefined || entry.mode === "040000" || entry.mode === "160000") {
      throw new SlipwayError("no-such-file", `there is no file "${path}" at ${this.commit.slice(0, 7)}`, {
        hint: "commit it, or name it under generated",
      });
    }
    if (this.origin(path) === "working-tree") return readWorkingFile(this.repository.root, path, entry.mode);
    return this.partOf(path).blobs.read(entry.digest.slice(entry.digest.indexOf(":") + 1));
  }

  /** Prepares to read these files from git: a partial clone fetches them in one request. */
  async fetch(paths: Iterable<string>): Promise<void> {
    const ids = new Map<SourceRepository, string[]>();
    for (const path of paths) {
      const entry = this.get(path);
      if (entry === undefined || entry.mode === "040000" || entry.mode === "160000") continue;
      if (this.origin(path) === "working-tree") continue;
      const part = this.partOf(path);
      const own = ids.get(part) ?? [];
      own.push(entry.digest.slice(entry.digest.indexOf(":") + 1));
      ids.set(part, own);
    }
    await Promise.all([...ids].map(([part, own]) => part.blobs.fetch(own)));
  }

  /** The place of a file's bytes. `checked-out` is git's view: in a sparse checkout the file may be absent. */
  origin(path: string): Origin {
    const index = this.indexOf(path);
    if (index !== undefined && (this.#offsets[index] ?? 0) < 0) return "working-tree";
    const part = this.partOf(path);
    return part.isCheckedOut && !part.changed.has(path) ? "checked-out" : "git";
  }

  /** The repository or submodule that a path belongs to. */
  partOf(path: string): SourceRepository {
    for (let slash = path.lastIndexOf("/"); slash >= 0; slash = path.lastIndexOf("/", slash - 1)) {
      const part = this.#partsByPrefix.get(path.slice(0, slash + 1));
      if (part !== undefined) return part;
      if (slash === 0) break;
    }
    const whole = this.#partsByPrefix.get("");
    if (whole === undefined) throw new RangeError(`"${path}" belongs to no repository`);
    return whole;
  }
}

const kinds: Readonly<Record<TreeMode, EntryKind>> = {
  "100644": "file",
  "100755": "file",
  "120000": "link",
  "040000": "folder",
  "160000": "submodule",
};

function isInputFile(entry: TreeEntry): entry is TreeEntry & InputFile {
  return entry.mode !== "160000";
}

function missingSubmodule(path: string): SlipwayError {
  return new SlipwayError("git-object-missing", `the submodule "${path}" is part of a build, and is not there`, {
    data: { path },
    hint: `fetch it: git submodule update --init --recursive -- ${JSON.stringify(path)}`,
  });
}

/** Reads the files at a commit, with those of checked-out submodules. */
export async function readTree(repository: Repository, options: TreeOptions = {}): Promise<GitTree> {
  const commit = options.commit === undefined ? repository.commit : await repository.resolve(options.commit);
  const withWorkingTree = options.workingTree === true;
  const generated = options.generated ?? [];
  if (withWorkingTree && commit !== repository.commit) {
    throw new SlipwayError("usage", "the working tree can only be laid over the commit that is checked out");
  }
  const [listing, overlay] = await Promise.all([
    commit === repository.commit ? repository.files : listCommit(repository.git, commit),
    readChanges(repository, withWorkingTree, generated),
  ]);
  const changed = new Set(repository.changes.map(({ path }) => path));
  const main: SourceRepository = {
    prefix: "",
    root: repository.root,
    git: repository.git,
    blobs: repository.blobs,
    commit,
    isCheckedOut: commit === repository.commit,
    changed,
  };
  const whole = await addSubmodules({ repository, withWorkingTree, overlay }, listing, main);
  return new GitTree(repository, commit, merge(whole.listing, overlay), whole.parts);
}

async function readChanges(
  repository: Repository,
  withWorkingTree: boolean,
  generated: readonly string[],
): Promise<Overlay> {
  const { root, git, objectFormat } = repository;
  const overlay: Overlay = new Map();
  const isDirty = withWorkingTree && repository.dirty;
  const [made, emptyFolders] = await Promise.all([
    listGeneratedFiles(git, generated),
    isDirty ? readEmptyFolders(git, root) : [],
  ]);
  const changes = isDirty ? repository.changes.filter(({ kind }) => kind !== "submodule") : [];
  await readOverlay(root, objectFormat, new Set([...changes.map(({ path }) => path), ...made]), overlay);
  addEmptyFolders(overlay, emptyFolders, objectFormat);
  return overlay;
}

function merge(
  listing: Listing,
  overlay: Overlay,
): { text: string; paths: readonly string[]; offsets: Int32Array; extras: readonly TreeEntry[] } {
  const { text } = listing;
  const extras = [...overlay.values()].filter((entry) => entry !== null);
  extras.sort((left, right) => byCodeUnit(left.path, right.path));
  if (overlay.size === 0) return { text, paths: listing.paths, offsets: new Int32Array(listing.offsets), extras };
  const paths: string[] = [];
  const offsets: number[] = [];
  let extra = 0;
  const addExtrasBefore = (path: string): void => {
    for (; extra < extras.length; extra += 1) {
      const next = extras[extra]?.path ?? "";
      if (next >= path) return;
      paths.push(next);
      offsets.push(-1 - extra);
    }
  };
  for (const [index, path] of listing.paths.entries()) {
    addExtrasBefore(path);
    if (overlay.has(path)) continue;
    paths.push(path);
    offsets.push(listing.offsets[index] ?? 0);
  }
  for (; extra < extras.length; extra += 1) {
    paths.push(extras[extra]?.path ?? "");
    offsets.push(-1 - extra);
  }
  return { text, paths, offsets: new Int32Array(offsets), extras };
}
