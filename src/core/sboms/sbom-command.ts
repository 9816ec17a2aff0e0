import { SlipwayError } from "../../errors.ts";
import { renderCount } from "../../model/units.ts";
import { parsePlatform } from "../../model/platform.ts";
import type { BasePackages, SbomChanges, SbomDocument } from "../../model/sbom-document.ts";
import { comparePackages } from "../../sbom/compare-packages.ts";
import { makeImageReader, type ImageReader } from "../layers/read-image.ts";
import { findShipped, findShippedBefore, type Shipped } from "../layers/shipped.ts";
import { checkNames } from "../planning/plan.ts";
import { makeReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { readShippedPackages, type ShippedPackages, type ShippedPlatform } from "./sbom-reader.ts";

/** The image whose packages to list. */
export interface PackagesRequest {
  readonly service: string;
  /** Default: the first platform that the release has. */
  readonly platform: string | undefined;
  /** Default: the last one. */
  readonly release: string | undefined;
  /** Release to compare with; undefined: none. */
  readonly since: string | undefined;
  readonly group: string | undefined;
}

/** The packages of an image, and the SPDX document that they were read from. */
export interface ListedPackages {
  readonly document: SbomDocument;
  readonly spdx: unknown;
  /** ISO 8601; empty: not given. */
  readonly created: string;
}

/** Lists the packages of a released image, and what changed since another release. Throws `sbom-missing` for an image without an SBOM. */
export async function listPackages(workspace: Workspace, request: PackagesRequest): Promise<ListedPackages> {
  const { project, registry } = workspace;
  checkNames(project.services, [request.service]);
  const history = makeReleaseHistory(workspace);
  const images = makeImageReader(registry, project.services);
  const found = (await findShipped(workspace, history, request)).get(request.service);
  if (found === undefined) throw notReleased(request);
  const before = request.since === undefined ? undefined : await findShippedBefore(workspace, history, found, request);
  if (request.since !== undefined && before === undefined) throw notReleased({ ...request, release: request.since });
  const shipped = platformOf(found, request);
  const [packages, earlier] = await Promise.all([
    demandPackages(workspace, images, shipped),
    before === undefined ? undefined : demandPackages(workspace, images, platformOf(before, request)),
  ]);
  const { read, base } = packages;
  const fromBase = new Set(base.kind === "known" ? base.base : []);
  const [name] = found.released.images;
  return {
    document: {
      version: 1,
      service: request.service,
      platform: shipped.platform.platform,
      release: found.release,
      image: `${name}@${shipped.platform.digest}`,
      statement: read.statement,
      tool: read.sbom.tool,
      base: describeBase(packages),
      packages: read.sbom.packages.map((each) => ({ ...each, from: fromBase.has(each) ? "base" : "service" })),
      changes:
        earlier === undefined || before === undefined
          ? null
          : { since: before.release, ...changesBetween(earlier, packages) },
      notes: notesOf(packages),
    },
    spdx: read.document,
    created: read.sbom.created,
  };
}

/** Compares the packages of two releases, those of the base apart if both are known. */
export function changesBetween(before: ShippedPackages, after: ShippedPackages): Omit<SbomChanges, "since"> {
  if (before.base.kind === "known" && after.base.kind === "known") {
    return {
      service: comparePackages(before.base.service, after.base.service),
      base: comparePackages(before.base.base, after.base.base),
    };
  }
  return { service: comparePackages(before.read.sbom.packages, after.read.sbom.packages), base: null };
}

async function demandPackages(
  { registry }: Workspace,
  images: ImageReader,
  shipped: ShippedPlatform,
): Promise<ShippedPackages> {
  const packages = await readShippedPackages(registry, images, shipped);
  if (typeof packages !== "string") return packages;
  const { released, platform } = shipped;
  throw new SlipwayError(
    "sbom-missing",
    `${released.service} ${platform.platform} (${released.images[0]}@${platform.digest}): ${packages}`,
  );
}

function platformOf({ released, manifest }: Shipped, { platform: asked }: PackagesRequest): ShippedPlatform {
  const wanted = asked === undefined ? released.platforms[0]?.platform : parsePlatform(asked);
  const platform = released.platforms.find((each) => each.platform === wanted);
  if (platform !== undefined) return { released, manifest, platform };
  throw new SlipwayError("option-invalid", `"${asked ?? ""}" is no platform of ${released.service}`, {
    hint: `it is released for ${released.platforms.map((each) => each.platform).join(", ")}`,
  });
}

function notReleased({ service, release }: PackagesRequest): SlipwayError {
  return new SlipwayError(
    "no-such-release",
    `${service} is in no release${release === undefined ? "" : ` ${release}`}`,
  );
}

function describeBase({ base }: ShippedPackages): BasePackages {
  return base.kind === "known" ? { kind: "known", reference: base.reference } : base;
}

function notesOf({ read: { sbom }, base }: ShippedPackages): string[] {
  return [
    ...(sbom.withoutUrl === 0
      ? []
      : [`${renderCount(sbom.withoutUrl, "package")} without a package URL, compared by name`]),
    ...(base.kind === "unknown" ? [`the packages of the base are not told apart: ${base.because}`] : []),
  ];
}
