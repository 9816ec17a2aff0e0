import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runBuildx } from "../../src/buildkit/buildx.ts";
import { defaultDropInOptions, type DropInOptions, type DropInResult } from "../../src/core/drop-in/request.ts";
import { runDropIn } from "../../src/core/drop-in/run-drop-in.ts";
import { makeRun } from "../../src/github/run.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import { environment, hasEngine, makeRepo, type Repo } from "./rig.ts";

const push = { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main", GITHUB_REPOSITORY: "acme/shop" };

/** Runs a drop-in build as a push to the default branch does, in a process's own environment. */
async function dropIn(
  repo: Repo,
  argv: readonly string[],
  options: Partial<DropInOptions> = {},
): Promise<DropInResult> {
  const env = { ...environment(), ...push };
  const host = makeNodeHost({ env, cwd: repo.folder });
  return runDropIn(
    {
      host,
      emit: () => undefined,
      run: makeRun(env, { repository: { default_branch: "main" } }),
      registry: makeRegistry(host),
      runBuild: async (args, { cwd, env: added }) => {
        const said: string[] = [];
        const onStderrLine = (line: string): void => void said.push(line);
        const { exitCode } = await runBuildx(host, args, { cwd, env: added, onStderrLine });
        return { exitCode, said };
      },
    },
    { argv, cwd: repo.folder, options: { ...defaultDropInOptions, ...options } },
  );
}

describe.skipIf(!hasEngine)("a drop-in build on a real engine", () => {
  let repo: Repo | undefined;
  afterEach(() => repo?.remove());

  test("builds, is reused with the same words as buildx's, and follows a changed file", async () => {
    repo = await makeRepo({
      "api/Dockerfile": "FROM busybox\nCOPY a.txt /\nRUN cat /a.txt > /b.txt\n",
      "api/a.txt": "a 1\n",
    });
    const image = repo.image("api");
    const argv = (tag: string): string[] => [
      "--push",
      "-t",
      `${image}:${tag}`,
      "--metadata-file",
      `${tag}.json`,
      "api",
    ];
    const first = await dropIn(repo, argv("1"));
    expect(first).toMatchObject({
      kind: "built",
      exitCode: 0,
      because: "no image of these inputs has been published yet",
    });
    const second = await dropIn(repo, argv("2"));
    expect(second).toMatchObject({ kind: "reused", digest: first.digest, imageId: first.imageId });
    expect(await repo.digest("api", "2")).toBe(first.digest);
    const said = async (tag: string): Promise<object> =>
      JSON.parse(await readFile(join(repo?.folder ?? "", `${tag}.json`), "utf8"));
    const {
      "buildx.build.ref": _ref,
      "buildx.build.provenance": _provenance,
      ...image1
    } = (await said("1")) as Record<string, unknown>;
    expect(await said("2")).toEqual({ ...image1, "image.name": `${image}:2` });
    await repo.write({ "api/a.txt": "a 2\n" });
    const third = await dropIn(repo, argv("3"));
    expect(third).toMatchObject({ kind: "built", because: "changed: api/a.txt" });
    expect(third.digest).not.toBe(first.digest);
  });
});
