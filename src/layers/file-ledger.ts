import { LayerEfficiency } from "./layer-efficiency.ts";
import { type TarEntry, TarFault } from "./tar-entries.ts";

/** A file whose bytes are in the image and cannot be seen in a container. Layers count from 0, the lowest. */
export interface WastedFile {
  readonly path: string;
  readonly size: number;
  readonly layer: number;
  readonly how: "overwritten" | "deleted";
  /** The layer that did it. */
  readonly by: number;
}

/** A file that a container sees. */
export interface VisibleFile {
  readonly path: string;
  readonly size: number;
  readonly layer: number;
}

/** Content that one or several paths (hard links) name. */
interface Content {
  readonly path: string;
  readonly size: number;
  readonly layer: number;
  links: number;
}

interface FileNode {
  children: Map<string, FileNode> | undefined;
  content: Content | undefined;
  /** The layer that wrote it last; folders that only lie on the way to an entry have the layer of that entry. */
  layer: number;
  isFolder: boolean;
}

/** Number of entries of all layers; an image with the most known has some 600,000. */
const mostEntries = 2_000_000;

/**
 * Follows the files of an image through its layers: which bytes a later layer overwrites or deletes, and which stay. A whiteout hides only what
 * lower layers have, wherever it stands in its own. Source: OCI image-spec, layer.md, "Whiteouts".
 */
export class FileLedger {
  private readonly root: FileNode = makeNode(-1);
  private readonly wasted: WastedFile[] = [];
  private readonly efficiency = new LayerEfficiency();
  private layer = -1;
  private entries = 0;

  /** Begins the next layer, from the lowest up. */
  begin(layer: number): void {
    this.layer = layer;
    this.efficiency.begin();
  }

  /** Adds an entry of the layer. Throws `TarFault` for more entries than are held in memory. */
  add({ path, kind, size, target }: TarEntry): void {
    this.entries += 1;
    if (this.entries > mostEntries) throw new TarFault(`the image has more than ${mostEntries} files and folders`);
    const name = path.at(-1);
    if (name === undefined) return;
    if (name.startsWith(".wh.")) {
      this.hide(path, name);
      return;
    }
    this.efficiency.add(path, kind === "folder", size);
    const node = this.makeRoom(path);
    if (kind === "folder") {
      if (node.content !== undefined) this.drop(node, "overwritten");
      node.isFolder = true;
    } else {
      for (const child of node.children?.values() ?? []) this.dropTree(child, "deleted");
      node.children = undefined;
      node.isFolder = false;
      const linked = target === undefined ? undefined : this.find(target)?.content;
      if (linked !== undefined) linked.links += 1;
      if (node.content !== undefined) this.drop(node, "overwritten");
      node.content = linked ?? { path: path.join("/"), size, layer: this.layer, links: 1 };
    }
    node.layer = this.layer;
  }

  /** Ends the layer. */
  end(): void {
    this.efficiency.end();
  }

  /** Files that are wasted, the largest first. */
  wastedFiles(): readonly WastedFile[] {
    return this.wasted.filter(({ size }) => size > 0).sort((left, right) => right.size - left.size);
  }

  /** dive's efficiency, 0 to 1. */
  diveEfficiency(): number {
    return this.efficiency.score();
  }

  /** Visits every file that a container sees; each content once. */
  *visibleFiles(): Generator<VisibleFile> {
    const seen = new Set<Content>();
    const open = [this.root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const { content, children } = node;
      if (content !== undefined && !seen.has(content)) {
        seen.add(content);
        yield content;
      }
      for (const child of children?.values() ?? []) open.push(child);
    }
  }

  private hide(path: readonly string[], name: string): void {
    const folder = path.slice(0, -1);
    if (name === ".wh..wh..opq") {
      const node = this.find(folder);
      for (const [key, child] of node?.children ?? []) if (this.dropLower(child)) node?.children?.delete(key);
      return;
    }
    // Names that begin so are reserved for marks of the storage driver.
    if (name.startsWith(".wh..wh.")) return;
    const hidden = name.slice(".wh.".length);
    const parent = this.find(folder);
    const node = parent?.children?.get(hidden);
    this.efficiency.hide([...folder, hidden], node?.isFolder === true ? sizeOf(node) : 0);
    if (node !== undefined && this.dropLower(node)) parent?.children?.delete(hidden);
  }

  /** Drops what lower layers have below a node; true: nothing is left of it. */
  private dropLower(node: FileNode): boolean {
    for (const [name, child] of node.children ?? []) if (this.dropLower(child)) node.children?.delete(name);
    if (node.layer === this.layer || (node.children?.size ?? 0) > 0) return false;
    this.drop(node, "deleted");
    return true;
  }

  private dropTree(node: FileNode, how: WastedFile["how"]): void {
    for (const child of node.children?.values() ?? []) this.dropTree(child, how);
    this.drop(node, how);
  }

  private drop(node: FileNode, how: WastedFile["how"]): void {
    const { content } = node;
    node.content = undefined;
    if (content === undefined) return;
    content.links -= 1;
    if (content.links > 0) return;
    const { path, size, layer } = content;
    this.wasted.push({ path, size, layer, how, by: this.layer });
  }

  private find(path: readonly string[]): FileNode | undefined {
    let node: FileNode | undefined = this.root;
    for (const part of path) node = node?.children?.get(part);
    return node;
  }

  /** The node of a path, with the folders above it; a file among these becomes a folder. */
  private makeRoom(path: readonly string[]): FileNode {
    let node = this.root;
    for (const part of path) {
      if (node.content !== undefined) this.drop(node, "overwritten");
      node.children ??= new Map();
      const child = node.children.get(part) ?? makeNode(this.layer);
      node.children.set(part, child);
      node = child;
    }
    return node;
  }
}

function makeNode(layer: number): FileNode {
  return { children: undefined, content: undefined, layer, isFolder: false };
}

function sizeOf({ content, children }: FileNode): number {
  return [...(children?.values() ?? [])].reduce((sum, child) => sum + sizeOf(child), content?.size ?? 0);
}
