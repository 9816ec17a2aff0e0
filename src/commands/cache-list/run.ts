import type { CacheListDocument } from "../../model/cache-documents.ts";
import { renderCacheList } from "../../report/render-caches.ts";
import type { Style } from "../../report/style.ts";
import type { View } from "../spec.ts";
import type { CacheListOptions } from "./spec.ts";

export { listStoredCaches as run } from "../../core/caches/cache-stored.ts";

/** Renders the entries with the time since each was used. */
export function render(document: CacheListDocument, style: Style, { now }: View<CacheListOptions>): string {
  return renderCacheList(document, style, now);
}
