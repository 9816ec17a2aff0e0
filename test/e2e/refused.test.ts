import { execFileSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openGate } from "./gate.ts";
import { deleteManifest, getText, hasEngine, listTags, makeRepo, type Repo, sandbox } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
  "api/a.txt": "api 1\n",
  "web/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
  "web/a.txt": "web 1\n",
};
const only = { "api/Dockerfile": files["api/Dockerfile"], "api/a.txt": files["api/a.txt"] };

async function released(version: string): Promise<Repo> {
  const repo = await makeRepo(files);
  const ran = await repo.slipway("release", version);
  expect(ran.exitCode, ran.stderr).toBe(0);
  return repo;
}

/** The index that is published under a service's fingerprint. */
async function published(repo: Repo, service: string): Promise<{ tag: string; children: string[] }> {
  const tags = (await listTags(repo.image(service))).filter((each) => /^fp-[0-9a-f]{32}$/.test(each));
  expect(tags).toHaveLength(1);
  const tag = tags[0] ?? "";
  const index = JSON.parse(await getText(repo.image(service), `manifests/${tag}`));
  return { tag, children: index.manifests.map(({ digest }: { digest: string }) => digest) };
}

describe.skipIf(!hasEngine).concurrent("a version that exists with other content", () => {
  test("is refused with exit 3 before anything is built, and what changed is named", async () => {
    const repo = await released("1.0.0");
    await repo.commit({ "web/a.txt": "web 2\n" });
    const before = await repo.listing();
    const ran = await repo.slipway("release", "1.0.0");
    expect(ran.exitCode, ran.stderr).toBe(3);
    expect(ran.stderr).toMatch(/error: .*1\.0\.0 exists with other content.*web/);
    expect(ran.stderr).toMatch(/hint: .*next version/);
    expect(await repo.listing()).toEqual(before);
    await repo.remove();
  });

  test("is refused though its images are all there, each difference with both digests", async () => {
    const repo = await released("1.0.0");
    await repo.commit({ "web/a.txt": "web 2\n" });
    expect((await repo.slipway("release", "1.1.0")).exitCode).toBe(0);
    const before = await repo.listing();
    const ran = await repo.slipway("release", "1.0.0");
    expect(ran.exitCode, ran.stderr).toBe(3);
    const [old, now] = [await repo.digest("web", "1.0.0"), await repo.digest("web", "1.1.0")];
    expect(ran.stderr).toContain(`web: it has ${old}, now it would be ${now}`);
    expect(ran.stderr).not.toContain("api: it has");
    expect(await repo.listing()).toEqual(before);
    await repo.remove();
  });

  test("is refused when somebody else put a version tag there, and the tag stays", async () => {
    const repo = await released("1.0.0");
    await repo.commit({ "web/a.txt": "web 2\n" });
    const theirs = await repo.digest("web", "1.0.0");
    const raw = await getText(repo.image("web"), "manifests/1.0.0");
    await putManifest(repo.image("web"), "1.1.0", raw);
    const ran = await repo.slipway("release", "1.1.0");
    expect(ran.exitCode, ran.stderr).toBe(3);
    expect(ran.stderr).toContain(`${repo.prefix}/web:1.1.0 is ${theirs}`);
    expect(await repo.digest("web", "1.1.0")).toBe(theirs);
    expect(await repo.visibleTags("releases")).toEqual(["1.0.0", "promoted.1.0.0"]);
    expect(await repo.digest("api", "1.1.0")).toBeUndefined();
    await repo.remove();
  });
});

describe.skipIf(!hasEngine).concurrent("a manifest whose bytes were altered", () => {
  const kinds = [
    { what: "of a published image", path: /GET .*\/api\/manifests\/fp-[0-9a-f]{32}$/, names: /api/ },
    { what: "of a release record", path: /GET .*\/releases\/manifests\/(?:promoted\.)?1\.0\.0$/, names: /releases/ },
  ];
  test.each(kinds)("$what is refused with exit 3, and nothing moves", async ({ path, names }) => {
    const gate = await openGate(sandbox().registry);
    const repo = await makeRepo(only, { by: gate.host });
    expect((await repo.slipway("release", "1.0.0")).exitCode).toBe(0);
    const before = await repo.listing();
    gate.alter(path);
    const ran = await repo.slipway("release", "1.1.0");
    expect(ran.exitCode, ran.stderr).toBe(3);
    expect(ran.stderr).toMatch(/error: .*digest/);
    expect(ran.stderr).toMatch(names);
    expect(await repo.listing()).toEqual(before);
    await repo.remove();
    await gate.close();
  });
});

describe.skipIf(!hasEngine).concurrent("an image that lost a part", () => {
  const parts = [
    { part: "its platform's manifest", at: 0, says: /image for linux\// },
    { part: "its attestation", at: 1, says: /attestation/ },
  ];
  test.each(parts)(
    "($part) is planned to be built again, saying what is missing, and is whole then",
    async ({ at, says }) => {
      const repo = await makeRepo(only);
      expect((await repo.slipway("release", "1.0.0")).exitCode).toBe(0);
      const { tag, children } = await published(repo, "api");
      await deleteManifest(repo.image("api"), children[at] ?? "");
      const plan = await repo.slipway("plan", "--json");
      expect(plan.exitCode, plan.stderr).toBe(0);
      expect(plan.json()).toMatchObject({
        steps: [{ kind: "build", reason: { kind: "not-whole", missing: expect.stringMatching(says) } }],
      });
      const ran = await repo.slipway("release", "1.0.1", "--json");
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.json()).toMatchObject({ services: [{ outcome: "built" }] });
      const after = await published(repo, "api");
      expect(after.tag).toBe(tag);
      for (const digest of after.children) expect(await repo.digest("api", digest)).toBe(digest);
      const index = JSON.parse(await getText(repo.image("api"), "manifests/latest"));
      for (const { digest } of index.manifests) expect(await repo.digest("api", digest)).toBe(digest);
      await repo.remove();
    },
  );
});

