import type { ReleaseManifest } from "../model/release.ts";
import { codeBlock } from "../formats/markdown.ts";
import { renderComposeImages, renderKustomizeImages } from "./pinned-files.ts";
import { renderShortNotes } from "./render-notes.ts";

/** The place of a release on GitHub, for commands that fetch its files. */
export interface ReleasePlace {
  readonly tag: string;
  /** As `gh --repo` takes it: `acme/shop`, `ghe.example/acme/shop`. */
  readonly repository: string;
}

/** A file of a release. */
export interface ReleaseAsset {
  readonly name: string;
  readonly contentType: string;
  readonly content: string;
}

/** Names of the files that a release gets. */
export const assetNames = {
  manifest: "images.json",
  notes: "images.md",
  compose: "compose.images.yaml",
  kustomize: "kustomization.images.yaml",
} as const;

/** Renders the images section: the notes (`renderNotes`), and how to use the release's files. */
export function renderImagesText(notes: string, release: ReleaseManifest, place: ReleasePlace): string {
  return `${notes.trimEnd()}\n\n${renderFiles(release, place)}`;
}

/**
 * Renders shorter texts, the longer first, for bodies without room for the whole. `hasNotes`: the whole is attached as `images.md`; else
 * `command` writes it.
 */
export function renderShorterTexts(
  input: Parameters<typeof renderShortNotes>[0],
  whole: { readonly hasNotes: boolean; readonly command: string },
): readonly string[] {
  const where = whole.hasNotes
    ? `The whole is the file \`${assetNames.notes}\` of this release`
    : `Its files cannot change any more, so the whole is not among them: \`${whole.command}\` writes it`;
  const pointer = `These notes are longer than GitHub takes (125,000 characters). ${where}.`;
  return [`${renderShortNotes(input)}\n${pointer}\n`, `${pointer}\n`];
}

/** Renders the release's files. `manifest`: the release manifest as the registry has it. */
export function renderReleaseAssets(
  release: ReleaseManifest,
  { text, manifest }: { readonly text: string; readonly manifest: string },
): readonly ReleaseAsset[] {
  return [
    { name: assetNames.notes, contentType: "text/markdown; charset=utf-8", content: text },
    { name: assetNames.manifest, contentType: "application/json", content: manifest },
    { name: assetNames.compose, contentType: "application/yaml", content: renderComposeImages(release) },
    { name: assetNames.kustomize, contentType: "application/yaml", content: renderKustomizeImages(release) },
  ];
}

function renderFiles({ services }: ReleaseManifest, { tag, repository }: ReleasePlace): string {
  const download = (name: string): string =>
    `gh release download ${tag} --repo ${repository} --pattern ${name} --clobber`;
  const facts = `\`${assetNames.manifest}\` is the release manifest, \`${assetNames.notes}\` this text.`;
  if (services.length === 0) return `## Files\n\n${facts}\n`;
  const folder = "components/images";
  const blocks = [
    "## Files",
    facts,
    "These very images with Compose, over your own file:",
    codeBlock([download(assetNames.compose), `docker compose -f compose.yaml -f ${assetNames.compose} up --detach`]),
    `With Kustomize, whatever tags the manifests name; \`components: [${folder}]\` in your \`kustomization.yaml\` takes them:`,
    codeBlock([
      `mkdir -p ${folder}`,
      `${download(assetNames.kustomize)} --output ${folder}/kustomization.yaml`,
      "kubectl kustomize .",
    ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}
