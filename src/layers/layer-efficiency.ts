/** The sizes that a path had in the layers that name it. */
interface PathSizes {
  least: number;
  sum: number;
}

/**
 * Computes the efficiency that dive shows, to compare with: over all paths, the sum of each path's smallest size, divided by the sum of all its
 * sizes. A deleted file counts as one more size of 0; a deleted folder as the size of all that was in it. Only leaves of each layer's own tree
 * count. Source: dive 0.13, dive/filetree/efficiency.go.
 */
export class LayerEfficiency {
  private readonly paths = new Map<string, PathSizes>();
  private folders = new Set<string>();
  /** Sizes by path of the layer; a path that stands twice counts as its last entry. */
  private leaves = new Map<string, number>();
  private inner = new Set<string>();

  begin(): void {
    this.folders = new Set();
    this.leaves = new Map();
    this.inner = new Set();
  }

  add(path: readonly string[], isFolder: boolean, size: number): void {
    const text = path.join("/");
    if (isFolder) this.folders.add(text);
    else this.leaves.set(text, size);
    for (let end = path.length - 1; end > 0; end -= 1) {
      const parent = path.slice(0, end).join("/");
      if (this.inner.has(parent)) break;
      this.inner.add(parent);
    }
  }

  /** Counts a deleted path. `size`: of all files in it, if it was a folder; else 0. */
  hide(path: readonly string[], size: number): void {
    this.add(path, false, size);
  }

  end(): void {
    for (const folder of this.folders) if (!this.inner.has(folder)) this.count(folder, 0);
    for (const [path, size] of this.leaves) if (!this.inner.has(path)) this.count(path, size);
  }

  /** 1 for an image without bytes. */
  score(): number {
    let least = 0;
    let sum = 0;
    for (const each of this.paths.values()) {
      least += each.least;
      sum += each.sum;
    }
    return sum === 0 ? 1 : least / sum;
  }

  private count(path: string, size: number): void {
    const known = this.paths.get(path);
    if (known === undefined) this.paths.set(path, { least: size, sum: size });
    else {
      known.least = Math.min(known.least, size);
      known.sum += size;
    }
  }
}
