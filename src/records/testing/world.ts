import type { Event } from "../../event.ts";
import type { Host } from "../../host.ts";
import { type Digest, digestOf } from "../../model/digest.ts";
import type { InputContext } from "../../model/inputs.ts";
import { type Descriptor, emptyConfig, type Manifest, mediaType, type RawManifest } from "../../model/oci.ts";
import { type Platform, parsePlatform } from "../../model/platform.ts";
import type { ImageName } from "../../model/reference.ts";
import type { ReleasedService, ReleaseManifest, ReleaseSubject } from "../../model/release.ts";
import type { TagTemplates } from "../../model/service.ts";
import { makeRegistry, type Registry } from "../../registry/registry.ts";
import type { RegistryInMemory } from "../../registry/testing/registry-in-memory.ts";
import type { TestHostOptions } from "../../testing/test-host.ts";
import { makeWorld, type World } from "../../testing/world.ts";
import { makeRawManifest } from "../../images/artifact.ts";
import { type Committed, commitRelease, prepareCommit } from "../commit.ts";
import type { TaggedService } from "../decide-tags.ts";
import { findPublished, publishImage } from "../../images/published.ts";
import { publishInputs } from "../../images/published-inputs.ts";
import { type Reconciled, reconcile } from "../reconcile.ts";
import { makeServiceIndex } from "../../images/service-index.ts";
import { renderImageTags } from "../tags.ts";
import { imageName } from "../../testing/image-name.ts";

/** A world with two services, one of them under two names, and any number of runs that release them. */
export interface ReleasesWorld extends World {
  readonly releases: ImageName;
  readonly services: readonly WorldService[];
  /** A client of one run. */
  client(effects?: ClientEffects): Client;
  /** The digest of a tag, without a request. */
  tagOf(image: ImageName, tag: string): Digest | undefined;
}

/** Replacements for a client's `fetch` and sleep, and the seed of its host. */
export interface ClientEffects extends Pick<TestHostOptions, "pause" | "seed"> {
  readonly fetch?: Host["fetch"];
}

interface WorldService extends TaggedService {
  readonly images: readonly [ImageName, ...ImageName[]];
}

export interface Client {
  readonly host: Host;
  readonly registry: Registry;
  readonly events: Event[];
  readonly emit: (event: Event) => void;
}

/** A release to make. Two releases have different images exactly if `content` or `build` differs. */
export interface WorldRelease {
  readonly subject: ReleaseSubject;
  /** Content from which commit and inputs are derived. */
  readonly content: string;
  /** Name of the build that made the images; builds of different names have different bytes. */
  readonly build?: string;
  /** Commit of the repository; default: derived from subject and content. */
  readonly commit?: string;
  /**
   * Makes web start from api: its fingerprint includes api's image, its own image is the same in every build, and images are published
   * under their fingerprints. `looks`: whether this run takes images that another run published. `replaces`: whether its own images replace
   * those.
   */
  readonly chain?: { readonly looks: boolean; readonly replaces?: boolean };
  readonly group?: string;
  readonly services?: readonly string[];
}

export const platform: Platform = parsePlatform("linux/amd64") ?? fail("linux/amd64");

function fail(text: string): never {
  throw new Error(`"${text}" is not what the test takes it for`);
}

export function version(text: string): ReleaseSubject {
  return { kind: "version", version: text };
}

export function branch(name: string, generation: number): ReleaseSubject {
  return { kind: "branch", branch: name, generation, committedAt: "2026-01-01T00:00:00.000Z", revision: 1 };
}

/** Timeouts of some weeks, so that the machine's clock ends no request. */
const noTimeouts = { answerMs: 2e9, stallMs: 2e9 };

/** Makes the world. `copies`: tag templates of api's second image name, if it has its own. */
export function makeReleasesWorld(copies?: TagTemplates): ReleasesWorld {
  const world = makeWorld();
  const tags = { version: ["{version}", "{major}.{minor}", "{major}", "latest"], branch: ["{branch}", "sha-{sha}"] };
  const services: WorldService[] = [
    {
      name: "api",
      group: "default",
      tags,
      images: [imageName("reg.test/shop/api"), imageName("reg.test/copies/api")],
      ...(copies === undefined ? {} : { imageTags: { "reg.test/copies/api": copies } }),
    },
    { name: "web", group: "default", tags, images: [imageName("reg.test/shop/web")] },
  ];
  return Object.assign(world, {
    releases: imageName("reg.test/shop/releases"),
    services,
    client: (effects: ClientEffects = {}) => {
      const host = world.host({ startsAt: "2026-01-01T00:00:00.000Z", seed: 1, ...effects });
      const events: Event[] = [];
      const registry = makeRegistry(host, { timeouts: noTimeouts });
      return { host, registry, events, emit: (event: Event) => void events.push(event) };
    },
    tagOf: (image: ImageName, tag: string) => tagsOf(world.memory, image).get(tag),
  });
}

/** The tags of an image name with their digests, without a request. */
export function tagsOf(memory: RegistryInMemory, image: ImageName): ReadonlyMap<string, Digest> {
  const repository = image.slice(image.indexOf("/") + 1);
  return new Map(Object.entries(memory.snapshot()[repository]?.tags ?? {}));
}

