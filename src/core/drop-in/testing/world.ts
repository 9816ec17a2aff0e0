import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Event } from "../../../event.ts";
import type { Fetch, ProcessResult } from "../../../host.ts";
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
import type { TestRepository } from "../../../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../../../testing/test-host.ts";
import { imageName } from "../../../testing/image-name.ts";
import { putImage } from "../../testing/engine.ts";
import { defaultDropInOptions, type DropInContext, type DropInOptions, type DropInResult } from "../request.ts";
import { runDropIn } from "../run-drop-in.ts";
import { type FakeBuild, type FakeBuildPlan, makeFakeBuildx } from "./fake-buildx.ts";

/** A folder, two registries in memory and a buildx that pushes to them. Each drop-in build is a process of its own. */
export interface DropInWorld {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  /** `reg.test`. */
  readonly memory: RegistryInMemory;
  /** `hub.test`. */
  readonly hub: RegistryInMemory;
  /** Arguments of every `docker` command but buildx's. */
  readonly docker: (readonly string[])[];
  /** What hosts answer that are no registries, as JSON by host; undefined: 404. */
  readonly answers: Record<string, (url: string) => unknown>;
  readonly builds: readonly FakeBuild[];
  readonly events: Event[];
  /** Sets the outcome of all further builds. */
  plan: ((build: FakeBuild) => FakeBuildPlan | undefined) | undefined;
  /** Environment and payload of all further runs. Default: a push to the default branch. */
  env: Readonly<Record<string, string>>;
  payload: unknown;
  registry(): Registry;
  advance(milliseconds: number): void;
  /** A process of its own, some time after the one before. */
  open(): DropInContext;
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

/** Without more, the folder has a Dockerfile that copies `a.txt`, and is in no repository. `at`: a folder where git is asked. */
export function makeDropInWorld(
  files: Readonly<Record<string, string>> = {},
  at?: Pick<TestRepository, "root" | "host">,
): DropInWorld {
  const folder = realpathSync(at?.root ?? mkdtempSync(join(tmpdir(), "slipway-drop-in-")));
  if (at === undefined) onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [path, content] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  if (at === undefined) write({ Dockerfile: "FROM scratch\nCOPY a.txt /\n", "a.txt": "a", ...files });
  const memory = makeRegistryInMemory();
  const hub = makeRegistryInMemory();
  const registries = joinFetches({ "reg.test": memory, "hub.test": hub });
  const fetch: Fetch = async (url, init) => {
    const answer = world.answers[new URL(url).host];
    if (answer === undefined) return registries(url, init);
    const body = answer(url);
    return new Response(JSON.stringify(body ?? {}), { status: body === undefined ? 404 : 200 });
  };
  const registry = (): Registry => makeRegistry(makeTestHost({ fetch }));
  let elapsed = 0;
  let current: TestHost | undefined;
  const buildx = makeFakeBuildx(
    registry,
    (build) => world.plan?.(build),
    (seconds) => current?.advance(seconds * 1000),
  );
  const world: DropInWorld = {
    folder,
    write,
    memory,
    hub,
    docker: [],
    answers: {},
    builds: buildx.builds,
    events: [],
    plan: undefined,
    env: pushToMain,
    payload: { repository: { default_branch: "main" } },
    registry,
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
    open: () => {
      elapsed += 1000;
      const env = { ...at?.host.env, ...world.env };
      const host: TestHost = makeTestHost({
        startsAt: new Date(Date.parse("2026-01-01T00:00:00.000Z") + elapsed).toISOString(),
        cwd: folder,
        env,
        fetch,
        run: (program, args, options) =>
          program === "git" && at !== undefined
            ? at.host.run(program, args, { cwd: folder, ...options })
            : Promise.resolve(answer(world, program, args)),
      });
      current = host;
      return {
        host,
        emit: (event) => world.events.push(event),
        run: makeRun(env, world.payload),
        registry: makeRegistry(host),
        runBuild: buildx.run,
      };
    },
    run: async (argv, options = {}) =>
      runDropIn(world.open(), { argv, cwd: folder, options: { ...defaultDropInOptions, ...options } }),
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

function answer({ docker, driver }: DropInWorld, program: string, args: readonly string[]): ProcessResult {
  const print = (text: string): ProcessResult => ({ exitCode: 0, stdout: new TextEncoder().encode(text), stderr: "" });
  if (program === "git") return { ...print(""), exitCode: 128, stderr: "fatal: not a git repository" };
  // It names no plugin, as this is docker and buildx in one.
  if (args[0] === "info") return { ...print(""), exitCode: 1 };
  if (args[0] === "buildx") return print(inspected.replace("DRIVER", driver));
  docker.push(args);
  return print(args[1] === "inspect" ? "sha256:loaded\n" : "");
}
