import { describe, expect, test } from "vitest";
import type { ReleaseDocument } from "../../model/documents.ts";
import { parseVersionSource, type VersionSource } from "../../model/version-source.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";

function from(text: string): { readonly versionFrom: VersionSource } {
  const versionFrom = parseVersionSource(text);
  if (versionFrom === undefined) throw new Error(`"${text}" is no source of versions`);
  return { versionFrom };
}

function versionOf({ releases, state }: ReleaseDocument): string {
  const subjects = releases.map(({ manifest }) => manifest.subject);
  return subjects.map((subject) => (subject.kind === "version" ? subject.version : subject.branch)).join() || state;
}

/** Releases version after version from commits with these subjects. */
async function released(world: Shop, ...subjects: string[]): Promise<string[]> {
  const versions: string[] = [];
  for (const [index, subject] of subjects.entries()) {
    await world.repository.commit({ [`${index}.md`]: subject }, subject);
    versions.push(versionOf(await world.release(from("commits"))));
  }
  return versions;
}

describe("the version from commits", () => {
  test("is 1.0.0 first, then goes on by the largest change since the last release; nothing releasable releases nothing", async () => {
    const world = await makeShop();
    expect(
      await released(world, "feat: begin", "fix: a", "docs: b", "feat(web): c", "perf: d", "refactor!: e"),
    ).toEqual(["1.0.0", "1.0.1", "nothing", "1.1.0", "1.1.1", "2.0.0"]);
  });

  test("says why, also when there is none, and then plans and builds nothing", async () => {
    const world = await makeShop();
    await world.repository.commit({ "a.md": "a" }, "feat: begin");
    expect((await world.release(from("commits"))).because).toBe("1 feature");
    await world.repository.commit({ "web/index.html": "2" }, "fix: a");
    await world.repository.commit({ "a.md": "b" }, "fix: b");
    await world.repository.commit({ "a.md": "c" }, "feat: c\n\nBREAKING CHANGE: all of it");
    expect((await world.release(from("commits"))).because).toBe("1 breaking change, 2 fixes since 1.0.0");
    await world.repository.commit({ "web/index.html": "3" }, "chore: more");
    world.forget();
    const nothing = await world.release(from("commits"));
    expect(nothing).toMatchObject({ state: "nothing", plan: null, services: [], releases: [] });
    expect(nothing.because).toBe("none of 1 commit since 2.0.0 is a feature, a fix or a breaking change");
    expect(world.builds()).toEqual([]);
  });

  test("is chosen, opened and planned from one list of the records", async () => {
    const world = await makeShop();
    await released(world, "feat: begin");
    await world.repository.commit({ "web/index.html": "2" }, "fix: a");
    world.forget();
    const document = await world.release({ ...from("commits"), dryRun: true });
    expect(document.plan?.steps.map(({ reason }) => reason.kind)).toContain("inputs-changed");
    expect(world.memory.count({ kind: "tags", repository: "shop/releases" })).toBe(1);
  });

  test("run again at the same commit finishes the same release", async () => {
    const world = await makeShop();
    await released(world, "feat: begin");
    const again = await world.release(from("commits"));
    expect(again).toMatchObject({ state: "already", because: "released as 1.0.0 already, from this commit" });
  });

  test("goes on from git's tags where nothing was recorded yet; pre-releases do not count", async () => {
    const world = await makeShop();
    await world.repository.git("tag", "v0.3.1");
    await world.repository.commit({ "a.md": "a" }, "chore: a");
    await world.repository.git("tag", "v0.4.0-rc.1");
    expect(await released(world, "feat: b")).toEqual(["0.4.0"]);
  });

  test("of a maintenance branch goes on from its own last release, not from the highest", async () => {
    const world = await makeShop();
    await released(world, "feat: begin", "feat: more", "feat!: other");
    await world.repository.git("checkout", "--quiet", "-b", "1.x", "HEAD~1");
    expect(await released(world, "fix: old")).toEqual(["1.1.1"]);
  });

  test("of a group counts the commits that touch what its services read", async () => {
    const groups = `${settings}groups:\n  web: { services: [web] }\n  core: { services: [api, base] }\n`;
    const world = await makeShop({ "slipway.yaml": groups });
    await world.release({ version: "1.0.0", group: "web" });
    await world.release({ version: "1.0.0", group: "core" });
    await world.repository.commit({ "api/src/main.txt": "api 2" }, "feat: in api");
    expect(await world.release({ ...from("commits"), group: "web" })).toMatchObject({
      state: "nothing",
      because: "none of 0 commits to the group web since 1.0.0 is a feature, a fix or a breaking change",
    });
    expect(versionOf(await world.release({ ...from("commits"), group: "core" }))).toBe("1.1.0");
    await expect(world.release(from("commits"))).rejects.toMatchObject({
      code: "usage",
      message: "a version belongs to one release group, and there are several: core, web",
    });
  });

  test("in a shallow clone is refused, with what brings the history", async () => {
    const world = await makeShop();
    await world.repository.git("clone", "--quiet", "--depth=1", `file://${world.repository.root}`, "clone");
    const repo = `${world.repository.root}/clone`;
    await expect(world.release({ ...from("commits"), repo })).rejects.toMatchObject({
      code: "repository",
      hint: expect.stringContaining("git fetch --unshallow"),
    });
  });
});

