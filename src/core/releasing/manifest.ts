import { largest } from "../../model/lists.ts";
import type { RecordedBase, ReleasedService, ReleaseManifest, ReleaseSubject } from "../../model/release.ts";
import type { RawManifest } from "../../model/oci.ts";
import { byKey } from "../../model/order.ts";
import type { ReleaseGroup, Service } from "../../model/service.ts";
import type { StoredRelease } from "../../records/records.ts";
import { differencesBetween } from "../../records/release-differences.ts";
import { renderImageTags } from "../../records/tags.ts";
import type { ServiceResult } from "../building/service-result.ts";
import { describeWork } from "./describe-work.ts";
import type { GroupRelease } from "./group-release.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The manifest to commit. If the commit of a branch was released before with other images, its subject gets the next revision. */
export function makeNextManifest(
  workspace: Workspace,
  { group, subject, existing }: GroupRelease,
  previous: StoredRelease | undefined,
  { results, bases }: ReleaseContent,
): ReleaseManifest {
  const last = existing?.manifest.subject;
  if (existing === undefined || subject.kind === "version" || last?.kind !== "branch") {
    return makeManifest(workspace, { group, subject, previous, results, bases });
  }
  const again = makeManifest(workspace, { group, subject: last, previous, results, bases });
  if (differencesBetween(existing.manifest, again).length === 0) return again;
  const next = { ...subject, revision: last.revision + 1 };
  return makeManifest(workspace, { group, subject: next, previous: existing, results, bases });
}

/** What a release ships, and what its images started from. */
export interface ReleaseContent {
  /** Results of this release. Services of the group without a result keep their image of the release before. */
  readonly results: readonly ServiceResult[];
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
  const { host, project, repository, ci } = workspace;
  const { group, subject, previous, results, bases } = request;
  const fresh = results.flatMap((result) =>
    result.index === undefined ? [] : [makeReleased(workspace, request, result, result.index)],
  );
  const named = new Set(fresh.map(({ service }) => service));
  const kept = (previous?.manifest.services ?? [])
    .filter(({ service }) => !named.has(service) && group.services.includes(service))
    .flatMap((released) => keep(released, project.services, workspace, request));
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

function makeReleased(
  workspace: Workspace,
  request: ManifestRequest,
  result: ServiceResult,
  index: RawManifest,
): ReleasedService {
  const { service, outcome, platforms } = result;
  const built = outcome.kind === "built" && !outcome.kept;
  const published = platforms.flatMap((each) => each.published ?? []);
  const latest = published.toSorted(byKey(({ builtAt }) => builtAt)).at(-1);
  return {
    service: service.name,
    images: service.images,
    digest: index.digest,
    platforms: published.map(({ platform, digest, fingerprint, size, children }) => {
      const attestations = children.filter((child) => child.digest !== digest).map((child) => child.digest);
      return { platform, digest, fingerprint, size, attestations };
    }),
    origin: built ? "built" : "reused",
    commit: latest?.commit ?? workspace.repository.commit,
    builtAt: latest?.builtAt ?? workspace.host.now(),
    buildSeconds: built ? largest(platforms.map(({ solve }) => solve?.seconds ?? 0)) : null,
    work: describeWork(result),
    ...tagsOf(workspace, request, service, service.images),
  };
}

function keep(
  released: ReleasedService,
  services: readonly Service[],
  workspace: Workspace,
  request: ManifestRequest,
): ReleasedService[] {
  const service = services.find(({ name }) => name === released.service);
  if (service === undefined) return [];
  const { imageTags: _tags, work: _work, ...kept } = released;
  return [{ ...kept, origin: "kept", buildSeconds: null, ...tagsOf(workspace, request, service, released.images) }];
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