/** Pushes an image as a build does: config, a layer, the manifest by digest. */
export async function pushImage(registry: Registry, name: ImageName, content: string): Promise<RawManifest> {
  const layer = new TextEncoder().encode(content);
  const [config] = await Promise.all([registry.putBlob(name, emptyConfig.bytes), registry.putBlob(name, layer)]);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: mediaType.ociConfig, ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf(layer), size: layer.length }],
  };
  const raw = makeRawManifest(manifest);
  await registry.putManifest(name, raw.digest, raw);
  return raw;
}

/** Runs a whole release as a command does: push, commit, promote. */
export async function runRelease(world: ReleasesWorld, client: Client, release: WorldRelease): Promise<Released> {
  const { releases, services } = world;
  const wanted = { releases, services, ...(await makeRelease(world, client, release)) };
  // A command prepares the commit while it still looks for its images.
  const prepared = prepareCommit(client.registry, wanted);
  await client.registry.headManifest(world.services[0]?.images[0] ?? releases, "fp-of-an-image");
  const committed = await commitRelease(client.host, client.registry, { ...wanted, prepared }, client.emit);
  const request = {
    releases: world.releases,
    services: world.services,
    own: committed.stored,
    all: committed.already,
    manifests: committed.manifests,
    records: committed.records,
    tags: committed.tags,
  };
  return { committed, reconciled: await reconcile(client.host, client.registry, request, client.emit) };
}

export interface Released {
  readonly committed: Committed;
  readonly reconciled: Reconciled;
}

/** Pushes the images of a release and makes its manifest. */
export async function makeRelease(
  world: ReleasesWorld,
  { host, registry }: Client,
  release: WorldRelease,
): Promise<{ manifest: ReleaseManifest; indexes: ReadonlyMap<string, RawManifest> }> {
  const { subject, content, build = "", group = "default" } = release;
  const { commit = digestOf(`${JSON.stringify(subject)} ${content}`).slice(7, 47) } = release;
  const indexes = new Map<string, RawManifest>();
  const services: ReleasedService[] = [];
  for (const service of world.services) {
    const { name, images } = service;
    if (release.services !== undefined && !release.services.includes(name)) continue;
    const fingerprint = fingerprintOf(release, name, services);
    const { digest, children } =
      release.chain === undefined
        ? await pushChild(registry, images[0], `${name} ${content} ${build}`)
        : await buildChained(registry, release, { name: images[0], service: name, fingerprint, commit, services });
    const index = makeServiceIndex([{ platform, children }]);
    indexes.set(name, index);
    services.push({
      service: name,
      images,
      digest: index.digest,
      platforms: [{ platform, digest, fingerprint, size: 1 }],
      origin: "built",
      commit,
      builtAt: host.now(),
      buildSeconds: 1,
      ...renderImageTags(service, images, { service: name, group, subject, commit }),
    });
  }
  const manifest: ReleaseManifest = {
    schemaVersion: 1,
    group,
    subject,
    commit,
    source: "https://example.test/shop",
    releasedAt: host.now(),
    previous: null,
    services,
  };
  return { manifest, indexes };
}

interface Made {
  readonly digest: Digest;
  readonly children: readonly Descriptor[];
}

async function pushChild(registry: Registry, name: ImageName, content: string): Promise<Made> {
  const { mediaType: type, digest, bytes } = await pushImage(registry, name, content);
  return { digest, children: [{ mediaType: type, digest, size: bytes.length }] };
}

function fingerprintOf({ content, chain }: WorldRelease, service: string, before: readonly ReleasedService[]): Digest {
  if (chain === undefined) return digestOf(content);
  const from = service === "web" ? before.flatMap(({ platforms }) => platforms.map(({ digest }) => digest)) : [];
  return digestOf([service, content, ...from].join(" "));
}

interface ChainedBuild {
  readonly name: ImageName;
  readonly service: string;
  readonly fingerprint: Digest;
  readonly commit: string;
  /** Services of the release that were built already. */
  readonly services: readonly ReleasedService[];
}

/** Builds and publishes an image as a command does, or takes the one that another run published. */
async function buildChained(registry: Registry, release: WorldRelease, build: ChainedBuild): Promise<Made> {
  const { name, service, fingerprint, commit, services } = build;
  const found =
    release.chain?.looks === true
      ? await findPublished(registry, { name, prefix: "" }, platform, fingerprint)
      : undefined;
  if (found?.kind === "published") return { digest: found.digest, children: found.children };
  const isStart = service === "api";
  const { digest } = await pushChild(
    registry,
    name,
    `${service} ${release.content} ${isStart ? (release.build ?? "") : ""}`,
  );
  const contexts = services.flatMap(({ service: of, platforms }): InputContext[] =>
    platforms.map((each) => ({ name: of, kind: "service", of, digest: each.digest })),
  );
  const what = { args: {}, bases: [], volatile: null, instructions: ["COPY a.txt /"], settings: {} };
  const files = [{ path: release.content, mode: "100644", digest: "sha1:0" }] as const;
  await publishInputs(registry, name, { ...what, service, platform, fingerprint, files, contexts });
  const replaces = release.chain?.replaces === true;
  const about = { replaces, platform, fingerprint, commit, builtAt: "2026-01-01T00:00:00.000Z", buildSeconds: 1 };
  const published = await publishImage(registry, name, { ...about, pushed: digest });
  return { digest: published.digest, children: published.children };
}
