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

/** A repository with a registry and an engine, in which whole commands run; each command is a run of its own. */
export interface World {
  readonly repository: TestRepository;
  readonly memory: RegistryInMemory;
  /** What commands told, since the last `forget`. */
  readonly events: Event[];
  /** `service platform` of every build, in the order they began, since the last `forget`. */
  builds(): string[];
  readonly engine: Engine;
  /** What becomes of builds from now on. */
  plan(next: ((solve: Solve) => SolvePlan | undefined) | undefined): void;
  /** Environment of the commands from now on. */
  env: Record<string, string>;
  /** Hears what commands tell. */
  onEvent: ((event: Event) => void) | undefined;
  forget(): void;
  /** Moves the clock of the commands from now on. */
  advance(milliseconds: number): void;
  release(options?: ReleaseOptions, host?: Host): Promise<ReleaseDocument>;
  build(options?: BuildOptions, host?: Host): Promise<BuildDocument>;
  planned(services?: readonly string[], force?: readonly string[] | true): Promise<Plan>;
  rollback(to: string): Promise<RollbackDocument>;
  host(): TestHost;
  registry(): Registry;
  /** Pushes another image under a base's tag. */
  moveBase(content: string): Promise<void>;
  /** Tags of `reg.test/NAME`, and where they point. */
  tags(name: string): Record<string, string>;
  /** `reg.test/shop/NAME`; `os`: the base image that all start from. */
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

/** Three services: `api` starts from the image of `base`, `web` stands alone. */
const shop: Readonly<Record<string, TestFile>> = {
  "slipway.yaml": settings,
  "api/Dockerfile": "FROM base\nCOPY src /src\n",
  "api/src/main.txt": "api 1",
  "base/Dockerfile": "FROM reg.test/os:1\nCOPY lib.txt /lib.txt\n",
  "base/lib.txt": "lib 1",
  "web/Dockerfile": "FROM reg.test/os:1\nCOPY index.html /\n",
  "web/index.html": "web 1",
};

/** With the files of the shop, changed by `files`. */
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
  const hear = (event: Event): void => {
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
    release: (options = {}, host = world.host()) => release({ ...options, host, onEvent: hear }),
    build: (options = {}, host = world.host()) => build({ ...options, host, onEvent: hear }),
    planned: (services = [], force = []) => plan({ services, force, host: world.host() }),
    rollback: (to) => rollback(to, { host: world.host(), onEvent: hear }),
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

/** `reg.test/os:1` for amd64 and arm64. */
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
