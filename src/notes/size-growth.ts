import { codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import { excerpt } from "../model/excerpt.ts";
import { bytesGrown, type ImageGrowth, type LayerChange } from "../model/layers-document.ts";
import type { Platform } from "../model/platform.ts";
import { renderBytes, renderSignedBytes } from "../model/units.ts";

/** How the image of one service and platform changed since an earlier release. Sizes in bytes, compressed. */
export interface ServiceGrowth {
  readonly service: string;
  readonly platform: Platform;
  readonly size: number;
  readonly growth: ImageGrowth;
}

/** Number of changes that are named of one image. */
const shownChanges = 5;

/**
 * Renders what grew and shrank by instruction, and what a node must pull that has the earlier release. Empty: no image changed. `since`: the
 * earlier release, as Markdown.
 */
export function renderSizeGrowth(grown: readonly ServiceGrowth[], since: string): string[] {
  if (grown.length === 0) return [];
  const head = [
    { title: "Service" },
    { title: "Platform" },
    { title: "Size", right: true },
    { title: "A node pulls", right: true },
    { title: "What changed" },
  ];
  const rows = grown.map(({ service, platform, size, growth }) => [
    `**${escapeMarkdown(service)}**`,
    platform,
    `${renderBytes(size)} (${renderSignedBytes(growth.bytes)})`,
    renderBytes(growth.pull.ofRelease),
    renderChanges(growth.changes),
  ]);
  return [
    "## Size",
    `Compressed, by layer. A node that has all images of ${since} pulls no more than this:`,
    renderMarkdownTable(head, rows),
  ];
}

function renderChanges(changes: readonly LayerChange[]): string {
  const grown = changes.filter((change) => bytesGrown(change) !== 0);
  const shown = grown.slice(0, shownChanges).map(renderLayerChange);
  const more = grown.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("<br>");
}

function renderLayerChange(change: LayerChange): string {
  const { instruction, origin, before, after } = change;
  const state = before === null ? " (new)" : after === null ? " (gone)" : "";
  const text = codeSpan(excerpt(instruction ?? ""));
  const what = text === "" ? "an instruction that the image does not name" : text;
  return `${renderSignedBytes(bytesGrown(change))} ${origin === "base" ? "base " : ""}${what}${state}`;
}