describe("the version from a git tag", () => {
  test("is that of the commit; of several the highest", async () => {
    const world = await makeShop();
    for (const tag of ["v1.0.0-rc.1", "v1.0.0", "other"]) await world.repository.git("tag", tag);
    const result = await world.release(from("tag"));
    expect([versionOf(result), result.because]).toEqual(["1.0.0", "the git tag v1.0.0"]);
  });

  test("is that of a tag that points to another tag, too", async () => {
    const world = await makeShop();
    await world.repository.git("tag", "-a", "v1.0.2-rc.1", "-m", "rc");
    await world.repository.git("tag", "-a", "v1.0.2", "-m", "final", "v1.0.2-rc.1");
    await world.repository.git("tag", "-a", "v1.0.3-rc.1", "-m", "again", "v1.0.2");
    await world.repository.git("tag", "v1.0.0", "v1.0.3-rc.1");
    await world.repository.git("tag", "-d", "v1.0.3-rc.1");
    expect(versionOf(await world.release(from("tag")))).toBe("1.0.2");
    await world.repository.commit({ "web/index.html": "web 2" }, "fix: web");
    await world.repository.git("tag", "-a", "v1.0.9", "-m", "of a tag", "v1.0.2");
    expect(versionOf(await world.release(from("commits")))).toBe("1.0.10");
  });

  test("is that of the tag that was pushed, and names its group", async () => {
    const world = await makeShop({ "slipway.yaml": `${settings}groups:\n  web: { services: [web] }\n` });
    await world.repository.git("tag", "v9.0.0");
    world.env = { GITHUB_EVENT_NAME: "push", GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "web-v1.1.0" };
    const { releases } = await world.release(from("tag"));
    expect(releases.map(({ record, manifest }) => [record, manifest.group])).toEqual([["web.v1.1.0", "web"]]);
  });

  test("is asked for where there is none, with the pattern", async () => {
    const world = await makeShop();
    await world.repository.git("tag", "1.0.0");
    const commit = (await world.repository.git("rev-parse", "HEAD")).slice(0, 7);
    await expect(world.release(from("tag"))).rejects.toMatchObject({
      code: "usage",
      message: `taking the version from a git tag at ${commit}: there is "1.0.0", and none like "v{version}"`,
      hint: "tag the commit (git tag v1.2.0), or fetch its tags (git fetch --tags origin)",
    });
  });
});

describe("the version from a file", () => {
  test("is what the one that has a version says", async () => {
    const world = await makeShop({ "package.json": '{"private": true}', VERSION: "1.4.0\n" });
    const result = await world.release(from("file"));
    expect([versionOf(result), result.because]).toEqual(["1.4.0", "VERSION"]);
  });

  test("once released is not released again from another commit, until the file says the next", async () => {
    const world = await makeShop({ "package.json": '{"version": "1.0.0"}' });
    await world.release(from("file"));
    const first = (await world.repository.git("rev-parse", "HEAD")).slice(0, 7);
    await world.repository.commit({ "web/index.html": "web 2" });
    expect(await world.release(from("file"))).toMatchObject({
      state: "nothing",
      because: `package.json says 1.0.0, which was released from ${first} already`,
    });
    await world.repository.commit({ "package.json": '{"version": "1.1.0"}' });
    expect(versionOf(await world.release(from("package.json")))).toBe("1.1.0");
  });

  test("is asked for where files differ, or none says one", async () => {
    const differ = await makeShop({ "package.json": '{"version": "1.0.0"}', VERSION: "1.1.0" });
    await expect(differ.release(from("file"))).rejects.toMatchObject({
      code: "usage",
      message: "taking the version from a file: package.json says 1.0.0, VERSION says 1.1.0",
      hint: "name the file to use: --version-from package.json",
    });
    const none = await makeShop();
    await expect(none.release(from("file"))).rejects.toThrow("none of package.json, VERSION, Cargo.toml");
    await expect(none.release(from("web/package.json"))).rejects.toThrow('from "web/package.json"');
    const odd = await makeShop({ VERSION: "tomorrow" });
    await expect(odd.release(from("VERSION"))).rejects.toThrow('"tomorrow" is no semantic version');
  });
});

test("slipway.yaml says it once for all; a version or a branch that is asked for wins", async () => {
  const world = await makeShop({ "slipway.yaml": `version: commits\n${settings}` });
  await world.repository.commit({ "a.md": "a" }, "feat: a");
  expect(versionOf(await world.release({ branch: "main" }))).toBe("main");
  expect(versionOf(await world.release())).toBe("1.0.0");
  await world.repository.commit({ "a.md": "b" }, "feat: b");
  expect(versionOf(await world.release({ version: "1.5.0" }))).toBe("1.5.0");
});

test("a dry run says the version, and does nothing", async () => {
  const world = await makeShop();
  await world.repository.commit({ "a.md": "a" }, "feat: a");
  const { state, because, tags } = await world.release({ ...from("commits"), dryRun: true });
  expect([state, because]).toEqual(["dry-run", "1 feature"]);
  expect(tags.map(({ tag }) => tag)).toContain("1.0.0");
});
