import { type ComposeNode, isComposeList, isComposeMap } from "./compose-node.ts";
import type { Cursor } from "../written/cursor.ts";

/** A value of a Compose project, and the folder that a path in it is relative to. */
export interface ComposeCursor extends Cursor {
  readonly folder: string;
  /** Node of the value; undefined: the file has none here. */
  readonly node: ComposeNode | undefined;
  get(key: string): ComposeCursor;
  entries(): (readonly [key: string, value: ComposeCursor])[];
  items(): ComposeCursor[];
}

export function composeCursor(node: ComposeNode): ComposeCursor {
  return makeCursor(node, node);
}

/** Makes a cursor. `near`: the nearest existing place, for a value that is absent. */
function makeCursor(node: ComposeNode | undefined, near: Pick<ComposeNode, "at" | "keyAt" | "origin">): ComposeCursor {
  const { at, keyAt, origin } = node ?? near;
  const value = node?.value;
  const map = value !== undefined && isComposeMap(value) ? value : undefined;
  const list = value !== undefined && isComposeList(value) ? value : [];
  return {
    node,
    // Converted on request: most cursors of a map are made for one of its values.
    get value() {
      return map === undefined ? value : Object.fromEntries(map);
    },
    at,
    keyAt,
    written: undefined,
    folder: origin.folder,
    get: (key) => makeCursor(map?.get(key), { at, keyAt: at, origin }),
    entries: () => [...(map ?? [])].map(([key, each]) => [key, composeCursor(each)]),
    items: () => list.map(composeCursor),
    fill: (text) => origin.fill(text, at),
  };
}
