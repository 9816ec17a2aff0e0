import type { ReleasedService } from "../model/release.ts";
import { codeBlock, codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";

/** Commands to copy: by tag for people, by digest for deployments. A digest is the same image for ever. */
export function renderPull(services: readonly ReleasedService[]): string[] {
  if (services.length === 0) return [];
  const byTag = services.flatMap((service) => {
    const tag = service.tags.version[0] ?? service.tags.moving[0];
    return tag === undefined ? [] : [`docker pull ${service.images[0]}:${tag}`];
  });
  const byDigest = services.map(({ images, digest }) => `docker pull ${images[0]}@${digest}`);
  return [
    "## Pull",
    ...(byTag.length === 0 ? [] : ["By tag:", codeBlock(byTag)]),
    "By digest, which always names these very images:",
    codeBlock(byDigest),
    ...renderCopies(services),
    ...renderPlatforms(services),
  ];
}

/** The other names of the images; the digests are the same there. */
function renderCopies(services: readonly ReleasedService[]): string[] {
  const copied = services.filter(({ images }) => images.length > 1);
  if (copied.length === 0) return [];
  const lines = copied.map(({ service, images, imageTags }) => {
    const names = images.slice(1).map((name) => {
      const own = imageTags?.[name];
      const [tag] = [...(own?.version ?? []), ...(own?.moving ?? [])];
      return codeSpan(tag === undefined ? name : `${name}:${tag}`);
    });
    return `- ${escapeMarkdown(service)}: ${names.join(", ")}`;
  });
  const what = copied.some(({ imageTags }) => imageTags !== undefined)
    ? "images and digests"
    : "images, tags and digests";
  return [`The same ${what} are also at:`, lines.join("\n")];
}

/** The image of each platform, for those who pin one; folded, because few do. */
function renderPlatforms(services: readonly ReleasedService[]): string[] {
  if (services.every(({ platforms }) => platforms.length < 2)) return [];
  const head = [{ title: "Service" }, { title: "Platform" }, { title: "Digest" }];
  const rows = services.flatMap(({ service, platforms }) =>
    platforms.map(({ platform, digest }) => [escapeMarkdown(service), platform, codeSpan(digest)]),
  );
  return ["<details><summary>Digests by platform</summary>", renderMarkdownTable(head, rows), "</details>"];
}
