import type { FileRead } from "../dockerfile/syntax/dockerfile.ts";
import { hasWildcards } from "../dockerfile/syntax/go-text.ts";
import {
  makeContentMatcher,
  makeRootMatcher,
  sourceSteps,
  splitPivot,
  splitWildcards,
} from "../dockerfile/stages/source-match.ts";
import type { InputFile } from "../model/inputs.ts";
import { byKey } from "../model/order.ts";
import { type EntryKind, rangeBelow, type TreeListing } from "../source/tree/source-tree.ts";
import { parentOf, resolvePath } from "./resolve-path.ts";
import { pathInside } from "./tree-path.ts";
import type { ContextView } from "./view.ts";

/** Whether a path below a copied folder, relative to that folder, comes along; undefined: all do. */
type Takes = ((path: string) => boolean) | undefined;

/** A source that the build fails on; `link`: a symlink that it matches and that leads nowhere. */
export interface MissingSource {
  readonly link: string | undefined;
}

/** A source whose pattern matched nothing below a folder of the context. */
interface Unmatched {
  readonly read: FileRead;
  readonly source: string;
  readonly folder: string;
}

/** What a build takes from one context; grows by `add`. Folders count where they come to an image with nothing in them. */
export class Selection {
  readonly view: ContextView;
  readonly #indices = new Set<number>();
  readonly #folders = new Set<string>();
  /** Folders that come along with what is in them, where folders have modes of their own. */
  readonly #filledFolders = new Set<string>();
  /** Links that were picked by a pattern, and are still to be followed. */
  readonly #picked = new Set<string>();
  readonly #unmatched: Unmatched[] = [];
  /** One for all reads of the context. */
  readonly #steps = sourceSteps();

  constructor(view: ContextView) {
    this.view = view;
  }

  /** Adds what one source of a read brings in. What it gives back makes the build fail. */
  async add(read: FileRead, source: string): Promise<MissingSource | undefined> {
    const missing = await this.#addSource(read, source);
    // Where patterns pick what comes along, BuildKit wants to see where each link ends, though it copies the link.
    for (const link of this.#picked) {
      const target = await this.#resolve(link);
      if (target !== undefined) this.#addAt(target, undefined);
    }
    this.#picked.clear();
    return missing;
  }

  /**
   * Sources with a pattern that matched nothing in a folder that no read takes anything of. BuildKit looks for the folder, which
   * it was not sent then. To be asked after every read was added.
   */
  unmatched(): readonly Unmatched[] {
    return this.#unmatched.filter(({ folder }) => folder !== "" && !this.#holds(folder));
  }

