import { describe, expect, test } from "vitest";
import { digestOf } from "../../src/model/digest.ts";
import { mostBodyLength } from "../../src/notes/images-section.ts";
import { settings, type Shop } from "../../src/core/testing/shop.ts";
import { assetNames, makeRig, mayWrite } from "./release-rig.ts";

describe("the GitHub release of a version", () => {
  test("is a draft until its assets are attached, and then published with the tag at the commit", async () => {
    const rig = await makeRig();
    const document = await rig.release("1.0.0");
    expect(document.releases[0]?.githubRelease).toEqual({
      url: `${rig.github.serverUrl}/acme/shop/releases/tag/v1.0.0`,
      state: "published",
    });
    expect(await rig.only()).toMatchObject({ tag: "v1.0.0", draft: false, prerelease: false, assets: assetNames });
    const done = rig.writes().map((each) => each.replace(/\?.*|\d+/g, ""));
    expect([done.at(0), done.at(-1), done.length]).toEqual([
      expect.stringMatching(/^POST .*\/releases$/),
      expect.stringMatching(/^PATCH .*\/releases\/$/),
      6,
    ]);
    const { git } = rig.world.repository;
    expect(await git("rev-parse", "v1.0.0^{commit}")).toBe(await git("rev-parse", "HEAD"));
  });

  test("has the release manifest letter for letter as the registry has it", async () => {
    const rig = await makeRig();
    const { releases } = await rig.release("1.0.0");
    const url = `${rig.github.url}/acme/shop/releases/download/v1.0.0/images.json`;
    const text = await (await fetch(url)).text();
    expect(JSON.parse(text)).toEqual(releases[0]?.manifest);
    expect(rig.world.memory.snapshot()["shop/releases"]?.blobs).toContain(digestOf(text));
  });
});

describe("a token", () => {
  test.each([
    ["without the permission", { permissions: { contents: "read" } }],
    ["of a fork", { permissions: mayWrite, isFork: true }],
  ] as const)("%s: the images are released, and what is missing and how to go on is said", async (_what, options) => {
    const rig = await makeRig(options);
    const error: unknown = await rig.release("1.0.0").catch((fault: unknown) => fault);
    expect(error).toMatchObject({
      code: "credentials",
      message: expect.stringContaining("writing the release v1.0.0 of acme/shop"),
      hint: expect.stringMatching(/`contents: write`[^]*the images are released; `slipway release 1\.0\.0` writes/),
    });
    expect(rig.world.tags("shop/web")["latest"]).toBeDefined();
    expect(await rig.releases()).toEqual([]);
  });

  test("that is not there: one line says so, and how to write it later", async () => {
    const rig = await makeRig();
    rig.world.env = { ...rig.world.env, GITHUB_TOKEN: "" };
    const { state, releases } = await rig.release("1.0.0");
    expect([state, releases[0]?.githubRelease]).toEqual(["released", null]);
    expect(rig.world.events.filter(({ kind }) => kind === "github-release")).toMatchObject([
      { state: "left-out", because: expect.stringContaining("`slipway release 1.0.0`") },
    ]);
    expect(rig.github.log).toEqual([]);
  });
});

describe("GitHub", () => {
  test("with a secondary rate limit is waited for", async () => {
    const rig = await makeRig();
    rig.github.setFaults(({ method, nth }) =>
      method === "POST" && nth === 0 ? { kind: "secondary-rate-limit", retryAfter: "1" } : undefined,
    );
    await rig.release("1.0.0");
    expect((await rig.only()).assets).toEqual(assetNames);
    expect(rig.world.events).toContainEqual(expect.objectContaining({ kind: "waiting", seconds: 1 }));
  });

  test("that is not there leaves the images released; the code says that it may pass", async () => {
    const rig = await makeRig();
    rig.github.setFaults(() => ({ kind: "status", status: 503 }));
    await expect(rig.release("1.0.0")).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("the images are released"),
    });
    expect(rig.world.tags("shop/web")["1.0.0"]).toBeDefined();
  });

  test("is not asked for a branch, nor with githubRelease: false", async () => {
    const rig = await makeRig();
    await rig.release("1.0.0", { githubRelease: false });
    await rig.release(undefined);
    expect(rig.github.log).toEqual([]);
  });
});

