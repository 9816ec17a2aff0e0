import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { makeRun } from "../../../github/run.ts";
import type { Fetch } from "../../../host.ts";
import { makeRegistry } from "../../../registry/registry.ts";
import {
  joinFetches,
  makeRegistryInMemory,
  type RegistryInMemory,
} from "../../../registry/testing/registry-in-memory.ts";
import type { TestRepository } from "../../../source/testing/repository.ts";
import { makeWorld, type World } from "../../../testing/world.ts";
import { defaultDropInOptions, type DropInContext, type DropInOptions, type DropInResult } from "../request.ts";
import { runDropIn } from "../run-drop-in.ts";

/** A world with a folder and a second registry, whose docker builds for callers. Each drop-in build is a process of its own. */
export interface DropInWorld extends World {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  /** The registry `hub.test`; `memory` is `reg.test`. */
  readonly hub: RegistryInMemory;
  /** Answers of hosts that are no registries, as JSON by host; undefined: 404. */
  readonly answers: Record<string, (url: string) => unknown>;
  /** Makes the context of a further process. */
  open(): DropInContext;
  run(argv: readonly string[], options?: Partial<DropInOptions>): Promise<DropInResult>;
}

const pushToMain: Readonly<Record<string, string>> = {
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_REPOSITORY: "acme/shop",
  GITHUB_RUN_ID: "1",
};
const payload = { repository: { default_branch: "main" } };

/**
 * Makes the world of a push to the default branch. Without more, the folder has a Dockerfile that copies `a.txt`, and is in no repository.
 * `at`: a repository in whose folder the builds run.
 */
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
  const hub = makeRegistryInMemory();
  const answers: DropInWorld["answers"] = {};
  const network = (memory: RegistryInMemory): Fetch => {
    const registries = joinFetches({ "reg.test": memory, "hub.test": hub });
    return async (url, init) => {
      const answer = answers[new URL(url).host];
      if (answer === undefined) return registries(url, init);
      const body = answer(url);
      return new Response(JSON.stringify(body ?? {}), { status: body === undefined ? 404 : 200 });
    };
  };
  const world = makeWorld({ at: { ...at, root: folder }, network });
  world.env = { ...pushToMain };
  const open = (): DropInContext => {
    const host = world.host();
    const runBuild: DropInContext["runBuild"] = async (args, options) => {
      const stderrLines: string[] = [];
      const onStderrLine = (line: string): void => void stderrLines.push(line);
      const { exitCode } = await world.docker.run(["buildx", ...args], { ...options, onStderrLine }, host.signal);
      return { exitCode, stderrLines };
    };
    return {
      host,
      emit: (event) => world.emit(event),
      run: makeRun(host.env, payload),
      registry: makeRegistry(host),
      runBuild,
    };
  };
  const run: DropInWorld["run"] = (argv, options = {}) =>
    runDropIn(open(), { argv, cwd: folder, options: { ...defaultDropInOptions, ...options } });
  return Object.assign(world, { folder, write, hub, answers, open, run });
}
