import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getText, hasEngine, makeRepo, type Ran, type Repo } from "./rig.ts";

/** api and worker copy a library, web starts from gateway's image. */
const files = {
  "libs/events/event.txt": "an order\n",
  "api/Dockerfile": "FROM busybox\nCOPY libs/events /libs\nCOPY api/app.txt /app.txt\n",
  "api/app.txt": "api 1\n",
  "worker/Dockerfile": "FROM busybox\nCOPY libs/events /libs\nCOPY worker/app.txt /app.txt\n",
  "worker/app.txt": "worker 1\n",
  "gateway/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "gateway/app.txt": "gateway 1\n",
  "web/Dockerfile": "FROM gateway\nCOPY app.txt /site.txt\n",
  "web/app.txt": "web 1\n",
};
const config = `
services:
  api: { context: ., dockerfile: api/Dockerfile }
  worker: { context: ., dockerfile: worker/Dockerfile }
  gateway: { context: gateway }
  web: { context: web, contexts: { gateway: { service: gateway } } }
`;
const services = ["api", "gateway", "web", "worker"];

interface ReleaseJson {
  readonly state: string;
  readonly services: readonly { service: string; outcome: string; image: string | null; because: string | null }[];
  readonly tags: readonly { service: string; tag: string; action: string; release: string }[];
}

function outcomes(ran: Ran): Record<string, string> {
  const { services: all } = ran.json() as ReleaseJson;
  return Object.fromEntries(all.map(({ service, outcome }) => [service, outcome]));
}

