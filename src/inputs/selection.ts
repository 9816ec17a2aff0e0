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
import { type EntryKind, lowerBound, rangeBelow, type TreeListing } from "../source/tree/source-tree.ts";
import { parentOf, resolvePath } from "./resolve-path.ts";
import { pathInside } from "./tree-path.ts";
import type { ContextView } from "./view.ts";

/** Whether a path relative to a copied folder is copied; undefined: all paths are. */
type Takes = ((path: string) => boolean) | undefined;

/** A source that makes the build fail; `link`: a matched symlink that leads nowhere. */
export interface MissingSource {
  readonly link: string | undefined;
}

/** A source with a pattern that matched nothing in a folder of the context. */
interface Unmatched {
  readonly read: FileRead;
  readonly source: string;
  readonly folder: string;
}

/** Collects the paths that a build takes from one context. A folder is listed itself if it reaches the image empty. */
export class Selection {
  readonly view: ContextView;
  readonly #indices = new Set<number>();
  readonly #folders = new Set<string>();
  /** Folders that are copied with their content, for trees whose folders have modes. */
  readonly #filledFolders = new Set<string>();
  /** Links that a pattern matched and that are not followed yet. */
  readonly #picked = new Set<string>();
  readonly #unmatched: Unmatched[] = [];
  /** Step limit for all reads of the context. */
  readonly #steps = sourceSteps();

  constructor(view: ContextView) {
    this.view = view;
  }

  /** Adds the paths of one source of a read. Returns the fault that makes the build fail; undefined: there is none. */
  async add(read: FileRead, source: string): Promise<MissingSource | undefined> {
    const missing = await this.#addSource(read, source);
    // For links that patterns match, BuildKit needs the link's target too, although it copies the link.
    for (const link of this.#picked) {
      const target = await this.#resolve(link);
      if (target !== undefined) this.#addAt(target, undefined);
    }
    this.#picked.clear();
    return missing;
  }

  /**
   * Sources whose pattern matched nothing in a folder of which no read takes a file. BuildKit fails on them, because it looks for the
   * folder, which it did not get. Valid after every read was added.
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
    if (resolved === undefined || !this.#addAt(resolved, takes)) return { link: undefined };
    // A mount shows the folder itself, with its mode.
    if (read.instruction === "RUN" && this.#isFilledFolder(resolved)) this.#filledFolders.add(resolved);
    return undefined;
  }

  #isFilledFolder(path: string): boolean {
    const { listing } = this.view;
    const whole = this.view.treePath(path);
    return path !== "" && listing.folders[lowerBound(listing.folders, whole)] === whole;
  }

  /** All selected entries, in code unit order of the paths. */
  async entries(): Promise<readonly InputFile[]> {
    const { view } = this;
    const { tree, listing } = view;
    const indices = [...this.#indices].sort((left, right) => left - right).filter((index) => isRead(listing, index));
    const files = await listing.describe(indices);
    const empty = await tree.describeFolders(this.#emptyFolders(files.map(({ path }) => path)));
    const filled = await tree.describeFolders([...this.#filledFolders].map((path) => view.treePath(path)));
    // A file implies its folders with the default mode, so only folders with another mode are listed.
    const odd = filled.filter(({ mode }) => mode !== "040000");
    return empty.length + odd.length === 0 ? files : [...files, ...empty, ...odd].sort(byKey(({ path }) => path));
  }

  /** Selected folders called `.git`, whose content is not listed, as paths of the context. */
  gitFolders(): readonly string[] {
    const { view } = this;
    return [...this.#indices].filter((index) => !isRead(view.listing, index)).map((index) => view.localPath(index));
  }

  /** Adds the file at `path`, or everything below it if it is a folder (`""`: the context). Symlinks on the way are resolved already. */
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

  /**
   * Adds folders below the copied one. BuildKit creates the copied folder itself with the default mode, and copies the folders below with
   * their own modes.
   */
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

  /** Adds the folders on the way to a file that is not copied, because they may be copied without it. */
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

  /** Follows symlinks within the context and selects the links. Undefined: nothing exists there. */
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
   * Adds every match of a source with wildcards. A matched symlink that leads nowhere or in a circle makes the build fail. No match is no
   * fault if the folder exists.
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

  /** Whether a path is a folder whose content is not listed. */
  #isOpaque(path: string): boolean {
    const kind = this.view.tree.kindOf(this.view.treePath(path));
    return kind === "git-folder" || kind === "unreadable";
  }

  #isLink(path: string): boolean {
    const { listing } = this.view;
    const index = listing.indexOf(this.view.treePath(path));
    return index !== undefined && this.view.isVisible(index) && listing.kindAt(index) === "link";
  }

  /** Adds the paths of `COPY --parents`. The folder before the pivot may be a pattern. */
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

  /**
   * Adds the matches of a pattern below a folder. Also resolves a plain path, because BuildKit may or may not follow a symlink on its way;
   * this covers both.
   */
  async #addBelow(folder: string, pattern: string, takes: Takes): Promise<void> {
    this.#addAt(folder, takes);
    if (hasWildcards(pattern)) return;
    const plain = await this.#resolve(`${folder}/${pattern}`);
    if (plain !== undefined) this.#addAt(plain, undefined);
  }
}

/** All prefixes of a path: `a`, `a/b`, `a/b/c` for `a/b/c`. */
export function* prefixesOf(path: string): Generator<string, void, undefined> {
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) yield path.slice(0, slash);
  yield path;
}

function isRead(listing: TreeListing, index: number): boolean {
  return listing.kindAt(index) !== "git-folder";
}
