import { codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import { renderSizeGrowth } from "../notes/size-growth.ts";
import type { PreviewDocument } from "../core/previews/preview-command.ts";

/** Text that identifies the comment on a pull request. */
export const previewMarker = "slipway:preview";

/** Renders the previews of a pull request; undefined: none of its images differs from trunk. */
export function renderPreviews({ commit, services, growth }: PreviewDocument): string | undefined {
  const rows = services.flatMap(({ service, preview }) =>
    preview === null
      ? []
      : [[`**${escapeMarkdown(service)}**`, codeSpan(`docker pull ${preview.reference}`), codeSpan(preview.digest)]],
  );
  if (rows.length === 0) return undefined;
  const head = ["Service", "Preview", "Digest"].map((title) => ({ title }));
  const failed = services.filter(({ outcome }) => outcome === "failed" || outcome === "cancelled");
  const missing = failed.map(({ service }) => escapeMarkdown(service)).join(", ");
  return [
    `Previews of ${codeSpan(commit.slice(0, 7))}; services that are the same as on trunk have none.`,
    renderMarkdownTable(head, rows),
    ...renderSizeGrowth(growth, "the last release"),
    ...(failed.length === 0 ? [] : [`❌ Not built: ${missing}.`]),
  ].join("\n\n");
}

/** Renders the text that replaces the comment when the pull request is closed. `left`: previews that could not be deleted. */
export function renderPreviewsGone(left: readonly { readonly reference: string }[]): string {
  if (left.length === 0) return "The previews of this pull request are deleted: it is closed.";
  const names = left.map(({ reference }) => codeSpan(reference)).join(", ");
  return `This pull request is closed. Its previews are deleted, save these, which could not be: ${names}.`;
}
