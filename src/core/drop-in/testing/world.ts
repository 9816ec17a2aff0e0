import { onTestFinished } from "vitest";
import type { Event } from "../../../event.ts";
import { makeRun } from "../../../github/run.ts";
import { makeRegistry, type Registry } from "../../../registry/registry.ts";
import { makeRegistryInMemory, type RegistryInMemory } from "../../../registry/testing/registry-in-memory.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../../../testing/test-host.ts";
import { defaultDropInOptions, type DropInOptions, type DropInResult } from "../request.ts";
import { runDropIn } from "../run-drop-in.ts";
import { type FakeBuild, type FakeBuildPlan, makeFakeBuildx } from "./fake-buildx.ts";

/** A repository, a registry in memory and a buildx that pushes to it. Each drop-in build is a process of its own. */
export interface DropInWorld {
  readonly repository: TestRepository;
  readonly memory: RegistryInMemory;
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
  tags(name: string): Readonly<Record<string, string>>;
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
  const registry = (): Registry => makeRegistry(makeTestHost({ fetch: memory.fetch }));
  let elapsed = 0;
  const buildx = makeFakeBuildx(registry, (build) => world.plan?.(build));
  const world: DropInWorld = {
    repository,
    memory,
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
        fetch: memory.fetch,
        run: (program, args, how = {}) =>
          program === "docker"
            ? Promise.resolve(answerDocker(args))
            : repository.host.run(program, args, { cwd: repository.root, ...how, signal: host.signal }),
      });
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
    tags: (name) => ({ ...memory.snapshot()[name]?.tags }),
  };
  return world;
}

const inspected = `Name:          default
Driver:        docker-container

Nodes:
Name:             default
Endpoint:         unix:///var/run/docker.sock
BuildKit version: v0.25.1
Platforms:        linux/amd64, linux/arm64
`;

function answerDocker(args: readonly string[]): { exitCode: number; stdout: Uint8Array; stderr: string } {
  if (args[0] === "info") return { exitCode: 1, stdout: new Uint8Array(), stderr: "" };
  return { exitCode: 0, stdout: new TextEncoder().encode(inspected), stderr: "" };
}
