import { codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import { renderCount } from "../model/units.ts";
import type { ShadowComparison, ShadowReport } from "../core/jobs/shadow.ts";

/** Renders the result of a shadow run as Markdown: which images would have been reused, and whether their contents are equal. */
export function renderShadow({ images }: ShadowReport): string[] {
  if (images.length === 0) return [];
  const reused = images.filter(({ outcome }) => outcome === "reused").length;
  const known = images.filter(({ state }) => state !== "unknown");
  const same = known.filter(({ state }) => state === "same").length;
  const compared = known.length === 0 ? "none could be compared" : `${same} of ${known.length} hold the same content`;
  const head = ["Service", "Platform", "Slipway", "The tag's image", "Content"].map((title) => ({ title }));
  const rows = images.map((image) => [
    `**${escapeMarkdown(image.service)}**`,
    image.platform,
    image.outcome === "reused" ? "would have been reused" : "built",
    image.theirs === null ? "" : codeSpan(image.theirs.reference),
    contentCell(image),
  ]);
  return [
    "### Beside the old workflow",
    `${reused} of ${renderCount(images.length, "image")} would have been reused; ${compared}.`,
    renderMarkdownTable(head, rows),
  ];
}

function contentCell({ state, because, differences }: ShadowComparison): string {
  switch (state) {
    case "same":
      return "same";
    case "unknown":
      return `not compared: ${escapeMarkdown(because ?? "")}`;
    case "differs":
      return differences.map(({ name, detail }) => `${escapeMarkdown(name)}: ${escapeMarkdown(detail)}`).join("<br>");
  }
}
