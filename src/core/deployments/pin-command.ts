import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { renderFluxResources } from "../../deployments/flux-files.ts";
import { renderHelmValues } from "../../deployments/helm-values.ts";
import { type ImagePin, type PinnedFile, pinsOf } from "../../deployments/image-pin.ts";
import { pinComposeFile, pinHelmValues, pinKustomization } from "../../deployments/pin-files.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { PinDocument, PinFormat } from "../../model/pin-document.ts";
import { type ImageName, parseImageName } from "../../model/reference.ts";
import { renderComposeImages, renderKustomizeImages } from "../../notes/pinned-files.ts";
import { checkMayRelease } from "../workspace/may-publish.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type ChosenRelease, chooseRelease } from "./find-release.ts";
import { makeFluxArtifact, pushFluxArtifact, readFluxFolder } from "./flux-artifact.ts";

/** A release to pin, and in what. */
export interface PinRequest {
  /** Undefined: the newest. */
  readonly release: string | undefined;
  readonly group: string | undefined;
  readonly format: PinFormat;
  /** File to pin in place; undefined: the pins stand alone. */
  readonly file: string | undefined;
  /** Whether to write the file, or to push the artifact. */
  readonly write: boolean;
  /** Keys of Helm values that stand alone: `{service}.image`. */
  readonly valuesPath: string;
  /** Folder of the manifests for Flux. */
  readonly folder: string | undefined;
  /** Image name of the artifact for Flux; undefined: that of the records with `-flux`. */
  readonly to: string | undefined;
}

/** Pins all services of one release by digest: as a file that stands alone, in a file that is there, or as an artifact for Flux. */
export async function pinRelease(workspace: Workspace, request: PinRequest): Promise<PinDocument> {
  if (request.format === "flux") return pinForFlux(workspace, request);
  // Before a registry is asked, so that a wrong name is said at once.
  const before = request.file === undefined ? undefined : await readText(workspace, request.file);
  const chosen = await chooseRelease(workspace, request.release, request.group);
  const pins = pinsOf(chosen.manifest);
  const about = { version: 1, release: chosen.release, because: chosen.because, format: request.format } as const;
  if (request.file === undefined || before === undefined) {
    const text = renderAlone(request.format, chosen, request.valuesPath);
    const services = pins.map(({ service }) => service);
    return { ...about, state: "printed", file: null, text, services, left: [], artifact: null };
  }
  const pinned = pinIn(request.format, before, pins);
  if (pinned.kind === "refused") {
    throw new SlipwayError("deployment-unusable", `pinning ${request.file}: ${pinned.because}`, {
      hint: "without --file, the pins are printed as a file of their own",
    });
  }
  const { text, services, left } = pinned;
  const isSame = text === before;
  if (request.write && !isSame) await writeFile(resolve(workspace.host.cwd, request.file), text);
  const state = isSame ? "same" : request.write ? "written" : "printed";
  return { ...about, state, file: request.file, text, services, left, artifact: null };
}

type FileFormat = Exclude<PinFormat, "flux">;

function renderAlone(format: FileFormat, { manifest, release }: ChosenRelease, valuesPath: string): string {
  switch (format) {
    case "compose":
      return renderComposeImages(manifest);
    case "kustomize":
      return renderKustomizeImages(manifest);
    case "helm":
      return renderHelmValues(pinsOf(manifest), valuesPath, `Images of ${release}, from commit ${manifest.commit}`);
  }
}

function pinIn(format: FileFormat, text: string, pins: readonly ImagePin[]): PinnedFile {
  switch (format) {
    case "compose":
      return pinComposeFile(text, pins);
    case "kustomize":
      return pinKustomization(text, pins);
    case "helm":
      return pinHelmValues(text, pins);
  }
}

async function readText({ host }: Workspace, file: string): Promise<string> {
  try {
    return await readFile(resolve(host.cwd, file), "utf8");
  } catch (error) {
    throw new SlipwayError("deployment-unusable", `pinning ${file}: ${errorMessage(error)}`, {
      hint: "--file names the file to pin, from the current folder",
    });
  }
}

async function pinForFlux(workspace: Workspace, request: PinRequest): Promise<PinDocument> {
  const { registry, project } = workspace;
  const name = artifactName(project.releases, request.to);
  const folder = request.folder ?? ".";
  const files = await readFluxFolder(workspace, folder);
  const chosen = await chooseRelease(workspace, request.release, request.group);
  const artifact = makeFluxArtifact(chosen, { folder, files, name });
  let state: PinDocument["state"] = "printed";
  if (request.write) {
    checkMayRelease(workspace.trust, "an artifact for Flux");
    state = (await pushFluxArtifact(registry, artifact)) ? "pushed" : "there";
  }
  const digest = state === "printed" ? null : artifact.raw.digest;
  const { services } = chosen.manifest;
  return {
    version: 1,
    release: chosen.release,
    because: chosen.because,
    format: "flux",
    state,
    file: null,
    text: renderFluxResources(name, fluxName(name)),
    services: services.map(({ service }) => service),
    left: [],
    artifact: { reference: `${name}:${artifact.tag}`, digest, files: artifact.files },
  };
}

function artifactName(releases: ImageName, to: string | undefined): ImageName {
  const text = to ?? `${releases}-flux`;
  const name = parseImageName(text);
  if (name !== undefined) return name;
  throw new SlipwayError("option-invalid", `--to "${text}" is no image name`, {
    hint: "such as ghcr.io/acme/shop/manifests, without a tag",
  });
}

/** A name for Kubernetes: lower-case letters, digits and dashes. */
function fluxName(name: ImageName): string {
  const [, ...parts] = name.split("/");
  return parts
    .join("-")
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(-63)
    .replace(/^-+/, "");
}
