import { spawnSync } from "node:child_process";
import { chmod, link, readFile, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { runBuildx } from "../../src/buildkit/buildx.ts";
import { defaultDropInOptions, type DropInOptions, type DropInResult } from "../../src/core/drop-in/request.ts";
import { runDropIn } from "../../src/core/drop-in/run-drop-in.ts";
import { makeRun } from "../../src/github/run.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { parseImageName } from "../../src/model/reference.ts";
import { readContent } from "../../src/registry/content.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import { environment, hasEngine, makeRepo, type Repo } from "./rig.ts";

const push = { GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main", GITHUB_REPOSITORY: "acme/shop" };

/** Runs a drop-in build as a push to the default branch does, in a process's own environment. */
async function dropIn(
  repo: Repo,
  argv: readonly string[],
  options: Partial<DropInOptions> = {},
  seen: (cwd: string) => void = () => undefined,
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
        seen(cwd);
        const stderrLines: string[] = [];
        const onStderrLine = (line: string): void => void stderrLines.push(line);
        const { exitCode } = await runBuildx(host, args, { cwd, env: added, onStderrLine });
        return { exitCode, stderrLines };
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
    const metadataOf = async (tag: string): Promise<object> =>
      JSON.parse(await readFile(join(repo?.folder ?? "", `${tag}.json`), "utf8"));
    const {
      "buildx.build.ref": _ref,
      "buildx.build.provenance": _provenance,
      ...image1
    } = (await metadataOf("1")) as Record<string, unknown>;
    expect(await metadataOf("2")).toEqual({ ...image1, "image.name": `${image}:2` });
    await repo.write({ "api/a.txt": "a 2\n" });
    const third = await dropIn(repo, argv("3"));
    expect(third).toMatchObject({ kind: "built", because: "changed: api/a.txt" });
    expect(third.digest).not.toBe(first.digest);
  });

  test("pushes what buildx pushes where the files lie: content, times, modes and provenance", async () => {
    repo = await makeRepo({
      "api/Dockerfile": "FROM busybox\nCOPY src /src\n",
      "api/src/deep/a.txt": "a\n",
      "api/src/b.sh": "b\n",
      "README.md": "not read\n",
    });
    const folder = join(repo.folder, "api/src");
    await chmod(join(folder, "b.sh"), 0o750);
    await symlink("deep/a.txt", join(folder, "link"));
    await link(join(folder, "b.sh"), join(folder, "deep/hard"));
    await utimes(join(folder, "deep"), 1_500_000_000, 1_500_000_000);
    await repo.git("remote", "add", "origin", "https://github.com/acme/shop.git");
    const image = repo.image("api");
    const argv = (tag: string): string[] => [
      "--push",
      "--provenance=mode=max",
      "--no-cache",
      "-t",
      `${image}:${tag}`,
      "api",
    ];
    let cwd = repo.folder;
    const seen = (at: string): void => void (cwd = at);
    expect(await dropIn(repo, argv("ours"), {}, seen)).toMatchObject({ kind: "built", exitCode: 0 });
    expect(cwd).not.toBe(repo.folder);
    await buildx(repo, ["build", ...argv("theirs")]);
    const [ours, theirs] = await Promise.all(["ours", "theirs"].map((tag) => readPushed(image, tag)));
    expect(ours?.provenance).toMatch(/"localdir:context": "api"/);
    expect(ours).toEqual(theirs);
  });

  test("pulls what it reuses into the engine's store, under the id that the engine gives it", async () => {
    repo = await makeRepo({ "api/Dockerfile": "FROM busybox\nCOPY a.txt /\n", "api/a.txt": "loaded\n" });
    const image = repo.image("api");
    const { digest } = await dropIn(repo, ["--push", "--provenance=mode=max", "-t", `${image}:1`, "api"]);
    await docker(repo, ["image", "rm", `${image}:1`]);
    const loaded = await dropIn(repo, ["--load", "-t", `${image}:test`, "--iidfile", "id", "api"]);
    expect(loaded).toMatchObject({ kind: "reused", digest });
    const id = await docker(repo, ["image", "inspect", "--format", "{{.Id}}", `${image}:test`]);
    expect([await readFile(join(repo.folder, "id"), "utf8"), loaded.imageId]).toEqual([id, id]);
  });

  test("takes a base of the engine's own store as it is there", async () => {
    repo = await makeRepo({
      "base/Dockerfile": "FROM busybox\nCOPY a.txt /\n",
      "base/a.txt": "1\n",
      "api/Dockerfile": "FROM slipway-local-base\nRUN cat /a.txt > /b.txt\n",
    });
    const image = repo.image("api");
    const argv = ["--push", "-t", `${image}:1`, "api"];
    const makeBase = (): Promise<void> => buildx(repo, ["build", "--load", "-t", "slipway-local-base", "base"]);
    await makeBase();
    const first = await dropIn(repo, argv);
    expect(first).toMatchObject({
      kind: "built",
      exitCode: 0,
      because: "no image of these inputs has been published yet",
    });
    expect(await dropIn(repo, argv)).toMatchObject({ kind: "reused", digest: first.digest });
    await repo.write({ "base/a.txt": "2\n" });
    await makeBase();
    expect(await dropIn(repo, argv)).toMatchObject({ kind: "built", because: "base image moved: slipway-local-base" });
  });
});

