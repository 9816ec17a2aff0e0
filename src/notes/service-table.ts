import type { ReleasedPlatform, ReleasedService, ReleaseManifest } from "../model/release.ts";
import { renderBytes, renderDuration, renderSignedBytes } from "../model/units.ts";
import { codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import type { SourceLinks } from "./source-links.ts";

/** Renders a row a service: image, platforms, size with its change, and origin. */
export function renderServiceTable(
  release: ReleaseManifest,
  previous: ReleaseManifest | undefined,
  links: SourceLinks | undefined,
): string[] {
  if (release.services.length === 0) return [];
  const before = new Map(previous?.services.map((service) => [service.service, service]));
  const head = [
    { title: "Service" },
    { title: "Tag" },
    { title: "Digest" },
    { title: "Platforms" },
    { title: "Size", right: true },
    { title: "Image" },
  ];
  const rows = release.services.map((service) => [
    `**${escapeMarkdown(service.service)}**`,
    service.tags.version[0] === undefined ? movingTag(service) : codeSpan(service.tags.version[0]),
    codeSpan(shortDigest(service.digest)),
    service.platforms.map(({ platform }) => platform).join("<br>"),
    service.platforms.map((platform) => sizeCell(platform, before.get(service.service))).join("<br>"),
    originCell(service, links),
  ]);
  return [renderMarkdownTable(head, rows)];
}

function movingTag(service: ReleasedService): string {
  const [tag] = service.tags.moving;
  return tag === undefined ? "" : codeSpan(tag);
}

/** The first 12 digits: to compare by eye; the whole digest is in the pull command. */
function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** `31.4 MB (+1.2 MB)`: compressed, and what changed against the release before. */
function sizeCell({ platform, size }: ReleasedPlatform, before: ReleasedService | undefined): string {
  const old = before?.platforms.find((each) => each.platform === platform);
  const shown = renderBytes(size);
  if (before === undefined) return shown;
  if (old === undefined) return `${shown} (new)`;
  return `${shown} (${renderSignedBytes(size - old.size)})`;
}

function originCell(service: ReleasedService, links: SourceLinks | undefined): string {
  const short = codeSpan(service.commit.slice(0, 7));
  const from = links === undefined ? short : `[${short}](${links.commit(service.commit)})`;
  switch (service.origin) {
    case "built":
      return service.buildSeconds === null ? "built" : `built in ${renderDuration(service.buildSeconds)}`;
    case "reused":
      return `reused from ${from}`;
    case "kept":
      return `kept from ${from}`;
  }
}
