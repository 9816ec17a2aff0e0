import type { ImageFiles } from "../model/layers-document.ts";
import type { FileLedger, VisibleFile } from "./file-ledger.ts";
import { findLeftovers } from "./leftovers.ts";

/** Number of files that are listed. */
const mostListed = 50;

/**
 * Describes what a ledger found. `own`: the layers that are not the base's; only their leftovers are listed, because nobody can change those of
 * a base.
 */
export function describeFiles(ledger: FileLedger, own: ReadonlySet<number>, unread: ImageFiles["unread"]): ImageFiles {
  const wasted = ledger.wastedFiles();
  const kept = [...ledger.visibleFiles()];
  return {
    wastedBytes: wasted.reduce((sum, { size }) => sum + size, 0),
    diveEfficiency: unread.length === 0 ? ledger.diveEfficiency() : null,
    wasted: wasted.slice(0, mostListed).map((file) => ({ ...file, path: shownPath(file.path) })),
    largest: kept
      .toSorted((left, right) => right.size - left.size)
      .slice(0, mostListed)
      .map(({ path, size, layer }: VisibleFile) => ({ path: shownPath(path), size, layer })),
    leftovers: findLeftovers(kept.filter(({ layer }) => own.has(layer))),
    unread,
  };
}

/** A path as text, from the root: bytes are UTF-8, as on Linux. */
function shownPath(path: string): string {
  return `/${new TextDecoder().decode(Uint8Array.from(path, (character) => character.charCodeAt(0)))}`;
}
