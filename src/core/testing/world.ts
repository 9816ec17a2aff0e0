import { onTestFinished } from "vitest";
import type { Event } from "../../event.ts";
import type { Host } from "../../host.ts";
import { build, plan, release, rollback } from "../../index.ts";
import type { BuildDocument, ReleaseDocument, RollbackDocument } from "../../model/documents.ts";
import { digestOf } from "../../model/digest.ts";
import { mediaType } from "../../model/oci.ts";
import { parsePlatform, platformObject } from "../../model/platform.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Plan } from "../../model/plan.ts";
import { makeRegistry, type Registry } from "../../registry/registry.ts";
import { makeRegistryInMemory, type RegistryInMemory } from "../../registry/testing/registry-in-memory.ts";
import { makeRawManifest } from "../../images/artifact.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../../testing/test-host.ts";
import { type Engine, makeEngine, putImage, type Solve, type SolvePlan } from "./engine.ts";
import { imageName } from "../../testing/image-name.ts";

type ReleaseOptions = NonNullable<Parameters<typeof release>[0]>;
type BuildOptions = NonNullable<Parameters<typeof build>[0]>;

/** A repository with a registry and a fake engine, in which whole commands run, each as a run of its own. */
export interface World {
  readonly repository: TestRepository;
  readonly memory: RegistryInMemory;
  /** Events that commands emitted since the last `forget`. */
  readonly events: Event[];
  /** `service platform` of every build since the last `forget`, in the order in which they started. */
  builds(): string[];
  readonly engine: Engine;
  /** Sets the outcome of all further builds. */
  plan(next: ((solve: Solve) => SolvePlan | undefined) | undefined): void;
  /** Environment of all further commands. */
  env: Record<string, string>;
  /** Called with every event of a command. */
  onEvent: ((event: Event) => void) | undefined;
  forget(): void;
  /** Advances the clock of all further commands. */
  advance(milliseconds: number): void;
  release(options?: ReleaseOptions, host?: Host): Promise<ReleaseDocument>;
  build(options?: BuildOptions, host?: Host): Promise<BuildDocument>;
  planned(services?: readonly string[], force?: readonly string[] | true): Promise<Plan>;
  rollback(to: string): Promise<RollbackDocument>;
  host(): TestHost;
  registry(): Registry;
  /** Pushes another image under the base's tag. */
  moveBase(content: string): Promise<void>;
  /** Tags of `reg.test/NAME` and their digests. */
  tags(name: string): Record<string, string>;
  /** The image name `reg.test/shop/NAME`; for `os`, the base image of all services. */
  image(name: string): ImageName;
  /** The digest of a service in a release. */
  digest(result: ReleaseDocument, service: string): string;
}

export const settings = `images: reg.test/shop/{service}
releases: reg.test/shop/releases
services:
  api:
    context: api
    contexts: { base: { service: base } }
  base:
    context: base
  web:
    context: web
`;

/** Three services: `api` starts from the image of `base`, `web` needs no other. */
const shop: Readonly<Record<string, TestFile>> = {
  "slipway.yaml": settings,
  "api/Dockerfile": "FROM base\nCOPY src /src\n",
  "api/src/main.txt": "api 1",
  "base/Dockerfile": "FROM reg.test/os:1\nCOPY lib.txt /lib.txt\n",
  "base/lib.txt": "lib 1",
  "web/Dockerfile": "FROM reg.test/os:1\nCOPY index.html /\n",
  "web/index.html": "web 1",
};

/** Makes a world with the files of the shop, overridden by `files`. */
export async function makeWorld(files: Readonly<Record<string, TestFile>> = {}): Promise<World> {
  const repository = await makeTestRepository({ ...shop, ...files });
  onTestFinished(() => repository.dispose());
  const memory = makeRegistryInMemory();
  const events: Event[] = [];
  let planOf: ((solve: Solve) => SolvePlan | undefined) | undefined;
  let elapsed = 0;
  let runs = 0;
  const registry = (): Registry => makeRegistry(makeTestHost({ fetch: memory.fetch }));
  const engine = makeEngine(registry, (solve) => planOf?.(solve));
  const record = (event: Event): void => {
    events.push(event);
    world.onEvent?.(event);
  };
  const world: World = {
    repository,
    memory,
    events,
    engine,
    env: {},
    onEvent: undefined,
    builds: () => engine.solves.map(({ service, platform }) => `${service} ${platform}`),
    plan: (next) => {
      planOf = next;
    },
    forget: () => {
      engine.solves.length = 0;
      events.length = 0;
      memory.clearLog();
    },
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
    host: () => {
      runs += 1;
      elapsed += 1000;
      const startsAt = new Date(Date.parse("2026-01-01T00:00:00.000Z") + elapsed).toISOString();
      const host: TestHost = makeTestHost({
        startsAt,
        seed: runs,
        cwd: repository.root,
        env: { ...repository.host.env, ...world.env },
        fetch: memory.fetch,
        run: (program, args, options = {}) =>
          program === "docker"
            ? engine.run(args, options, host.signal)
            : repository.host.run(program, args, { cwd: repository.root, ...options, signal: host.signal }),
      });
      return host;
    },
    registry,
    release: (options = {}, host = world.host()) => release({ ...options, host, onEvent: record }),
    build: (options = {}, host = world.host()) => build({ ...options, host, onEvent: record }),
    planned: (services = [], force = []) => plan({ services, force, host: world.host() }),
    rollback: (to) => rollback(to, { host: world.host(), onEvent: record }),
    moveBase: (content) => pushBase(registry(), content),
    tags: (name) => ({ ...memory.snapshot()[name]?.tags }),
    image: (name) => imageName(name === "os" ? "reg.test/os" : `reg.test/shop/${name}`),
    digest: (result, service) => {
      const found = result.releases
        .flatMap(({ manifest }) => manifest.services)
        .find((each) => each.service === service);
      if (found === undefined) throw new Error(`${service} is not in the release`);
      return found.digest;
    },
  };
  await world.moveBase("os 1");
  return world;
}

/** Pushes `reg.test/os:1` for amd64 and arm64. */
async function pushBase(registry: Registry, content: string): Promise<void> {
  const name = imageName("reg.test/os");
  const manifests = await Promise.all(
    ["linux/amd64", "linux/arm64"].map(async (text) => {
      const platform = parsePlatform(text);
      if (platform === undefined) throw new Error(`"${text}" is no platform`);
      const image = { content: `${content} ${digestOf(text)}`, labels: {}, platform, annotations: {} };
      return { ...(await putImage(registry, name, image)), platform: platformObject(platform) };
    }),
  );
  const index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
  await registry.putManifest(name, "1", makeRawManifest(index));
}