  #holds(folder: string): boolean {
    const own = this.view.listing.indexOf(this.view.treePath(folder));
    if (own !== undefined) return this.#indices.has(own);
    const [start, end] = this.view.range(folder);
    for (let index = start; index < end; index += 1) if (this.#indices.has(index)) return true;
    return [...this.#folders].some((each) => each === folder || each.startsWith(`${folder}/`));
  }

  async #addSource(read: FileRead, source: string): Promise<MissingSource | undefined> {
    if (read.parents) return this.#addWithParents(read, source);
    const takes = read.exclude.length === 0 ? undefined : makeContentMatcher(read, source, this.#steps);
    if (read.wildcards && hasWildcards(source)) {
      return this.#eachMatch(read, source, (path) => this.#addAt(path, takes));
    }
    const resolved = await this.#resolve(source);
    return resolved !== undefined && this.#addAt(resolved, takes) ? undefined : { link: undefined };
  }

  /** Everything selected, by code unit of the path. */
  async entries(): Promise<readonly InputFile[]> {
    const { view } = this;
    const { tree, listing } = view;
    const indices = [...this.#indices].sort((left, right) => left - right).filter((index) => isRead(listing, index));
    const files = await listing.describe(indices);
    const empty = await tree.describeFolders(this.#emptyFolders(files.map(({ path }) => path)));
    const filled = await tree.describeFolders([...this.#filledFolders].map((path) => view.treePath(path)));
    // Files bring their folders along, with the mode that folders have where nothing is said.
    const odd = filled.filter(({ mode }) => mode !== "040000");
    return empty.length + odd.length === 0 ? files : [...files, ...empty, ...odd].sort(byKey(({ path }) => path));
  }

  /** Folders called `.git` among what is selected, which are not looked into; paths of the context. */
  gitFolders(): readonly string[] {
    const { view } = this;
    return [...this.#indices].filter((index) => !isRead(view.listing, index)).map((index) => view.localPath(index));
  }

  /** Paths below `path` (a folder of the context, or `""`), or the file it is. Symlinks on the way are already followed. */
  #addAt(path: string, takes: Takes): boolean {
    const { view } = this;
    const index = path === "" ? undefined : view.listing.indexOf(view.treePath(path));
    if (index !== undefined) {
      if (!view.isVisible(index)) return false;
      this.#indices.add(index);
      return true;
    }
    return this.#addFolder(path, takes);
  }

  #addFolder(folder: string, takes: Takes): boolean {
    const { view } = this;
    const [start, end] = view.range(folder);
    const skipped = folder === "" ? 0 : folder.length + 1;
    let isThere = view.isFolderVisible(folder) && (end > start || folder === "");
    for (let index = start; index < end; index += 1) {
      const path = view.localPath(index);
      if (view.isVisible(index) && takes?.(path.slice(skipped)) !== false) {
        this.#indices.add(index);
        isThere = true;
        if (takes !== undefined && view.listing.kindAt(index) === "link") this.#picked.add(path);
      } else {
        this.#addFoldersOf(path, folder, takes);
      }
    }
    this.#addFilledFolders(folder, takes);
    return isThere;
  }

  /** BuildKit makes the copied folder itself anew, and copies the ones below with their modes. */
  #addFilledFolders(top: string, takes: Takes): void {
    const { listing, root } = this.view;
    const [start, end] = rangeBelow(listing.folders, this.view.treePath(top));
    const skipped = top === "" ? 0 : top.length + 1;
    for (let index = start; index < end; index += 1) {
      const path = pathInside(root, listing.folders[index] ?? "");
      const isIn = this.view.isFolderVisible(path) && takes?.(path.slice(skipped)) !== false;
      if (isIn || this.#holds(path)) this.#filledFolders.add(path);
    }
  }

  /** The folders on the way to a file that does not come along may come without it. */
  #addFoldersOf(path: string, top: string, takes: Takes): void {
    const skipped = top === "" ? 0 : top.length + 1;
    for (let folder = parentOf(path); folder.length >= top.length && folder !== ""; folder = parentOf(folder)) {
      if (this.#folders.has(folder)) return;
      const isOut = !this.view.isFolderVisible(folder) || (folder !== top && takes?.(folder.slice(skipped)) === false);
      if (!isOut) this.#folders.add(folder);
    }
  }

  #emptyFolders(files: readonly string[]): string[] {
    const { view } = this;
    const filled = new Set<string>();
    const fill = (path: string): void => {
      for (let folder = parentOf(path); folder !== "" && !filled.has(folder); folder = parentOf(folder))
        filled.add(folder);
    };
    if (this.#folders.size === 0) return [];
    for (const file of files) fill(file);
    for (const folder of this.#folders) fill(view.treePath(folder));
    return [...this.#folders].map((folder) => view.treePath(folder)).filter((path) => !filled.has(path));
  }

  /** Follows symlinks in the middle and at the end of a path, within the context. Undefined: nothing is there. */
  async #resolve(path: string): Promise<string | undefined> {
    const { tree, root, listing } = this.view;
    const passes = (whole: string, kind: EntryKind): boolean => {
      const index = listing.indexOf(whole);
      if (index === undefined) return kind === "folder";
      if (!this.view.isVisible(index)) return false;
      if (kind === "link") this.#indices.add(index);
      return true;
    };
    return resolvePath({ tree, root, above: "root", passes }, path);
  }

  /**
   * Everything that a source with wildcards matches, followed where it is a symlink: one that leads nowhere, or in a circle, makes
   * the build fail. To match nothing is no fault in a folder that is there.
   */
  async #eachMatch(
    read: FileRead,
    source: string,
    add: (path: string) => boolean | Promise<boolean>,
  ): Promise<MissingSource | undefined> {
    const { view } = this;
    const { literal } = splitWildcards(source);
    const base = await this.#resolve(literal);
    if (base === undefined) return { link: undefined };
    if (this.#isOpaque(base)) return (await add(base)) ? undefined : { link: undefined };
    const matches = makeRootMatcher(source, true, this.#steps);
    const written = literal === "." ? "" : `${literal}/`;
    const prefix = base === "" ? "" : `${base}/`;
    const [start, end] = view.range(base);
    const seen = new Set<string>();
    let isMatched = false;
    for (let index = start; index < end; index += 1) {
      for (const candidate of prefixesOf(view.localPath(index).slice(prefix.length))) {
        if (seen.has(candidate)) continue;
        seen.add(candidate);
        if (!matches(written + candidate)) continue;
        const resolved = await this.#resolve(prefix + candidate);
        if (resolved === undefined) {
          if (this.#isLink(prefix + candidate)) return { link: prefix + candidate };
        } else if (await add(resolved)) isMatched = true;
      }
    }
    if (!isMatched) this.#unmatched.push({ read, source, folder: base });
    return undefined;
  }

  /** Whether a path is one that is not looked into, and stands for everything in it. */
  #isOpaque(path: string): boolean {
    const kind = this.view.tree.kindOf(this.view.treePath(path));
    return kind === "git-folder" || kind === "unreadable";
  }

  #isLink(path: string): boolean {
    const { listing } = this.view;
    const index = listing.indexOf(this.view.treePath(path));
    return index !== undefined && this.view.isVisible(index) && listing.kindAt(index) === "link";
  }

  /** The folder before the pivot may be a pattern. */
  async #addWithParents(read: FileRead, source: string): Promise<undefined> {
    const { base, pattern } = splitPivot(source);
    const addBelow = async (folder: string): Promise<true> => {
      await this.#addBelow(folder, pattern, makeContentMatcher(read, source, this.#steps));
      return true;
    };
    if (hasWildcards(base)) {
      await this.#eachMatch(read, base, addBelow);
      return;
    }
    const folder = await this.#resolve(base);
    if (folder !== undefined) await addBelow(folder);
  }

  /** A plain path is looked up, too: a symlink on its way may be followed or not, and both are covered so. */
  async #addBelow(folder: string, pattern: string, takes: Takes): Promise<void> {
    this.#addAt(folder, takes);
    if (hasWildcards(pattern)) return;
    const plain = await this.#resolve(`${folder}/${pattern}`);
    if (plain !== undefined) this.#addAt(plain, undefined);
  }
}

/** `a`, `a/b`, `a/b/c` of `a/b/c`. */
export function* prefixesOf(path: string): Generator<string, void, undefined> {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) yield path.slice(0, slash);
  yield path;
}

function isRead(listing: TreeListing, index: number): boolean {
  return listing.kindAt(index) !== "git-folder";
}