describe.skipIf(!hasEngine)("releases of one repository, one after another", () => {
  let repo: Repo;
  beforeAll(async () => {
    repo = await makeRepo(files, { config });
  });
  afterAll(() => repo.remove());

  const digests = async (tag: string): Promise<Record<string, string | undefined>> =>
    Object.fromEntries(await Promise.all(services.map(async (each) => [each, await repo.digest(each, tag)])));

  test("a dry run shows what would be built and which tags would move, and changes nothing", async () => {
    const ran = await repo.slipway("release", "1.0.0", "--dry-run", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.json()).toMatchObject({ state: "dry-run", releases: [] });
    const { tags } = ran.json() as ReleaseJson;
    expect(tags.filter(({ service }) => service === "api").map(({ tag, action }) => `${action} ${tag}`)).toEqual([
      "create 1.0.0",
      "create 1.0",
      "create 1",
      "create latest",
    ]);
    for (const each of [...services, "releases"]) expect(await repo.visibleTags(each)).toEqual([]);
  });

  test("the first one builds all, and every service gets its version's tags", async () => {
    const ran = await repo.slipway("release", "1.0.0", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(outcomes(ran)).toEqual({ api: "built", gateway: "built", web: "built", worker: "built" });
    for (const each of services) {
      expect(await repo.visibleTags(each)).toEqual(["1", "1.0", "1.0.0", "latest"]);
      const digest = await repo.digest(each, "1.0.0");
      for (const tag of ["1", "1.0", "latest"]) expect(await repo.digest(each, tag)).toBe(digest);
    }
    expect(await repo.visibleTags("releases")).toEqual(["1.0.0", "promoted.1.0.0"]);
  });

  test("the same command again is a no-op that exits 0, and says so", async () => {
    const before = await repo.listing();
    const ran = await repo.slipway("release", "1.0.0");
    expect(ran).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1.0.0 was released before") });
    expect(await repo.listing()).toEqual(before);
  });

  test("with nothing changed, the next one reuses all with the same digests, without Docker", async () => {
    const before = await digests("1.0.0");
    const ran = await repo.start(["release", "1.0.1", "--json"], { env: { DOCKER_HOST: "unix:///nobody.sock" } }).ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(outcomes(ran)).toEqual({ api: "reused", gateway: "reused", web: "reused", worker: "reused" });
    for (const tag of ["1.0.1", "1.0", "1", "latest"]) expect(await digests(tag)).toEqual(before);
  });

  test("a commit that no image sees builds nothing", async () => {
    await repo.commit({ "README.md": "# Shop\n" });
    const ran = await repo.slipway("plan", "--json");
    expect((ran.json() as { steps: { kind: string }[] }).steps.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 4 }, () => "reuse"),
    );
  });

  test("with one service changed, one is built and the others keep their digests", async () => {
    const before = await digests("1.0.1");
    await repo.commit({ "api/app.txt": "api 2\n" });
    const plan = await repo.slipway("plan", "api");
    expect(plan.stdout).toContain("api/app.txt");
    const ran = await repo.slipway("release", "1.1.0", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(outcomes(ran)).toEqual({ api: "built", gateway: "reused", web: "reused", worker: "reused" });
    const after = await digests("1.1.0");
    expect(after).toEqual({ ...before, api: after["api"] });
    expect(after["api"]).not.toBe(before["api"]);
    expect(await digests("latest")).toEqual(after);
    expect(await repo.digest("api", "1.0")).toBe(before["api"]);
  });

  test("a change of the shared library builds its two users", async () => {
    await repo.commit({ "libs/events/event.txt": "an order, and more\n" });
    const ran = await repo.slipway("release", "1.1.1", "--json");
    expect(outcomes(ran)).toEqual({ api: "built", gateway: "reused", web: "reused", worker: "built" });
  });

  test("a change of a service that another starts from builds both", async () => {
    await repo.commit({ "gateway/app.txt": "gateway 2\n" });
    const ran = await repo.slipway("release", "1.1.2", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(outcomes(ran)).toEqual({ api: "reused", gateway: "built", web: "built", worker: "reused" });
  });

  test("a broken service fails alone: the others finish, no tag moves, exit 1, and its user is cancelled with the reason", async () => {
    const before = await digests("latest");
    await repo.commit({
      "gateway/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\nRUN echo out of ideas; exit 7\n",
      "worker/app.txt": "worker 2\n",
    });
    const ran = await repo.slipway("release", "1.2.0", "--json");
    expect(ran.exitCode).toBe(1);
    expect(ran.json()).toMatchObject({ state: "failed", releases: [], notes: null });
    expect(outcomes(ran)).toEqual({ api: "reused", gateway: "failed", web: "cancelled", worker: "built" });
    const because = Object.fromEntries(
      (ran.json() as ReleaseJson).services.map((each) => [each.service, each.because]),
    );
    expect(because["gateway"]).toMatch(/^gateway\/Dockerfile:3: RUN echo out of ideas; exit 7: exit code 7$/);
    expect(because["web"]).toBe("gateway, which it needs, failed");
    expect(ran.stderr).toContain("out of ideas");
    expect(await digests("latest")).toEqual(before);
    for (const each of [...services, "releases"]) expect(await repo.visibleTags(each)).not.toContain("1.2.0");
    expect(await repo.visibleTags("releases")).not.toContain("promoted.1.2.0");
  });

  test("mended, the same version is released, and what was built beside the failure is reused", async () => {
    await repo.commit({ "gateway/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n" });
    const ran = await repo.slipway("release", "1.2.0", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(outcomes(ran)).toEqual({ api: "reused", gateway: "reused", web: "reused", worker: "reused" });
    expect(await digests("latest")).toEqual(await digests("1.2.0"));
  });

  test("a rollback sends the moving tags back without a build; version tags stay", async () => {
    const [old, last] = [await digests("1.0.1"), await digests("1.2.0")];
    const dry = await repo.slipway("rollback", "1.0.1", "--dry-run");
    expect(dry.exitCode, dry.stderr).toBe(0);
    expect(await digests("latest")).toEqual(last);
    const ran = await repo.start(["rollback", "1.0.1", "--json"], { env: { DOCKER_HOST: "unix:///nobody.sock" } })
      .ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.json()).toMatchObject({ to: "1.0.1", already: false });
    expect(await digests("latest")).toEqual(old);
    expect(await digests("1")).toEqual(old);
    expect(await digests("1.2.0")).toEqual(last);
    expect(await digests("1.2")).toEqual(last);
  });

  test("a re-run of an old release after a rollback does not undo it; a newer release does", async () => {
    const old = await digests("1.0.1");
    const again = await repo.slipway("release", "1.2.0");
    expect(again.exitCode, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/rolled back to 1\.0\.1/);
    expect(await digests("latest")).toEqual(old);
    await repo.commit({ "api/app.txt": "api 3\n" });
    expect((await repo.slipway("release", "1.2.1")).exitCode).toBe(0);
    expect(await digests("latest")).toEqual(await digests("1.2.1"));
  });

  test("a version of an older line moves the tags of its line only", async () => {
    const before = await digests("latest");
    expect((await repo.slipway("release", "1.1.3")).exitCode).toBe(0);
    expect(await digests("1.1")).toEqual(await digests("1.1.3"));
    expect(await digests("latest")).toEqual(before);
  });

  test("--only releases one service; the rest keeps what the last release had", async () => {
    const before = await digests("1.2.1");
    await repo.commit({ "api/app.txt": "api 4\n", "worker/app.txt": "worker 3\n" });
    const ran = await repo.slipway("release", "1.2.2", "--only", "api", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(outcomes(ran)).toEqual({ api: "built" });
    const after = await digests("1.2.2");
    expect(after).toEqual({ ...before, api: after["api"] });
    expect(after["api"]).not.toBe(before["api"]);
    expect(await digests("latest")).toEqual(after);
  });

  test("without a version, the branch and the commit are released under their names", async () => {
    const commit = (await repo.git("rev-parse", "HEAD")).trim();
    const ran = await repo.slipway("release", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    const main = await digests("main");
    expect(main).toEqual(await digests(`sha-${commit.slice(0, 7)}`));
    expect(Object.values(main)).not.toContain(undefined);
    const before = await repo.listing();
    const again = await repo.slipway("release");
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("was released before") });
    expect(await repo.listing()).toEqual(before);
    expect(await digests("latest")).toEqual(await digests("1.2.2"));
  });

  test("the release manifest says what was shipped: digests, fingerprints, and who was built from which commit", async () => {
    const commit = (await repo.git("rev-parse", "HEAD")).trim();
    const manifest = JSON.parse(await getText(repo.image("releases"), "manifests/1.2.2"));
    expect(manifest).toMatchObject({ artifactType: "application/vnd.slipway.release.v1+json" });
    const ran = await repo.slipway("status", "--json");
    expect(ran.exitCode, ran.stderr).toBe(0);
    const blob = JSON.parse(await getText(repo.image("releases"), `blobs/${manifest.layers[0].digest}`));
    expect(blob).toMatchObject({ schemaVersion: 1, commit, previous: { record: "1.2.1" } });
    const after = await digests("1.2.2");
    expect(blob.services).toMatchObject([
      { service: "api", digest: after["api"], origin: "built", commit, tags: { version: ["1.2.2"] } },
      { service: "gateway", digest: after["gateway"], origin: "kept" },
      { service: "web", digest: after["web"], origin: "kept" },
      { service: "worker", digest: after["worker"], origin: "kept" },
    ]);
  });
});

describe.skipIf(!hasEngine).concurrent("a release", () => {
  const tiny = { "api/Dockerfile": "FROM scratch\nCOPY a.txt /\n", "api/a.txt": "a\n" };

  test("copies images to further names by digest, whole, with the same tags", async () => {
    const repo = await makeRepo(tiny, { config: 'images: ["PREFIX/{service}", "PREFIX/copies/{service}"]\n' });
    const ran = await repo.slipway("release", "1.0.0");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(await repo.visibleTags("copies/api")).toEqual(["1", "1.0", "1.0.0", "latest"]);
    const digest = await repo.digest("api", "1.0.0");
    expect(await repo.digest("copies/api", "latest")).toBe(digest);
    const index = JSON.parse(await getText(repo.image("copies/api"), `manifests/${digest}`));
    for (const child of index.manifests) {
      const manifest = JSON.parse(await getText(repo.image("copies/api"), `manifests/${child.digest}`));
      for (const { digest: blob } of [manifest.config, ...manifest.layers])
        await getText(repo.image("copies/api"), `blobs/${blob}`);
    }
    await repo.remove();
  });

  test("of one group leaves the services of the other as they are", async () => {
    const repo = await makeRepo(
      { ...tiny, "web/Dockerfile": "FROM scratch\nCOPY a.txt /\n", "web/a.txt": "web\n" },
      { config: "groups:\n  backend: { services: [api] }\n  frontend: { services: [web] }\n" },
    );
    const unclear = await repo.slipway("release", "1.0.0");
    expect(unclear).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--group") });
    expect((await repo.slipway("release", "1.0.0", "--group", "backend")).exitCode).toBe(0);
    expect(await repo.visibleTags("web")).toEqual([]);
    expect((await repo.slipway("release", "3.0.0", "--group", "frontend")).exitCode).toBe(0);
    expect(await repo.visibleTags("api")).toEqual(["1", "1.0", "1.0.0", "latest"]);
    expect(await repo.visibleTags("web")).toEqual(["3", "3.0", "3.0.0", "latest"]);
    await repo.remove();
  });

  test("writes its notes to a file, with pull commands that hold", async () => {
    const repo = await makeRepo(tiny);
    const ran = await repo.slipway("release", "1.0.0", "--notes-file", "../notes.md");
    expect(ran.exitCode, ran.stderr).toBe(0);
    const notes = await readFile(join(repo.folder, "../notes.md"), "utf8");
    expect(notes).toContain(`docker pull ${repo.prefix}/api:1.0.0`);
    expect(notes).toContain(`docker pull ${repo.prefix}/api@${await repo.digest("api", "1.0.0")}`);
    await repo.remove();
  });

  test("gives every reading command one JSON document to tell with --json", async () => {
    const repo = await makeRepo(tiny);
    expect((await repo.slipway("release", "1.0.0")).exitCode).toBe(0);
    const commands = [["services"], ["plan"], ["inputs", "api"], ["build"], ["status"], ["replay", "--commits", "3"]];
    for (const command of commands) {
      const ran = await repo.slipway(...command, "--json");
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.json()).toBeTypeOf("object");
    }
    await repo.remove();
  });
});