async function docker(repo: Repo, args: readonly string[]): Promise<string> {
  const host = makeNodeHost({ env: environment(), cwd: repo.folder });
  const { exitCode, stdout, stderr } = await host.run("docker", args);
  expect(exitCode, stderr).toBe(0);
  return new TextDecoder().decode(stdout).trim();
}

async function buildx(repo: Repo | undefined, args: readonly string[]): Promise<void> {
  const host = makeNodeHost({ env: environment(), cwd: repo?.folder ?? "" });
  const { exitCode, stderr } = await runBuildx(host, args, { cwd: repo?.folder ?? "" });
  expect(exitCode, stderr).toBe(0);
}

/** Common content of two builds of the same inputs: each layer's files, and the provenance without the fields that identify one build. */
async function readPushed(
  image: string,
  tag: string,
): Promise<{ readonly files: unknown; readonly provenance: string }> {
  const registry = makeRegistry(makeNodeHost({ env: environment() }));
  const name = parseImageName(image);
  if (name === undefined) throw new Error(`"${image}" is no image name`);
  const read = async (reference: string) =>
    readContent((await registry.getManifest(name, reference))?.bytes ?? new Uint8Array());
  const [own, attestation] = (await read(tag))?.manifests ?? [];
  const layers = (await read(own?.digest ?? ""))?.layers ?? [];
  const [statement] = (await read(attestation?.digest ?? ""))?.layers ?? [];
  if (statement === undefined) throw new Error("the image has no attestation");
  const files = await Promise.all(layers.map(async (layer) => listing(await registry.getBlob(name, layer))));
  const provenance = new TextDecoder().decode(await registry.getBlob(name, statement));
  return { files, provenance: withoutBuild(provenance) };
}

function withoutBuild(provenance: string): string {
  const statement = JSON.parse(provenance) as { readonly predicate: unknown };
  return JSON.stringify(statement.predicate, undefined, 1)
    .replaceAll(/^.*"(?:buildInvocationID|buildStartedOn|buildFinishedOn|size)".*$/gm, "")
    .replaceAll(/^.*"sha256:[0-9a-f]{64}": "step\d+".*$/gm, "")
    .replaceAll(/"digest": "sha256:[0-9a-f]{64}"/g, "");
}

/** Names, modes, links and times of a layer; the folder that COPY itself makes has the time of the build. */
function listing(layer: Uint8Array): string {
  const { stdout } = spawnSync("tar", ["-tvz", "--full-time", "-f", "-"], { input: layer, encoding: "utf8" });
  return stdout.replace(/^(d.*) \S+ \S+ (src\/)$/m, "$1 $2");
}
