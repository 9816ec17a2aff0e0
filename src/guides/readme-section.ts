import { codeBlock, escapeMarkdown } from "../formats/markdown.ts";
import { firstTag } from "./examples.ts";
import type { GuideFacts } from "./facts.ts";

/** Renders the README's section on images, with links to the guides. */
export function renderReadmeSection(
  facts: GuideFacts,
  paths: { readonly quickReference: string; readonly optimization: string; readonly comparison: string },
): string {
  const [service] = facts.services;
  const tag = service === undefined ? undefined : firstTag(service, facts);
  const names = facts.services.map(({ name }) => escapeMarkdown(name)).join(", ");
  return [
    "## Docker images",
    `Images of ${names}. A release builds what changed and gives the rest its new tags.`,
    ...(service === undefined || tag === undefined ? [] : [codeBlock([`docker pull ${service.images[0]}:${tag}`])]),
    [
      `- [Quick reference](${paths.quickReference}): pull, verify, release, roll back, and what to do when something is wrong`,
      `- [Build optimization](${paths.optimization}): how reuse, caches, checkout and promotion work here`,
      `- [Workflow comparison](${paths.comparison}): before and after, with numbers measured here`,
    ].join("\n"),
  ].join("\n\n");
}
