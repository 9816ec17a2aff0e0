import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { run } from "../processes.ts";
import { type GitHub, type GitHubOptions, startGitHub } from "./index.ts";
import { idOf, makeApi } from "./testing.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(
  options: Partial<GitHubOptions> = {},
): Promise<{ github: GitHub; api: ReturnType<typeof makeApi> }> {
  const github = await startGitHub({ repository: "acme/shop", ...options });
  closing.push(() => github.close());
  return { github, api: makeApi(github, github.token({ contents: "write" })) };
}

async function makeGit(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "github-git-"));
  closing.push(async () => rmSync(folder, { recursive: true }));
  const person = ["-c", "user.name=a", "-c", "user.email=a@example.test"];
  await run("git", ["init", "--quiet", "--initial-branch=main", folder]);
  await run("git", ["-C", folder, ...person, "commit", "--quiet", "--allow-empty", "-m", "first"]);
  return folder;
}

/** Sends bytes to where a release says that its assets go. */
async function attach(
  api: ReturnType<typeof makeApi>,
  release: Readonly<Record<string, unknown>>,
  name: string,
  bytes: string,
) {
  return api("POST", `${String(release["upload_url"]).replace(/\{.*$/, "")}?name=${name}`, bytes);
}

test("a draft is seen by those who may write, has no tag yet, and gets one when it is published", async () => {
  const git = await makeGit();
  const { github, api } = await start({ git });
  const reader = makeApi(github, github.token({ contents: "read" }));
  const { body: draft } = await api("POST", "/releases", { tag_name: "v1.0.0", draft: true });
  expect([(await api("GET", "/releases")).list.length, (await reader("GET", "/releases")).list.length]).toEqual([1, 0]);
  expect([
    (await api("GET", "/releases/tags/v1.0.0")).status,
    (await reader("GET", `/releases/${idOf(draft)}`)).status,
  ]).toEqual([404, 404]);
  const tags = async () => (await run("git", ["-C", git, "tag"])).stdout.trim();
  expect(await tags()).toBe("");
  const { body: published } = await api("PATCH", `/releases/${idOf(draft)}`, { draft: false });
  expect(published).toMatchObject({ tag_name: "v1.0.0", draft: false, published_at: expect.any(String) });
  expect(await tags()).toBe("v1.0.0");
  expect((await reader("GET", "/releases/tags/v1.0.0")).status).toBe(200);
});

test("an asset gives back its bytes with their digest, and its name is taken once", async () => {
  const { github, api } = await start();
  const { body: release } = await api("POST", "/releases", { tag_name: "v1.0.0" });
  const { body: asset } = await attach(api, release, "images.json", "{}");
  expect(asset).toMatchObject({
    name: "images.json",
    size: 2,
    digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  });
  expect((await attach(api, release, "images.json", "[]")).body).toMatchObject({
    errors: [{ code: "already_exists" }],
  });
  expect(await (await fetch(`${github.url}/acme/shop/releases/download/v1.0.0/images.json`)).text()).toBe("{}");
});

test("a tag has one published release, and any number of drafts", async () => {
  const { api } = await start();
  await api("POST", "/releases", { tag_name: "v1.0.0", draft: true });
  const { body: second } = await api("POST", "/releases", { tag_name: "v1.0.0", draft: true });
  expect((await api("PATCH", `/releases/${idOf(second)}`, { draft: false })).status).toBe(200);
  const refused = await api("POST", "/releases", { tag_name: "v1.0.0" });
  expect([refused.status, refused.body]).toEqual([
    422,
    expect.objectContaining({ errors: [expect.objectContaining({ code: "already_exists", field: "tag_name" })] }),
  ]);
  expect((await api("GET", "/releases")).list.map((each) => [each["tag_name"], each["draft"]])).toEqual(
    expect.arrayContaining([
      ["v1.0.0", true],
      ["v1.0.0", false],
    ]),
  );
});

test("a body has at most 125,000 characters", async () => {
  const { api } = await start();
  expect((await api("POST", "/releases", { tag_name: "v1", body: "x".repeat(125_000) })).status).toBe(201);
  const refused = await api("POST", "/releases", { tag_name: "v2", body: "x".repeat(125_001) });
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([
    422,
    expect.stringContaining("body is too long (maximum is 125000 characters)"),
  ]);
});

test("the latest release is the last one that was to be it: no pre-release, and none with make_latest: false", async () => {
  const { api } = await start();
  const latest = async () => (await api("GET", "/releases/latest")).body["tag_name"];
  await api("POST", "/releases", { tag_name: "v2.0.0" });
  await api("POST", "/releases", { tag_name: "v1.0.1", make_latest: "false" });
  await api("POST", "/releases", { tag_name: "v3.0.0-rc.1", prerelease: true });
  expect(await latest()).toBe("v2.0.0");
  await api("POST", "/releases", { tag_name: "v2.1.0" });
  expect(await latest()).toBe("v2.1.0");
});

test("where releases are immutable, publishing freezes the tag and the assets, and the tag's name is used up", async () => {
  const { api } = await start({ immutableReleases: true });
  const { body: draft } = await api("POST", "/releases", { tag_name: "v1.0.0", draft: true });
  const { body: asset } = await attach(api, draft, "images.json", "{}");
  const { body: published } = await api("PATCH", `/releases/${idOf(draft)}`, { draft: false });
  expect(published).toMatchObject({ immutable: true, assets: [{ name: "images.json" }] });
  expect((await attach(api, draft, "images.md", "#")).status).toBe(422);
  expect((await api("DELETE", `/releases/assets/${idOf(asset)}`)).status).toBe(422);
  expect((await api("PATCH", `/releases/${idOf(draft)}`, { tag_name: "v2" })).status).toBe(422);
  expect((await api("PATCH", `/releases/${idOf(draft)}`, { body: "notes can change" })).body).toMatchObject({
    body: "notes can change",
  });
  expect((await api("DELETE", `/releases/${idOf(draft)}`)).status).toBe(204);
  expect((await api("POST", "/releases", { tag_name: "v1.0.0" })).body).toMatchObject({
    errors: [{ message: "tag_name was used by an immutable release" }],
  });
});

test("a token without contents: write is told which permission it lacks", async () => {
  const { github } = await start();
  const refused = await makeApi(github, github.token({ contents: "read" }))("POST", "/releases", { tag_name: "v1" });
  expect([refused.status, refused.headers.get("x-accepted-github-permissions")]).toEqual([403, "contents=write"]);
});
