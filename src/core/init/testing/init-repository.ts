import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../../../cli/run.ts";
import type { GlobalFlags } from "../../../cli/session.ts";
import { type InitOptions, init as spec } from "../../../commands/init/spec.ts";
import { makeTestRepository, type TestRepository } from "../../../source/testing/repository.ts";
import { makeTestHost } from "../../../testing/test-host.ts";

/** Repository in which `slipway init` runs. */
export interface InitRepository extends TestRepository {
  /** Runs `slipway init`. `answer`: the line that a person types; undefined: there is no terminal. */
  readonly init: (options?: GlobalFlags & Partial<InitOptions>, answer?: string) => Promise<InitRun>;
  readonly text: (path: string) => Promise<string | undefined>;
}

export interface InitRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a repository of files; its remote is on GitHub. */
export async function makeInitRepository(files: Readonly<Record<string, string>>): Promise<InitRepository> {
  const repository = await makeTestRepository(files);
  await repository.git("remote", "add", "origin", "https://github.com/acme/shop");
  const action = "acme/slipway@0123456789abcdef0123456789abcdef01234567";
  return {
    ...repository,
    text: (path) => readFile(join(repository.root, path), "utf8").catch(() => undefined),
    init: async (options = {}, answer) => {
      const isTTY = answer !== undefined;
      const host = makeTestHost({
        cwd: repository.root,
        env: repository.host.env,
        run: (program, args, more) => repository.host.run(program, args, more),
        isTTY,
        input: { isTTY, readLine: async () => answer, readAll: async () => new Uint8Array() },
      });
      const exitCode = await runCommand(host, spec, { ...spec.defaults, action, color: false, ...options });
      return { exitCode, ...host.printed };
    },
  };
}
