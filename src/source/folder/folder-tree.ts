import { addAll } from "../../model/lists.ts";
import { accessSync, constants, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { hasErrorCode, whileDoing } from "../../errors.ts";
import type { InputFile } from "../../model/inputs.ts";
import {
  type EntryKind,
  lowerBound,
  type PathFilter,
  rangeBelow,
  type SourceTree,
  type TreeListing,
} from "../tree/source-tree.ts";
import { type DescribedEntry, describeEntry, type EntryReader, unreadableError } from "./describe-entry.ts";
import { readCapabilities } from "./capabilities.ts";
import { listFolder, type FolderContent } from "./list-folder.ts";

/** Folders on disk, with the paths of a build in them. */
export class FolderTree implements SourceTree {
  readonly source = "folder";
  readonly reader: EntryReader;
  /** Path of the build context; `.` is the root. */
  readonly context: string;
  readonly dockerfile: string;
  /** Paths of named contexts that are folders, by name. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Contents by path that are not on the disk, such as a Dockerfile from standard input. */
  readonly #given: ReadonlyMap<string, Uint8Array>;

  constructor(reader: EntryReader, places: FolderPlaces, given: ReadonlyMap<string, Uint8Array>) {
    this.reader = reader;
    this.context = places.context;
    this.dockerfile = places.dockerfile;
    this.contexts = places.contexts;
    this.#given = given;
  }

  kindOf(path: string): EntryKind | undefined {
    if (this.#given.has(path)) return "file";
    const found = this.#stat(path);
    if (found === undefined || !found.isDirectory()) return found?.isSymbolicLink() === true ? "link" : found && "file";
    if (path === ".git" || path.endsWith("/.git")) return "git-folder";
    return this.#isReadable(path) ? "folder" : "unreadable";
  }

  #isReadable(path: string): boolean {
    try {
      accessSync(join(this.reader.root, path), constants.R_OK | constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }

  #stat(path: string): ReturnType<typeof lstatSync> {
    try {
      return lstatSync(join(this.reader.root, path), { throwIfNoEntry: false });
    } catch (error) {
      // A path inside a folder that this user may not enter counts as missing, because nothing of it can be read.
      if (hasErrorCode(error, "ENOTDIR", "EACCES", "ENAMETOOLONG")) return undefined;
      throw whileDoing(`looking at "${path}"`, error);
    }
  }

  read(path: string): Promise<Uint8Array> {
    return Promise.resolve(this.#given.get(path) ?? this.#readFromDisk(path));
  }

  #readFromDisk(path: string): Uint8Array {
    const place = join(this.reader.root, path);
    try {
      return this.kindOf(path) === "link" ? readlinkSync(place, { encoding: "buffer" }) : readFileSync(place);
    } catch (error) {
      throw hasErrorCode(error, "EACCES", "EPERM")
        ? unreadableError(path, error)
        : whileDoing(`reading "${path}"`, error);
    }
  }

  async list(folder: string, filter: PathFilter): Promise<TreeListing> {
    return makeListing(this.reader, folder, await listFolder(this.reader.root, folder, filter));
  }

  async describeFolders(paths: readonly string[]): Promise<readonly InputFile[]> {
    const described = await Promise.all(paths.map((path) => describeEntry(this.reader, path)));
    return described.map(({ file }) => file);
  }
}

/** The paths of a build in its tree. */
export interface FolderPlaces {
  readonly context: string;
  readonly dockerfile: string;
  readonly contexts: Readonly<Record<string, string>>;
}

function makeListing(reader: EntryReader, folder: string, { entries, folders }: FolderContent): TreeListing {
  const paths = entries.map(({ path }) => path);
  const entryAt = (index: number): FolderContent["entries"][number] => {
    const entry = entries[index];
    if (entry === undefined) throw new RangeError(`there is no path ${index}`);
    return entry;
  };
  return {
    paths,
    folders,
    kindAt: (index) => entryAt(index).kind,
    indexOf: (path) => {
      const index = lowerBound(paths, path);
      return paths[index] === path ? index : undefined;
    },
    range: (below) => rangeBelow(paths, below),
    describe: async (indices) => {
      const described: DescribedEntry[] = [];
      const atOnce = 128;
      for (let start = 0; start < indices.length; start += atOnce) {
        const some = indices.slice(start, start + atOnce).map((index) => describeListed(reader, entryAt(index)));
        addAll(described, await Promise.all(some));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      reader.memory.keep();
      return withHardLinks(await withCapabilities(reader, described), folder);
    },
  };
}

function describeListed(
  reader: EntryReader,
  { path, kind }: FolderContent["entries"][number],
): Promise<DescribedEntry> {
  if (kind === "unreadable") throw unreadableError(path);
  return describeEntry(reader, path);
}

/** Adds the capabilities of executable files to their digests. */
async function withCapabilities(
  { host, root }: EntryReader,
  described: readonly DescribedEntry[],
): Promise<readonly DescribedEntry[]> {
  const programs = described.filter(({ stats }) => stats.isFile() && (stats.mode & 0o111n) !== 0n);
  const found = await readCapabilities(
    host,
    programs.map(({ file }) => join(root, file.path)),
  );
  if (found.size === 0) return described;
  return described.map(({ file, stats }) => {
    const capabilities = found.get(join(root, file.path));
    const digest = capabilities === undefined ? file.digest : `${file.digest}+${capabilities}`;
    return { file: { ...file, digest }, stats };
  });
}

/**
 * Marks further names of a file as hard links to its first name, because BuildKit sends and copies them so. The first name is a path in the
 * listed folder.
 */
function withHardLinks(described: readonly DescribedEntry[], folder: string): InputFile[] {
  const seen = new Map<string, string>();
  return described.map(({ file, stats }) => {
    if (stats.nlink < 2n || !stats.isFile()) return file;
    const inode = `${stats.dev}:${stats.ino}`;
    const first = seen.get(inode);
    if (first !== undefined) return { ...file, digest: `${file.digest}+link-of=${first}` };
    seen.set(inode, folder === "." ? file.path : file.path.slice(folder.length + 1));
    return file;
  });
}
