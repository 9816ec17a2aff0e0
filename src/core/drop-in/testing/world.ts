import { onTestFinished } from "vitest";
import type { Event } from "../../../event.ts";
import { makeRun } from "../../../github/run.ts";
import { makeRawManifest } from "../../../images/artifact.ts";
import { mediaType } from "../../../model/oci.ts";
import { parsePlatform, platformObject } from "../../../model/platform.ts";
import { makeRegistry, type Registry } from "../../../registry/registry.ts";
import {
  joinFetches,
  makeRegistryInMemory,
  type RegistryInMemory,
} from "../../../registry/testing/registry-in-memory.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../../../testing/test-host.ts";
import { imageName } from "../../../testing/image-name.ts";
import { putImage } from "../../testing/engine.ts";
import { defaultDropInOptions, type DropInOptions, type DropInResult } from "../request.ts";
import { runDropIn } from "../run-drop-in.ts";
import { type FakeBuild, type FakeBuildPlan, makeFakeBuildx } from "./fake-buildx.ts";

/** A repository, a registry in memory and a buildx that pushes to it. Each drop-in build is a process of its own. */
export interface DropInWorld {
  readonly repository: TestRepository;
  /** `reg.test`. */
  readonly memory: RegistryInMemory;
  /** `hub.test`. */
  readonly hub: RegistryInMemory;
  /** Arguments of every `docker` command but buildx's. */
  readonly docker: (readonly string[])[];
  readonly builds: readonly FakeBuild[];
  readonly events: Event[];
  /** What becomes of builds from now on. */
  plan: ((build: FakeBuild) => FakeBuildPlan | undefined) | undefined;
  /** Environment and payload of the runs from now on. Default: a push to the default branch. */
  env: Readonly<Record<string, string>>;
  payload: unknown;
  registry(): Registry;
  advance(milliseconds: number): void;
  run(argv: readonly string[], options?: Partial<DropInOptions>): Promise<DropInResult>;
  tags(name: string, of?: RegistryInMemory): Readonly<Record<string, string>>;
  /** Pushes another image as `reg.test/os:1`. */
  moveBase(content: string): Promise<void>;
  /** Driver of the builder. Default: docker-container. */
  driver: string;
}

const pushToMain: Readonly<Record<string, string>> = {
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_REPOSITORY: "acme/shop",
  GITHUB_RUN_ID: "1",
};

export async function makeDropInWorld(files: Readonly<Record<string, TestFile>> = {}): Promise<DropInWorld> {
  const repository = await makeTestRepository({ Dockerfile: "FROM scratch\nCOPY a.txt /\n", "a.txt": "a", ...files });
  onTestFinished(() => repository.dispose());
  const memory = makeRegistryInMemory();
  const hub = makeRegistryInMemory();
  const fetch = joinFetches({ "reg.test": memory, "hub.test": hub });
  const registry = (): Registry => makeRegistry(makeTestHost({ fetch }));
  let elapsed = 0;
  let current: TestHost | undefined;
  const buildx = makeFakeBuildx(
    registry,
    (build) => world.plan?.(build),
    (seconds) => current?.advance(seconds * 1000),
  );
  const world: DropInWorld = {
    repository,
    memory,
    hub,
    docker: [],
    builds: buildx.builds,
    events: [],
    plan: undefined,
    env: pushToMain,
    payload: { repository: { default_branch: "main" } },
    registry,
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
    run: async (argv, options = {}) => {
      elapsed += 1000;
      const env = { ...repository.host.env, ...world.env };
      const host: TestHost = makeTestHost({
        startsAt: new Date(Date.parse("2026-01-01T00:00:00.000Z") + elapsed).toISOString(),
        cwd: repository.root,
        env,
        fetch,
        run: (program, args, how = {}) =>
          program === "docker"
            ? Promise.resolve(answerDocker(world, args))
            : repository.host.run(program, args, { cwd: repository.root, ...how, signal: host.signal }),
      });
      current = host;
      return runDropIn(
        {
          host,
          emit: (event) => world.events.push(event),
          run: makeRun(env, world.payload),
          registry: makeRegistry(host),
          runBuild: buildx.run,
        },
        { argv, cwd: repository.root, options: { ...defaultDropInOptions, ...options } },
      );
    },
    tags: (name, of = memory) => ({ ...of.snapshot()[name]?.tags }),
    moveBase: (content) => pushBase(registry(), content),
    driver: "docker-container",
  };
  return world;
}

/** `reg.test/os:1` for amd64 and arm64. */
async function pushBase(registry: Registry, content: string): Promise<void> {
  const name = imageName("reg.test/os");
  const manifests = await Promise.all(
    ["linux/amd64", "linux/arm64"].map(async (text) => {
      const platform = parsePlatform(text);
      if (platform === undefined) throw new Error(`"${text}" is no platform`);
      const image = { content: `${content} ${text}`, labels: {}, platform, annotations: {} };
      return { ...(await putImage(registry, name, image)), platform: platformObject(platform) };
    }),
  );
  const index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
  await registry.putManifest(name, "1", makeRawManifest(index));
}

const inspected = `Name:          default
Driver:        DRIVER

Nodes:
Name:             default
Endpoint:         unix:///var/run/docker.sock
BuildKit version: v0.25.1
Platforms:        linux/amd64, linux/arm64
`;

function answerDocker(
  { docker, driver }: DropInWorld,
  args: readonly string[],
): { exitCode: number; stdout: Uint8Array; stderr: string } {
  const print = (text: string): Uint8Array => new TextEncoder().encode(text);
  if (args[0] === "info") return { exitCode: 1, stdout: print(""), stderr: "" };
  if (args[0] === "buildx") return { exitCode: 0, stdout: print(inspected.replace("DRIVER", driver)), stderr: "" };
  docker.push(args);
  return { exitCode: 0, stdout: print(args[1] === "inspect" ? "sha256:loaded\n" : ""), stderr: "" };
}
