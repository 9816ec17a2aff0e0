import { type GitHub, type JobOptions, type Permissions, startGitHub } from "../../sandbox/github/index.ts";
import { makeCache } from "../../sandbox/github/testing.ts";
import { runCli } from "../../src/cli/program.ts";
import { type Descriptor, type ImageConfig, type Manifest, mediaType } from "../../src/model/oci.ts";
import { type ImageName, parseReference } from "../../src/model/reference.ts";
import { makeRegistry, type Registry } from "../../src/registry/registry.ts";
import {
  makeRegistryInMemory,
  type RegistryInMemory,
  type RegistryInMemoryOptions,
} from "../../src/registry/testing/registry-in-memory.ts";
import { makeRawManifest } from "../../src/images/artifact.ts";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Waits, in milliseconds. */
  readonly slept: readonly number[];
}

/** A repository with the services api and web, GitHub on loopback and a registry in memory, all on one clock. */
export interface CacheWorld {
  readonly github: GitHub;
  readonly memory: RegistryInMemory;
  readonly repository: TestRepository;
  /** Stores an entry in GitHub's cache, as a job does. */
  save(job: JobOptions, key: string, bytes?: number): Promise<void>;
  /** Pushes a service's cache as BuildKit does. `at`: image name and tag. */
  pushCache(at: string, bytes: number): Promise<void>;
  /** Pushes what a run built as Slipway does; gives the digest of the platform's image. */
  pushBuild(at: string): Promise<string>;
  /** Pushes an index over this image. */
  pushIndex(at: string, child: string): Promise<void>;
  tags(image: string): Promise<readonly string[]>;
  pass(hours: number): void;
  /** Runs the command line in a job with these permissions; undefined: without a token. */
  run(line: string, permissions?: Permissions): Promise<Ran>;
  close(): Promise<void>;
}

const begin = Date.parse("2026-03-01T12:00:00.000Z");

export async function makeCacheWorld(
  options: RegistryInMemoryOptions & { readonly images?: string; readonly isPrivate?: boolean } = {},
): Promise<CacheWorld> {
  const { images = "reg.test/shop", isPrivate = false, ...abilities } = options;
  let time = begin;
  const github = await startGitHub({ repository: "acme/shop", isPrivate, now: () => time });
  const memory = makeRegistryInMemory(abilities);
  const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }));
  const repository = await makeTestRepository({
    "slipway.yaml": `images: ${images}/{service}\nplatforms: [linux/amd64]\n`,
    "api/Dockerfile": "FROM scratch\nCOPY . /\n",
    "web/Dockerfile": "FROM scratch\nCOPY . /\n",
  });
  const fetchAnywhere: typeof fetch = (input, init) =>
    new URL(input instanceof Request ? input.url : input).hostname === "127.0.0.1"
      ? fetch(input, init)
      : memory.fetch(input, init);
  return {
    github,
    memory,
    repository,
    async save(job, key, bytes = 1000) {
      await makeCache(await github.env(job)).save(key, "x".repeat(bytes));
    },
    async pushCache(at, bytes) {
      const { name, tag } = nameAndTag(at);
      const layer = await registry.putBlob(name, new Uint8Array(bytes).fill(bytes % 251));
      await pushImage(registry, name, tag, {}, { ...layer, createdAt: new Date(time).toISOString() });
    },
    async pushBuild(at) {
      const { name, tag } = nameAndTag(at);
      const layer = await registry.putBlob(name, new TextEncoder().encode(at));
      const created = { "org.opencontainers.image.created": new Date(time).toISOString() };
      const child = await pushImage(registry, name, undefined, created, { ...layer, createdAt: undefined });
      await putIndex(registry, name, tag, child, at);
      return child;
    },
    async pushIndex(at, child) {
      const { name, tag } = nameAndTag(at);
      await putIndex(registry, name, tag, child, at);
    },
    tags: async (image) => [...(await registry.listTags(nameAndTag(`${image}:x`).name))].sort(),
    pass(hours) {
      time += hours * 3_600_000;
    },
    async run(line, permissions) {
      const job = await github.env(permissions === undefined ? {} : { permissions });
      if (permissions === undefined) delete job["GITHUB_TOKEN"];
      const host = makeTestHost({
        cwd: repository.root,
        env: { ...repository.host.env, ...job },
        fetch: fetchAnywhere,
        run: (program, args, more) => repository.host.run(program, args, more),
        startsAt: new Date(time).toISOString(),
      });
      return { exitCode: await runCli(host, line.split(" ")), ...host.printed, slept: host.slept };
    },
    async close() {
      await github.close();
      await repository.dispose();
    },
  };
}

function nameAndTag(at: string): { readonly name: ImageName; readonly tag: string } {
  const reference = parseReference(at);
  if (reference?.tag === undefined) throw new Error(`"${at}" is no image name with a tag`);
  return { name: reference.name, tag: reference.tag };
}

type Layer = Pick<Descriptor, "digest" | "size"> & { readonly createdAt: string | undefined };

async function pushImage(
  registry: Registry,
  name: ImageName,
  tag: string | undefined,
  labels: Readonly<Record<string, string>>,
  { createdAt, ...layer }: Layer,
): Promise<string> {
  const config: ImageConfig = {
    architecture: "amd64",
    os: "linux",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  };
  const put = await registry.putBlob(name, new TextEncoder().encode(JSON.stringify(config)));
  const annotations = createdAt === undefined ? {} : { annotations: { "buildkit/createdat": createdAt } };
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: mediaType.ociConfig, ...put },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer, ...annotations }],
  };
  const raw = makeRawManifest(manifest);
  await registry.putManifest(name, tag ?? raw.digest, raw);
  return raw.digest;
}

/** `what` makes it differ from other indexes over the same image. */
async function putIndex(registry: Registry, name: ImageName, tag: string, child: string, what: string): Promise<void> {
  const manifests = [{ mediaType: mediaType.ociManifest, digest: child, size: 500 }];
  const raw = makeRawManifest({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests, annotations: { what } } as {
    mediaType: string;
  });
  await registry.putManifest(name, tag, raw);
}
