import type { Event } from "../event.ts";
import type { Digest } from "../model/digest.ts";
import type { Fetch, ProcessResult } from "../host.ts";
import { makeRegistry, type Registry } from "../registry/registry.ts";
import {
  makeRegistryInMemory,
  type RegistryInMemory,
  type RegistryInMemoryOptions,
} from "../registry/testing/registry-in-memory.ts";
import type { TestRepository } from "../source/testing/repository.ts";
import { type FakeDocker, makeFakeDocker } from "./docker/fake-docker.ts";
import { makeTestHost, type TestHost, type TestHostOptions } from "./test-host.ts";
import { pushBase } from "./test-image.ts";

/**
 * What a test of the program stands on: a registry in memory, a fake docker that pushes to it, a clock, the environment of runs, and a
 * repository if one is given. Rooms extend it by the commands and services that their tests are about.
 */
export interface World {
  /** Answers for every registry, unless the test joins others. */
  readonly memory: RegistryInMemory;
  readonly docker: FakeDocker;
  /** Events of all runs since the last `forget`. */
  readonly events: Event[];
  /** Environment of all further runs. */
  env: Record<string, string>;
  /** Called with every event of a run. */
  onEvent: ((event: Event) => void) | undefined;
  emit(event: Event): void;
  /** The host of a further run, a second after the one before and with other random numbers. */
  host(changes?: TestHostOptions): TestHost;
  /** A client that is no run's. */
  registry(): Registry;
  /** Tags of a repository of the registry, such as `shop/api`, and their digests. */
  tags(repository: string): Readonly<Record<string, Digest>>;
  /** Pushes an image as `reg.test/os:1`, from which services start. */
  moveBase(content: string): Promise<void>;
  /** Moves the clock of all further runs. */
  advance(milliseconds: number): void;
  /** Forgets builds, events and requests so far. */
  forget(): void;
}

export interface WorldOptions extends RegistryInMemoryOptions {
  /** Repository, or folder, of the runs. Without `host` git finds no repository there. */
  readonly at?: { readonly root: string; readonly host?: TestRepository["host"] };
  /** Replaces the network of runs; `memory` is what it is without this. */
  readonly network?: (memory: RegistryInMemory) => Fetch;
}

export function makeWorld({ at, network, ...abilities }: WorldOptions = {}): World {
  const memory = makeRegistryInMemory(abilities);
  const fetch = network?.(memory) ?? memory.fetch;
  const registry = (): Registry => makeRegistry(makeTestHost({ fetch }));
  let elapsed = 0;
  let runs = 0;
  let current: TestHost | undefined;
  const docker = makeFakeDocker({ registry, wait: (seconds) => current?.advance(seconds * 1000) });
  const world: World = {
    memory,
    docker,
    events: [],
    env: {},
    onEvent: undefined,
    emit: (event) => {
      world.events.push(event);
      world.onEvent?.(event);
    },
    host: (changes = {}) => {
      runs += 1;
      elapsed += 1000;
      const host: TestHost = makeTestHost({
        startsAt: new Date(Date.parse("2026-01-01T00:00:00.000Z") + elapsed).toISOString(),
        seed: runs,
        ...(at === undefined ? {} : { cwd: at.root }),
        env: { ...at?.host?.env, ...world.env },
        fetch,
        run: async (program, args, options = {}) => {
          if (program === "docker") return docker.run(args, options, host.signal);
          if (at?.host !== undefined)
            return at.host.run(program, args, { cwd: at.root, ...options, signal: host.signal });
          if (program === "git") return noRepository;
          throw new Error(`this test has no ${program}`);
        },
        ...changes,
      });
      current = host;
      return host;
    },
    registry,
    tags: (repository) => ({ ...memory.snapshot()[repository]?.tags }),
    moveBase: (content) => pushBase(registry(), content),
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
    forget: () => {
      docker.builds.length = 0;
      docker.calls.length = 0;
      world.events.length = 0;
      memory.clearLog();
    },
  };
  return world;
}

const noRepository: ProcessResult = { exitCode: 128, stdout: new Uint8Array(), stderr: "fatal: not a git repository" };
