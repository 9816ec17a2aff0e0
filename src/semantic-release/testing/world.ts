import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import semanticRelease, { type Options } from "semantic-release";
import { onTestFinished } from "vitest";
import type { MemoryAuth } from "../../registry/testing/registry-in-memory.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../source/testing/repository.ts";
import { startDocker } from "../../testing/docker/docker-program.ts";
import { makeWorld, type World } from "../../testing/world.ts";
import * as plugin from "../index.ts";

/** A world whose repository has a remote and whose registry and docker are reached by programs, in which the real semantic-release runs. */
export interface SemanticReleaseWorld extends World {
  readonly repository: TestRepository;
  /** Commits with this message, pushes, and runs semantic-release as a CI job would. */
  release(files: Readonly<Record<string, TestFile>>, message: string, options?: Options): Promise<ReleaseRan>;
  /** Tags of a service's images that people pull. */
  visibleTags(service: string): Record<string, string>;
  readonly outputs: () => Promise<string>;
  /** The bare repository that is pushed to. */
  readonly remote: string;
}

/** What one run came to. */
export interface ReleaseRan {
  readonly version: string | undefined;
  readonly releases: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly code?: string; readonly message: string; readonly pluginName?: string }[];
  readonly output: string;
}

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY . /api\n",
  "api/main.txt": "api 1",
  "web/Dockerfile": "FROM scratch\nCOPY . /web\n",
  "web/index.html": "web 1",
};

/** `config`: slipway.yaml, in which HOST stands for the registry. */
export async function makeSemanticReleaseWorld(
  given: { auth?: MemoryAuth; config?: string; env?: Record<string, string> } = {},
): Promise<SemanticReleaseWorld> {
  const repository = await makeTestRepository();
  onTestFinished(repository.dispose);
  const world = makeWorld({ at: repository, ...(given.auth === undefined ? {} : { auth: given.auth }) });
  const server = await world.memory.listen();
  onTestFinished(() => server.close());
  const config = given.config ?? "images: HOST/shop/{service}\n";
  await repository.commit({ ...files, "slipway.yaml": config.replaceAll("HOST", server.host) }, "First");
  const remote = await mkdtemp(join(tmpdir(), "slipway-remote-"));
  onTestFinished(() => rm(remote, { recursive: true, force: true }));
  await repository.git("init", "--quiet", "--bare", "--initial-branch=main", remote);
  await repository.git("remote", "add", "origin", `file://${remote}`);
  const outputs = join(remote, "outputs.txt");
  await writeFile(outputs, "");
  const ownEnv = {
    ...repository.host.env,
    PATH: `${startDocker(world.docker).folder}:${repository.host.env["PATH"] ?? ""}`,
    DOCKER_CONFIG: remote,
    GITHUB_OUTPUT: outputs,
    ...given.env,
  };
  return Object.assign(world, {
    remote,
    repository,
    release: async (changed: Readonly<Record<string, TestFile>>, message: string, options: Options = {}) => {
      world.docker.builds.length = 0;
      await repository.commit(changed, message);
      const branch = await repository.git("rev-parse", "--abbrev-ref", "HEAD");
      await repository.git("push", "--quiet", "origin", branch);
      const env = { ...ownEnv, ...world.env };
      return run({ repositoryUrl: `file://${remote}`, ...options }, { cwd: repository.root, env });
    },
    visibleTags: (service: string) => {
      const tags = Object.entries(world.tags(`shop/${service}`));
      return Object.fromEntries(tags.filter(([tag]) => !/^(?:fp-|build-)/.test(tag)));
    },
    outputs: () => readFile(outputs, "utf8"),
  });
}

async function run(
  options: Options,
  given: { cwd: string; env: Record<string, string | undefined> },
): Promise<ReleaseRan> {
  let output = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      output += chunk.toString("utf8");
      done();
    },
  });
  const ours = { ...plugin } as never;
  const plugins = ["@semantic-release/commit-analyzer", "@semantic-release/release-notes-generator", ours];
  const context = {
    ...given,
    env: given.env as Record<string, string>,
    stdout: stream as never,
    stderr: stream as never,
  };
  try {
    const result = await semanticRelease({ branches: ["main"], plugins, ci: false, ...options }, context);
    if (result === false) return { version: undefined, releases: [], errors: [], output };
    return {
      version: result.nextRelease.version,
      releases: result.releases.map((each) => ({ ...each })),
      errors: [],
      output,
    };
  } catch (error) {
    const errors = error instanceof Error && "errors" in error ? [...(error.errors as Error[])] : [error as Error];
    return { version: undefined, releases: [], errors, output };
  }
}

/** Names of the services that were built by the last run. */
export function builtServices({ docker }: World): string[] {
  return docker.builds.map(({ service }) => service).sort();
}
