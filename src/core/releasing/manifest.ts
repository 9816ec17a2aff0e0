import { largest } from "../../model/lists.ts";
import type { RecordedBase, ReleasedService, ReleaseManifest, ReleaseSubject } from "../../model/release.ts";
import type { Digest } from "../../model/digest.ts";
import { byKey } from "../../model/order.ts";
import type { ReleaseGroup, Service } from "../../model/service.ts";
import type { StoredRelease } from "../../records/records.ts";
import { differencesBetween } from "../../records/release-differences.ts";
import { renderImageTags } from "../../records/tags.ts";
import type { ServiceResult } from "../building/service-result.ts";
import { describeReuse, describeWork } from "./describe-work.ts";
import type { GroupRelease } from "./group-release.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The manifest to commit. If the commit of a branch was released before with other images, its subject gets the next revision. */
export function makeNextManifest(
  workspace: Workspace,
  { group, subject, existing }: GroupRelease,
  previous: StoredRelease | undefined,
  { images, bases }: ReleaseContent,
): ReleaseManifest {
  const last = existing?.manifest.subject;
  if (existing === undefined || subject.kind === "version" || last?.kind !== "branch") {
    return makeManifest(workspace, { group, subject, previous, images, bases });
  }
  const again = makeManifest(workspace, { group, subject: last, previous, images, bases });
  if (differencesBetween(existing.manifest, again).length === 0) return again;
  const next = { ...subject, revision: last.revision + 1 };
  return makeManifest(workspace, { group, subject: next, previous: existing, images, bases });
}

/** A service with its image, before the release gives it tags. */
type UntaggedService = Omit<ReleasedService, "tags" | "imageTags">;

/** What a release ships, and what its images started from. */
export interface ReleaseContent {
  /** Services with their images. Services of the group that are not among them keep their image of the release before. */
  readonly images: readonly UntaggedService[];
  /** Undefined: not known. */
  readonly bases: readonly RecordedBase[] | undefined;
}

/** Values that a release manifest is made from. */
interface ManifestRequest extends ReleaseContent {
  readonly group: ReleaseGroup;
  readonly subject: ReleaseSubject;
  readonly previous: StoredRelease | undefined;
}

/** Makes the release manifest from this release's results and the services kept from the release before. */
function makeManifest(workspace: Workspace, request: ManifestRequest): ReleaseManifest {
  const { host, repository, ci } = workspace;
  const { group, subject, previous, images, bases } = request;
  const fresh = images.flatMap((image) => withTags(image, workspace, request));
  const named = new Set(fresh.map(({ service }) => service));
  const kept = (previous?.manifest.services ?? [])
    .filter(({ service }) => !named.has(service) && group.services.includes(service))
    .flatMap((released) => keep(released, workspace, request));
  return {
    schemaVersion: 1,
    group: group.name,
    subject,
    commit: repository.commit,
    source: repository.remote ?? "",
    releasedAt: host.now(),
    previous: previous === undefined ? null : { record: previous.name.tag, commit: previous.manifest.commit },
    ...(ci.isJob && ci.id !== undefined ? { run: { id: ci.id, attempt: ci.attempt } } : {}),
    services: [...fresh, ...kept].sort(byKey(({ service }) => service)),
    ...(bases === undefined ? {} : { bases }),
  };
}

/** Services of this release's results with their images; those without an image are left out. */
export function imagesOf(workspace: Workspace, results: readonly ServiceResult[]): UntaggedService[] {
  return results.flatMap((result) =>
    result.index === undefined ? [] : [imageOf(workspace, result, result.index.digest)],
  );
}

function imageOf(workspace: Workspace, result: ServiceResult, index: Digest): UntaggedService {
  const { service, outcome, platforms } = result;
  const built = outcome.kind === "built" && !outcome.kept;
  const published = platforms.flatMap((each) => each.published ?? []);
  const latest = published.toSorted(byKey(({ builtAt }) => builtAt)).at(-1);
  return {
    service: service.name,
    images: service.images,
    digest: index,
    platforms: published.map(({ platform, digest, fingerprint, size, children }) => {
      const attestations = children.filter((child) => child.digest !== digest).map((child) => child.digest);
      return { platform, digest, fingerprint, size, attestations };
    }),
    origin: built ? "built" : "reused",
    commit: latest?.commit ?? workspace.repository.commit,
    builtAt: latest?.builtAt ?? workspace.host.now(),
    buildSeconds: built ? largest(platforms.map(({ solve }) => solve?.seconds ?? 0)) : null,
    work: describeWork(result),
  };
}

/** Services of an earlier release as the next one ships them if nothing changed. */
export function asReused(services: readonly ReleasedService[]): UntaggedService[] {
  return services.map(({ tags: _tags, imageTags: _imageTags, work, ...image }) => ({
    ...image,
    origin: "reused",
    buildSeconds: null,
    work: describeReuse(work),
  }));
}

function keep(released: ReleasedService, workspace: Workspace, request: ManifestRequest): ReleasedService[] {
  const { tags: _tags, imageTags: _imageTags, work: _work, ...image } = released;
  return withTags({ ...image, origin: "kept", buildSeconds: null }, workspace, request);
}

/** The service with the tags of this release; none if the project does not have the service any more. */
function withTags(image: UntaggedService, workspace: Workspace, request: ManifestRequest): ReleasedService[] {
  const service = workspace.project.services.find(({ name }) => name === image.service);
  return service === undefined ? [] : [{ ...image, ...tagsOf(workspace, request, service, image.images) }];
}

function tagsOf(
  { repository }: Workspace,
  { group, subject }: ManifestRequest,
  service: Service,
  images: ReleasedService["images"],
): Pick<ReleasedService, "tags" | "imageTags"> {
  const about = { service: service.name, group: group.name, subject, commit: repository.commit };
  return renderImageTags(service, images, about);
}
