import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { startGhaCache, startRunner } from "../../sandbox/index.ts";
import { getBytes, getText, hasEngine, makeRepo, type Repo, sandbox } from "./rig.ts";

describe.skipIf(!hasEngine)("a working copy made under umask 002", () => {
  const files = {
    "api/Dockerfile": "FROM scratch\nCOPY app /app\n",
    "api/app/run.sh": "#!/bin/sh\n",
    "api/app/a.txt": `umask ${process.pid}\n`,
  };

  test("has the same fingerprint, and its images the modes that git has", async () => {
    const repo = await makeRepo(files);
    await repo.git("update-index", "--chmod=+x", "api/app/run.sh");
    await repo.git("commit", "--quiet", "--message", "fix: run it");
    await repo.git("checkout", "--quiet", "--force", "HEAD", "--", ".");
    const [plain, open] = [await repo.clone("plain"), await repo.clone("open")];
    await promisify(execFile)("sh", ["-c", "umask 002 && rm -r api && git checkout --quiet -- api"], {
      cwd: open.folder,
    });
    const { stdout } = await promisify(execFile)("stat", ["-c", "%a", "api/app/a.txt", "api/app/run.sh", "api/app"], {
      cwd: open.folder,
    });
    expect(stdout).toBe("664\n775\n775\n");
    const fingerprint = async (from: Repo, umask: string): Promise<unknown> =>
      ((await from.start(["inputs", "api", "--json"], { umask }).ended).json() as { fingerprint: string }).fingerprint;
    const first = await fingerprint(plain, "022");
    expect(first).toMatch(/^sha256:/);
    expect(await fingerprint(open, "002")).toBe(first);

    const ran = await open.start(["release", "1.0.0", "--json"], { umask: "002" }).ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.json()).toMatchObject({ services: [{ outcome: "built" }] });
    expect(await modesIn(open)).toEqual(["drwxr-xr-x app/", "-rw-r--r-- app/a.txt", "-rwxr-xr-x app/run.sh"]);
    const again = await plain.start(["release", "1.0.1", "--json"], { umask: "022" }).ended;
    expect(again.json()).toMatchObject({ services: [{ outcome: "reused" }] });
    const forced = await plain.start(["build", "--force", "--json"], { umask: "077" }).ended;
    expect(forced.exitCode, forced.stderr).toBe(0);
    expect(forced.json()).toMatchObject({ services: [{ outcome: "built", kept: true }] });
    await repo.remove();
  });
});

/** tar's listing of the image's only layer. */
async function modesIn(repo: Repo): Promise<string[]> {
  const index = JSON.parse(await getText(repo.image("api"), "manifests/1.0.0"));
  const { layers } = JSON.parse(await getText(repo.image("api"), `manifests/${index.manifests[0].digest}`));
  const folder = await mkdtemp(join(tmpdir(), "slipway-e2e-layer-"));
  await writeFile(join(folder, "layer"), await getBytes(repo.image("api"), `blobs/${layers[0].digest}`));
  const { stdout } = await promisify(execFile)("tar", ["-tvzf", join(folder, "layer")]);
  await rm(folder, { recursive: true });
  const lines = stdout.trim().split("\n");
  return lines
    .map((line) => `${line.split(" ")[0] ?? ""} ${line.split(" ").at(-1) ?? ""}`)
    .sort((a, b) => (a.slice(11) < b.slice(11) ? -1 : 1));
}

describe.skipIf(!hasEngine)("GitHub's cache", () => {
  test("gives an empty engine what another one built", async () => {
    const gha = await startGhaCache();
    const { registry, mirror, env } = sandbox();
    const [one, two] = [`e2e-${process.pid}-1`, `e2e-${process.pid}-2`];
    const first = await startRunner({ registry, mirror, env: { ...env } }, one);
    const second = await startRunner({ registry, mirror, env: { ...env } }, two);
    const repo = await makeRepo({
      "api/Dockerfile": "FROM busybox\nCOPY a.txt /\nRUN echo $RANDOM > /b.txt\n",
      "api/a.txt": "api 1\n",
    });
    const github = { GITHUB_EVENT_NAME: "push", GITHUB_REF_TYPE: "branch", ...gha.env };
    const buildOn = async (engine: Readonly<Record<string, string>>, events: string) => {
      const args = ["build", "--force", "--cache", "gha", "--json", "--events", `../${events}`];
      const ran = await repo.start(args, { env: { ...engine, ...github } }).ended;
      expect(ran.exitCode, ran.stderr).toBe(0);
      const lines = (await readFile(join(repo.folder, "..", events), "utf8")).trim().split("\n");
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    try {
      const told = await buildOn(first.env, "first");
      expect(told).toContainEqual(expect.objectContaining({ kind: "solve-ended", cachedVertices: 0 }));
      expect(gha.keys().length).toBeGreaterThan(0);
      const again = await buildOn(second.env, "second");
      const use = { tier: "gha", direction: "import", state: "used" };
      expect(again).toContainEqual(expect.objectContaining({ kind: "cache", use: expect.objectContaining(use) }));
      expect(again).toContainEqual(expect.objectContaining({ kind: "solve-ended", cachedVertices: 2, ranVertices: 0 }));
    } finally {
      await first.close();
      await second.close();
      await gha.close();
      await repo.remove();
    }
  });
});
