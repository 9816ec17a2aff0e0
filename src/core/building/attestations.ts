import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import { byCodeUnit } from "../../model/order.ts";
import { renderCount } from "../../model/units.ts";
import { parseImageName, registryOf } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { settleAll } from "../../model/settle.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** How the builds of one command attach attestations. */
export interface Attestations {
  /** Scanner that makes SBOMs, `name:tag@digest`, the same for all images of a release; undefined: it cannot be had, or nothing wants it. */
  readonly scanner: string | undefined;
  /** Registries that take OCI artifacts with a subject. */
  readonly artifactRegistries: ReadonlySet<string>;
}

/** Attestations of a run that pushes nothing. */
export const noAttestations: Attestations = { scanner: undefined, artifactRegistries: new Set() };

/** BuildKit's own scanner, which buildx uses if no other is named. Source: buildx, util/buildflags/attests.go; BuildKit, util/bklog. */
const scannerName = "docker.io/docker/buildkit-syft-scanner";
const scannerTag = "stable-1";

/**
 * Finds the SBOM scanner for the services that want one, before anything is built. If it cannot be had, warns once; throws `unavailable` if
 * a service requires SBOMs.
 */
export async function findAttestations(workspace: Workspace, services: readonly Service[]): Promise<Attestations> {
  const wanting = services.filter(({ sbom }) => sbom !== "off");
  const [scanner, artifactRegistries] = await settleAll([
    wanting.length === 0 ? Promise.resolve(undefined) : findScanner(workspace, wanting),
    findArtifactRegistries(workspace, services),
  ]);
  return { scanner, artifactRegistries };
}

async function findScanner({ registry, emit }: Workspace, services: readonly Service[]): Promise<string | undefined> {
  const found = await lookUpScanner(registry);
  if (found.kind === "found") return found.reference;
  const { because, cause } = found;
  const requiring = services.filter(({ sbom }) => sbom === "required").map(({ name }) => name);
  if (requiring.length > 0) {
    const who = requiring.sort(byCodeUnit).join(", ");
    throw new SlipwayError(
      "scanner-unavailable",
      `SBOMs are required of ${who}, and the scanner cannot be had: ${because}`,
      {
        cause,
      },
    );
  }
  const message = `${renderCount(services.length, "service")} built without an SBOM, since the scanner cannot be had: ${because}; \`sbom: off\` in slipway.yaml stops asking for it`;
  emit({ kind: "warning", message });
  return undefined;
}

type FoundScanner =
  | { readonly kind: "found"; readonly reference: string }
  | { readonly kind: "missing"; readonly because: string; readonly cause?: unknown };

async function lookUpScanner(registry: Registry): Promise<FoundScanner> {
  const name = parseImageName(scannerName);
  if (name === undefined) throw new TypeError(`"${scannerName}" is no image name`);
  const image = `${scannerName}:${scannerTag}`;
  try {
    const found = await registry.mirrored.getManifest(name, scannerTag);
    if (found === undefined) return { kind: "missing", because: `${image} is not there` };
    return { kind: "found", reference: `${image}@${found.digest}` };
  } catch (error) {
    if (isInterruption(error)) throw error;
    return { kind: "missing", because: errorMessage(error), cause: error };
  }
}

/** Registries that take OCI artifacts. One that does not answer counts as one that refuses them, because all take the older form. */
async function findArtifactRegistries(
  { registry, host }: Workspace,
  services: readonly Service[],
): Promise<Set<string>> {
  const images = new Map(services.flatMap(({ images: names }) => names.map((name) => [registryOf(name), name])));
  const answers = await Promise.all(
    [...images].map(async ([key, image]) => {
      const takes = await registry.hasReferrersApi(image, host.signal).catch((error: unknown) => {
        if (isInterruption(error)) throw error;
        return false;
      });
      return takes ? [key] : [];
    }),
  );
  return new Set(answers.flat());
}
