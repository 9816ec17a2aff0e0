import { describe, expect, test } from "vitest";
import { idOf } from "../../sandbox/github/testing.ts";
import { mostBodyLength, sectionMarkers } from "../../src/notes/images-section.ts";
import { assetNames, makeRig } from "./release-rig.ts";

describe("a release that is there already", () => {
  test("of an earlier run is the same after another", async () => {
    const rig = await makeRig();
    await rig.release("1.0.0");
    const before = await rig.releases();
    rig.github.clearLog();
    const again = await rig.release("1.0.0");
    expect(again).toMatchObject({ state: "already", releases: [{ githubRelease: { state: "same" } }] });
    expect(await rig.releases()).toEqual(before);
    expect(rig.writes()).toEqual([]);
  });

  test("by hand gets the images between its lines, once, and keeps every letter of them", async () => {
    const rig = await makeRig();
    const made = await rig.api("POST", "/releases", {
      tag_name: "v1.0.0",
      name: "The first",
      body: "# By hand\r\n\r\nText.\r\n",
    });
    const asset = `${String(made.body["upload_url"]).replace(/\{.*$/, "")}?name=manual.pdf`;
    await rig.api("POST", asset, "%PDF");
    const first = await rig.release("1.0.0");
    expect(first.releases[0]?.githubRelease?.state).toBe("updated");
    const release = await rig.only();
    expect(release.body.startsWith(`# By hand\r\n\r\nText.\r\n\r\n${sectionMarkers.begin}\r\n`)).toBe(true);
    expect(release.body.replaceAll("\r\n", "")).not.toContain("\n");
    expect(release.assets).toEqual([...assetNames, "manual.pdf"]);
    const edited = `${release.body}\r\nAnd below.`;
    await rig.api("PATCH", `/releases/${idOf(made.body)}`, { body: edited });
    const second = await rig.release("1.0.0");
    expect(second.releases[0]?.githubRelease?.state).toBe("same");
    expect((await rig.only()).body).toBe(edited);
  });

  test("whose tag is at another commit, annotated or not, is added to, and a warning says which the two are", async () => {
    for (const annotated of [[], ["-a", "-m", "by hand"]]) {
      const rig = await makeRig();
      await rig.world.repository.git("tag", ...annotated, "v1.0.0");
      await rig.world.repository.commit({ "web/index.html": "web 2" });
      await rig.release("1.0.0");
      expect(await rig.only()).toMatchObject({ tag: "v1.0.0", draft: false });
      expect(rig.world.events).toContainEqual({
        kind: "warning",
        message: expect.stringMatching(
          /^the tag v1\.0\.0 on GitHub is at [0-9a-f]{7}, and the images were released from/,
        ),
      });
    }
  });

  test("whose tag is at its own commit is written without a word of that", async () => {
    const rig = await makeRig();
    await rig.world.repository.git("tag", "-a", "-m", "by hand", "v1.0.0");
    await rig.release("1.0.0");
    expect(rig.world.events.filter(({ kind }) => kind === "warning")).toEqual([]);
  });

  test("as somebody's draft is added to, and stays theirs to publish", async () => {
    const rig = await makeRig();
    await rig.api("POST", "/releases", { tag_name: "v1.0.0", body: "Soon.", draft: true });
    for (const _run of [1, 2]) {
      const { releases } = await rig.release("1.0.0");
      expect(releases[0]?.githubRelease?.state).toBe("draft");
      expect(await rig.only()).toMatchObject({ draft: true, body: expect.stringMatching(/^Soon\.\n\n<!-- slipway/) });
    }
    expect((await rig.only()).assets).toEqual(assetNames);
  });

  test("with a file of other content gets the right one", async () => {
    const rig = await makeRig();
    await rig.release("1.0.0");
    const before = await rig.only();
    const { list } = await rig.api("GET", "/releases");
    const assets = list[0]?.["assets"];
    const old = Array.isArray(assets) ? assets.find((asset) => asset.name === "images.json") : undefined;
    await rig.api("DELETE", `/releases/assets/${idOf(old)}`);
    await rig.api("POST", `${String(list[0]?.["upload_url"]).replace(/\{.*$/, "")}?name=images.json`, "{}");
    expect((await rig.release("1.0.0")).releases[0]?.githubRelease?.state).toBe("updated");
    expect(await rig.only()).toEqual(before);
  });

  test("and immutable gets the notes, and a warning for the files that it cannot get", async () => {
    const rig = await makeRig({ immutableReleases: true });
    await rig.api("POST", "/releases", { tag_name: "v1.0.0", body: "By hand." });
    const { releases } = await rig.release("1.0.0");
    expect(releases[0]?.githubRelease?.state).toBe("updated");
    const release = await rig.only();
    expect([release.assets, release.body]).toEqual([[], expect.stringMatching(/^By hand\.\n\n.*images:begin/)]);
    expect(rig.world.events).toContainEqual({ kind: "warning", message: expect.stringContaining("is immutable") });
  });
});

describe("where releases are immutable", () => {
  test("notes that neither fit nor can be attached say how they are written", async () => {
    const rig = await makeRig({ immutableReleases: true });
    await rig.api("POST", "/releases", { tag_name: "v1.0.0", body: "x".repeat(mostBodyLength - 800) });
    await rig.release("1.0.0");
    expect((await rig.only()).body).toContain("`slipway release 1.0.0 --notes-file images.md` writes it");
  });

  test("a new one has its files, and is the same after another run", async () => {
    const rig = await makeRig({ immutableReleases: true });
    await rig.release("1.0.0");
    const before = await rig.only();
    expect(before.assets).toEqual(assetNames);
    const again = await rig.release("1.0.0");
    expect(again.releases[0]?.githubRelease?.state).toBe("same");
    expect(await rig.only()).toEqual(before);
    expect(rig.world.events.filter(({ kind }) => kind === "warning")).toEqual([]);
  });
});

describe("a run that ends in between", () => {
  test.each(["POST /assets", "PATCH /releases"])(
    "at %s leaves a draft, which the same command publishes",
    async (at) => {
      const rig = await makeRig();
      const [method = "", path = ""] = at.split(" ");
      let seen = 0;
      rig.github.setFaults((entry) =>
        entry.method === method && entry.path.includes(path) && ++seen > (path === "/assets" ? 1 : 0)
          ? { kind: "status", status: 403, body: '{"message":"Resource not accessible by integration"}' }
          : undefined,
      );
      await expect(rig.release("1.0.0")).rejects.toMatchObject({ code: "credentials" });
      expect(await rig.only()).toMatchObject({ draft: true, body: expect.stringContaining("`slipway release 1.0.0`") });
      rig.github.setFaults(undefined);
      const again = await rig.release("1.0.0");
      expect(again).toMatchObject({ state: "already", releases: [{ githubRelease: { state: "published" } }] });
      const release = await rig.only();
      expect([release.draft, release.assets]).toEqual([false, assetNames]);
      expect(release.body).not.toContain("slipway:draft");
    },
  );
});