describe.skipIf(!hasEngine).concurrent("without Docker", () => {
  test.each([
    { how: "in PATH", says: /docker is not installed or not in PATH/, hint: /install Docker/ },
    { how: "engine", says: /no engine answers/, hint: /start Docker/ },
  ])("($how) build says so with exit 5; plan and a release with nothing to build work", async ({ how, says, hint }) => {
    const repo = await makeRepo(only);
    const bin = join(repo.folder, "../bin");
    await mkdir(bin);
    await symlink(execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim(), join(bin, "git"));
    const env =
      how === "in PATH" ? { PATH: bin } : { DOCKER_HOST: "unix:///nobody/home.sock", BUILDX_BUILDER: undefined };
    const build = await repo.start(["build"], { env }).ended;
    expect(build.exitCode, build.stderr).toBe(5);
    expect(build.stderr).toMatch(says);
    expect(build.stderr).toMatch(new RegExp(`hint: .*${hint.source}`));
    expect((await repo.start(["plan"], { env }).ended).exitCode).toBe(0);
    expect((await repo.slipway("release", "1.0.0")).exitCode).toBe(0);
    const ran = await repo.start(["release", "1.0.1"], { env }).ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "1.0.1"));
    await repo.remove();
  });
});

describe.skipIf(!hasEngine).concurrent("a repository that is not fit for a release", () => {
  test("with uncommitted changes builds, is refused a release by exit 2 with the files, and released with --allow-dirty", async () => {
    const repo = await makeRepo(only);
    await repo.write({ "api/a.txt": "not committed\n", "api/new.txt": "new\n" });
    const build = await repo.slipway("build", "--json");
    expect(build.exitCode, build.stderr).toBe(0);
    expect(build.json()).toMatchObject({ services: [{ outcome: "built" }] });
    const ran = await repo.slipway("release", "1.0.0");
    expect(ran.exitCode, ran.stderr).toBe(2);
    expect(ran.stderr).toMatch(/api\/a\.txt\n.*api\/new\.txt/);
    expect(ran.stderr).toMatch(/hint: commit or stash them.*--allow-dirty/);
    expect(await repo.visibleTags("api")).toEqual([]);
    const allowed = await repo.slipway("release", "1.0.0", "--allow-dirty", "--json");
    expect(allowed.exitCode, allowed.stderr).toBe(0);
    expect(allowed.json()).toMatchObject({ services: [{ outcome: "reused" }] });
    await repo.remove();
  });

  test("cloned without its history releases versions; a branch needs the history, exit 2 with the command", async () => {
    const repo = await makeRepo(only);
    expect((await repo.slipway("release", "1.0.0")).exitCode).toBe(0);
    await repo.commit({ "api/a.txt": "api 2\n" });
    const shallow = await repo.clone("shallow", "--depth", "1");
    const ran = await shallow.slipway("release", "1.1.0");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "1.1.0"));
    const branch = await shallow.slipway("release");
    expect(branch.exitCode, branch.stderr).toBe(2);
    expect(branch.stderr).toMatch(/error: this clone is shallow/);
    expect(branch.stderr).toMatch(/hint: .*git fetch --unshallow/);
    await shallow.git("fetch", "--quiet", "--unshallow");
    expect((await shallow.slipway("release")).exitCode).toBe(0);
    await repo.remove();
  });

  test("whose services need each other is told the cycle, exit 2", async () => {
    const from = (service: string) => `FROM ${service}\nCOPY a.txt /\n`;
    const config = `
services:
  api: { context: api, contexts: { web: { service: web } } }
  web: { context: web, contexts: { worker: { service: worker } } }
  worker: { context: worker, contexts: { api: { service: api } } }
`;
    const cyclic = {
      "api/Dockerfile": from("web"),
      "web/Dockerfile": from("worker"),
      "worker/Dockerfile": from("api"),
    };
    const repo = await makeRepo(cyclic, { config });
    for (const command of [["plan"], ["build"], ["release", "1.0.0"]]) {
      const ran = await repo.slipway(...command);
      expect(ran.exitCode, ran.stderr).toBe(2);
      expect(ran.stderr).toContain(
        "slipway.yaml:4:3: services need each other in a circle: api -> web -> worker -> api",
      );
    }
    await repo.remove();
  });
});

async function putManifest(image: string, tag: string, text: string): Promise<void> {
  const slash = image.indexOf("/");
  const { mediaType } = JSON.parse(text) as { mediaType: string };
  const response = await fetch(`http://${image.slice(0, slash)}/v2/${image.slice(slash + 1)}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: text,
  });
  expect(response.status).toBe(201);
}
