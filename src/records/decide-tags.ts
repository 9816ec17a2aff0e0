import type { Digest } from "../model/digest.ts";
import { tagsOfImage } from "../model/image-tags.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleasedService } from "../model/release.ts";
import type { Service, TagTemplates } from "../model/service.ts";
import {
  groupSlug,
  parseRecordTag,
  type RecordIndex,
  type RecordName,
  type ReleaseName,
  type RollbackName,
} from "./record-names.ts";
import type { RecordReader } from "./record-reader.ts";
import type { StoredRelease } from "./records.ts";
import { defaultTagTemplates, movingTagsOf } from "./tags.ts";
import { type RecordFacts, whereTagBelongs } from "./where-tags-belong.ts";

/** The fields of a service that decide its tags. */
export type TaggedService = Pick<Service, "name" | "group" | "tags" | "imageTags">;

/** The release that one tag of one service belongs to, under each image name. */
export interface TagTarget {
  readonly service: string;
  readonly tag: string;
  /** `version`: created, never moved. */
  readonly kind: "version" | "moving";
  readonly images: readonly ImageName[];
  /** The image name that surely holds the image; the others may need a copy. */
  readonly source: ImageName;
  readonly digest: Digest;
  /** The release it belongs to. */
  readonly release: ReleaseName;
  /** The rollback that holds it back; undefined: none does. */
  readonly rollback: RollbackName | undefined;
  /** The records that claim this tag, of those that were read. A fault of the tag leaves them unfinished. */
  readonly askedBy: readonly string[];
}

/**
 * Decides where the tags of these records (releases or rollbacks, by tag) belong. Only records that win a tag are read; of the others the
 * name suffices, with the services' templates.
 */
export async function decideTags(
  reader: RecordReader,
  index: RecordIndex,
  records: readonly string[],
  services: readonly TaggedService[],
): Promise<TagTarget[]> {
  const asking = await Promise.all(records.map((tag) => readAsking(reader, tag)));
  const claims = makeClaims(asking.flat(), services);
  const names = makeNameTable(index, reader, services);
  const moving = await Promise.all([...claims.values()].map((claim) => decideClaim(claim, index, reader, names)));
  return [...asking.flat().flatMap(versionTargets), ...mergeTargets(moving.flat())];
}

/** A record that claims tags, and the release that gives them. Rollbacks and abandonments claim moving tags only. */
interface Asking {
  readonly record: string;
  readonly release: StoredRelease;
  readonly isRelease: boolean;
}

async function readAsking(reader: RecordReader, record: string): Promise<Asking[]> {
  const name = parseRecordTag(record);
  if (name === undefined) return [];
  if (name.kind === "rollback") await reader.rollback(record);
  const of = releaseOf(name);
  const release = await reader.release(of);
  return release === undefined ? [] : [{ record, release, isRelease: of === record }];
}

/** The record of the release behind a record. */
function releaseOf(name: RecordName): string {
  switch (name.kind) {
    case "version":
    case "branch":
      return name.tag;
    case "rollback":
      return name.to;
    case "abandonment":
      return name.of;
  }
}

function versionTargets(asking: Asking): TagTarget[] {
  if (!asking.isRelease) return [];
  const { record, release } = asking;
  const targets = release.manifest.services.flatMap((service) =>
    service.images.flatMap((image) =>
      tagsOfImage(service, image).version.map((tag): TagTarget => ({
        ...targetOf(service, release.name),
        tag,
        kind: "version",
        images: [image],
        rollback: undefined,
        askedBy: [record],
      })),
    ),
  );
  return mergeTargets(targets);
}

/** Merges the targets of image names that share a tag, a release and its claimants. */
function mergeTargets(targets: readonly TagTarget[]): TagTarget[] {
  const merged = new Map<string, TagTarget>();
  for (const target of targets) {
    const { service, tag, release, rollback, askedBy } = target;
    const key = [service, tag, release.tag, rollback?.tag ?? "", ...askedBy].join(" ");
    const same = merged.get(key);
    merged.set(key, same === undefined ? target : { ...same, images: [...same.images, ...target.images] });
  }
  return [...merged.values()];
}

function targetOf(
  service: ReleasedService,
  release: ReleaseName,
): Pick<TagTarget, "service" | "source" | "digest" | "release"> {
  return { service: service.service, source: service.images[0], digest: service.digest, release };
}

/** A moving tag of one image name of a service, claimed by records. */
interface Claim {
  readonly service: string;
  readonly tag: string;
  readonly group: string;
  readonly image: ImageName;
  readonly askedBy: string[];
}

