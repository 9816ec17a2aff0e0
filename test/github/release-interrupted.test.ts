import { describe, expect, onTestFinished, test } from "vitest";
import { type GitHub, type GitHubOptions, startGitHub } from "../../sandbox/github/index.ts";
import { type GitHubClient, makeGitHubClient } from "../../src/github/client.ts";
import { type WantedRelease, writeRelease } from "../../src/github/releases.ts";
import { makeFetch } from "../../src/http/fetch.ts";
import { Secret } from "../../src/model/secret.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";

interface Rig {
  readonly github: GitHub;
  readonly client: GitHubClient;
  /** All releases, drafts included. */
  readonly releases: () => Promise<readonly unknown[]>;
}

async function makeRig(options: Partial<GitHubOptions> = {}): Promise<Rig> {
  const github = await startGitHub({ repository: "acme/shop", ...options });
  onTestFinished(() => github.close());
  const client = makeGitHubClient(makeTestHost({ fetch: makeFetch({}) }), {
    token: new Secret(github.token({ contents: "write" })),
    server: { url: github.url, apiUrl: github.apiUrl },
    repository: { owner: "acme", name: "shop" },
    emit: () => undefined,
  });
  return { github, client, releases: async () => (await github.state()).releases.map(show) };
}

function show({ tag_name, draft, body, assets }: Readonly<Record<string, unknown>>): unknown {
  const names = Array.isArray(assets) ? assets.map((asset: { name: string }) => asset.name).toSorted() : [];
  return { tag: tag_name, draft, body, assets: names };
}

const wanted: WantedRelease = {
  tag: "v1.0.0",
  commit: "1".repeat(40),
  isPrerelease: false,
  assets: [
    { name: "images.md", contentType: "text/markdown", content: "all" },
    { name: "images.json", contentType: "application/json", content: "{}" },
  ],
  draft: { body: "<!-- mine -->", isOwn: (body) => body.includes("<!-- mine -->") },
  makeBody: async () => "the images",
  isLatest: async () => true,
};

const whole = { tag: "v1.0.0", draft: false, body: "the images", assets: ["images.json", "images.md"] };

/** Requests of a whole release to GitHub, in order. */
const requests = ["look by tag", "list", "create", "attach 1", "attach 2", "publish"];

describe.each([
  ["GitHub", {}],
  ["GitHub with immutable releases", { immutableReleases: true }],
] as const)("a release on %s", (_name, options) => {
  test("takes six requests", async () => {
    const { github, client, releases } = await makeRig(options);
    await expect(writeRelease(client, wanted)).resolves.toMatchObject({ state: "published", leftOut: [] });
    expect(await releases()).toEqual([whole]);
    expect(github.count({ kind: "api" })).toBe(requests.length);
  });

  test.each(requests.map((name, at) => ({ name, at })))(
    "is whole, and the only one, though `$name` was done and not answered",
    async ({ at }) => {
      const { github, client, releases } = await makeRig(options);
      let asked = 0;
      github.setFaults(() => (asked++ === at ? { kind: "reset", when: "after" } : undefined));
      await writeRelease(client, wanted);
      expect(await releases()).toEqual([whole]);
    },
  );

  test.each(requests.map((name, at) => ({ name, at })))(
    "is finished by the same command, when the first one died at `$name`",
    async ({ at }) => {
      const { github, client, releases } = await makeRig(options);
      let asked = 0;
      github.setFaults(() =>
        asked++ < at ? undefined : { kind: "reset", when: asked === at + 1 ? "after" : "before" },
      );
      await expect(writeRelease(client, wanted)).rejects.toMatchObject({ code: "unavailable" });
      github.setFaults(undefined);
      await writeRelease(client, wanted);
      expect(await releases()).toEqual([whole]);
      github.clearLog();
      await expect(writeRelease(client, wanted)).resolves.toMatchObject({ state: "same" });
      expect(github.log.filter(({ method }) => method !== "GET")).toEqual([]);
    },
  );

  test("that another tool publishes meanwhile is added to, and no draft is left", async () => {
    const { client, releases } = await makeRig(options);
    let isFirst = true;
    const racing: WantedRelease = {
      ...wanted,
      makeBody: async (body) => {
        if (isFirst) {
          isFirst = false;
          await client.octokit.rest.repos.createRelease({ ...client.at, tag_name: wanted.tag, body: "Theirs." });
        }
        return body.includes("the images") ? body : `${body.replace("<!-- mine -->", "")} the images`.trim();
      },
    };
    const written = await writeRelease(client, racing);
    const isImmutable = "immutableReleases" in options;
    expect(written.leftOut).toEqual(isImmutable ? ["images.md", "images.json"] : []);
    expect(await releases()).toEqual([
      { ...whole, body: "Theirs. the images", assets: isImmutable ? [] : whole.assets },
    ]);
  });
});

test("an asset whose removal went unanswered is replaced all the same", async () => {
  const { github, client, releases } = await makeRig();
  await writeRelease(client, wanted);
  github.setFaults(({ method, nth }) =>
    method === "DELETE" && nth === 0 ? { kind: "reset", when: "after" } : undefined,
  );
  const changed = wanted.assets.map((asset) => ({ ...asset, content: `${asset.content} and more` }));
  await expect(writeRelease(client, { ...wanted, assets: changed })).resolves.toMatchObject({ state: "updated" });
  expect(await releases()).toEqual([whole]);
});