describe("the latest release on GitHub", () => {
  test("is the highest version: no hot-fix of an older one, and no pre-release", async () => {
    const rig = await makeRig();
    const latest = async () => (await rig.api("GET", "/releases/latest")).body["tag_name"];
    await rig.release("1.2.3");
    await rig.release("2.0.0-rc.1");
    expect(await latest()).toBe("v1.2.3");
    await rig.release("2.0.0");
    expect(await latest()).toBe("v2.0.0");
    await rig.release("1.2.4");
    expect(await latest()).toBe("v2.0.0");
    const flags = (await rig.releases()).map(({ tag, prerelease }) => `${tag} ${prerelease}`).toSorted();
    expect(flags).toEqual(["v1.2.3 false", "v1.2.4 false", "v2.0.0 false", "v2.0.0-rc.1 true"]);
  });

  test("stays at a higher version that was released before Slipway was there", async () => {
    const rig = await makeRig();
    await rig.api("POST", "/releases", { tag_name: "v5.0.0" });
    await rig.release("4.9.1");
    expect((await rig.api("GET", "/releases/latest")).body["tag_name"]).toBe("v5.0.0");
  });
});

describe("release groups", () => {
  test("have a release each, by their own tags", async () => {
    const rig = await makeRig({ files: { "slipway.yaml": `${settings}groups:\n  edge: { services: [web] }\n` } });
    await rig.release("1.0.0", { group: "edge" });
    await rig.release("3.0.0", { group: "default" });
    const shown = (await rig.releases()).map(({ tag, body }) => [
      tag,
      /api:3\.0\.0/.test(body),
      /web:1\.0\.0/.test(body),
    ]);
    expect(shown).toEqual([
      ["v3.0.0", true, false],
      ["edge-v1.0.0", false, true],
    ]);
  });
});

describe("notes of more than 125,000 characters", () => {
  test("move to images.md, which is attached before the body says so", async () => {
    const rig = await makeRig();
    await rig.release("1.0.0", { githubRelease: false });
    await commitMany(rig.world, 60);
    await rig.release("1.1.0");
    const release = await rig.only();
    expect(release.body.length).toBeLessThan(mostBodyLength);
    expect(release.body).toContain("| **web** |");
    expect(release.body).toContain("The whole is the file `images.md` of this release");
    const notes = await (await fetch(`${rig.github.url}/acme/shop/releases/download/v1.1.0/images.md`)).text();
    expect(notes.length).toBeGreaterThan(mostBodyLength);
    const uploads = rig.writes().filter((each) => each.includes("/assets"));
    expect(uploads[0]).toContain("images.md");
    expect((await rig.release("1.1.0")).releases[0]?.githubRelease?.state).toBe("same");
  });

  test("give way to what a person wrote, down to nothing", async () => {
    const rig = await makeRig();
    await rig.api("POST", "/releases", { tag_name: "v1.0.0", body: "x".repeat(mostBodyLength - 800) });
    await rig.release("1.0.0");
    expect((await rig.only()).body).toMatch(/x\n\n<!-- [^]*These notes are longer than GitHub takes/);
    await rig.api("POST", "/releases", { tag_name: "v1.1.0", body: "x".repeat(mostBodyLength) });
    await rig.release("1.1.0");
    const [full] = (await rig.releases()).filter(({ tag }) => tag === "v1.1.0");
    expect(full?.body).toBe("x".repeat(mostBodyLength));
    expect(rig.world.events).toContainEqual({ kind: "warning", message: expect.stringContaining("has no room") });
  });
});

/** Commits with subjects so long that the notes of them are too long for a body. */
async function commitMany({ repository }: Shop, count: number): Promise<void> {
  for (let nth = 1; nth <= count; nth++) {
    await repository.commit({ "web/index.html": `web ${nth}` }, `web: ${"Change it again, ".repeat(200)} ${nth}`);
  }
}