function makeClaims(asking: readonly Asking[], services: readonly TaggedService[]): Map<string, Claim> {
  const groups = new Map(services.map(({ name, group }) => [name, groupSlug(group)]));
  const claims = new Map<string, Claim>();
  for (const { record, release } of asking) {
    const { group, kind } = release.name;
    for (const released of release.manifest.services) {
      const { service, images } = released;
      // A service that moved to another group follows the versions of its new group.
      if (kind === "version" && (groups.get(service) ?? group) !== group) continue;
      for (const image of images) {
        for (const tag of tagsOfImage(released, image).moving) {
          const key = `${group} ${service} ${image}:${tag}`;
          const claim = claims.get(key) ?? { service, tag, group, image, askedBy: [] };
          claim.askedBy.push(record);
          claims.set(key, claim);
        }
      }
    }
  }
  return claims;
}

async function decideClaim(
  claim: Claim,
  index: RecordIndex,
  reader: RecordReader,
  names: NameTable,
): Promise<TagTarget[]> {
  const rollbacks = index.rollbacks.filter(
    ({ group, tag }) => group === claim.group && reader.peekRollback(tag) !== null,
  );
  const facts: RecordFacts = {
    knewOf: (rollback) => knewOf(reader, rollback),
    releasedAt: ({ tag }) => reader.peekRelease(tag)?.manifest.releasedAt,
  };
  for (;;) {
    const claimants = names.claimants(claim);
    const where = whereTagBelongs(claimants, rollbacks, facts);
    if (where.kind === "nowhere") return [];
    if (where.kind === "unread") {
      await reader.read(where.name.tag);
      continue;
    }
    const release = reader.peekRelease(where.name.tag);
    if (release === undefined || release === null) {
      await reader.release(where.name.tag);
      continue;
    }
    const service = findService(release, claim.service);
    if (service === undefined) return [];
    const { tag, image, askedBy } = claim;
    const images = [image];
    return [{ ...targetOf(service, release.name), tag, kind: "moving", images, rollback: where.because, askedBy }];
  }
}

/** The releases that a rollback knew. A rollback that is listed but unreadable counts as knowing none, so it holds nothing back. */
function knewOf(reader: RecordReader, rollback: RollbackName): ReadonlySet<string> | undefined {
  const stored = reader.peekRollback(rollback.tag);
  return stored === undefined ? undefined : new Set(stored?.record.knew ?? [rollback.to]);
}

function findService(release: StoredRelease, service: string): ReleasedService | undefined {
  return release.manifest.services.find((each) => each.service === service);
}

/** The releases of a group that give an image name of a service a tag: by content where the record was read, by name otherwise. */
interface NameTable {
  claimants(claim: Claim): ReleaseName[];
}

function makeNameTable(index: RecordIndex, reader: RecordReader, services: readonly TaggedService[]): NameTable {
  const templates = new Map(services.map((service) => [service.name, service]));
  const groups = new Map<string, ReleaseName[]>();
  for (const name of index.releases) {
    const names = groups.get(name.group) ?? [];
    names.push(name);
    groups.set(name.group, names);
  }
  const rendered = new Map<string, ReadonlySet<string>>();
  const branches = makeBranchTable(index, reader);
  return {
    claimants: ({ service, tag, group, image }) => {
      const own = tagsOfImage(templates.get(service) ?? { tags: defaultTagTemplates }, image);
      const key = templatesKey(own, service);
      return (groups.get(group) ?? []).filter((name) => {
        const known = reader.peekRelease(name.tag);
        if (known === null) return false;
        if (known !== undefined) {
          const released = findService(known, service);
          return released !== undefined && tagsOfImage(released, image).moving.includes(tag);
        }
        const at = `${key} ${name.tag}`;
        const tags = rendered.get(at) ?? new Set(movingTagsOf(name, { service, ...branches(name) }, own));
        rendered.set(at, tags);
        return tags.has(tag);
      });
    },
  };
}

/** The key under which services share rendered templates: it contains the service's name only where the templates do. */
function templatesKey(templates: TagTemplates, service: string): string {
  const text = JSON.stringify([templates.version, templates.branch]);
  return text.includes("{service}") ? `${service} ${text}` : text;
}

/** Branch and group names as written, learned from records; tags of records may hold them shortened or escaped. */
function makeBranchTable(
  index: RecordIndex,
  reader: RecordReader,
): (name: ReleaseName) => { group: string; branch?: string } {
  const groups = new Map<string, string>();
  const branches = new Map<string, string>();
  for (const { tag, group } of index.releases) {
    const known = reader.peekRelease(tag);
    if (known === undefined || known === null) continue;
    groups.set(group, known.manifest.group);
    const { name, manifest } = known;
    if (name.kind === "branch" && manifest.subject.kind === "branch")
      branches.set(name.branch, manifest.subject.branch);
  }
  return (name) => {
    const group = groups.get(name.group) ?? name.group;
    const branch = name.kind === "branch" ? branches.get(name.branch) : undefined;
    return branch === undefined ? { group } : { group, branch };
  };
}
