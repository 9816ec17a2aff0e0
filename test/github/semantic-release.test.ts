import { expect, onTestFinished, test, vi } from "vitest";
import { type GitHub, startGitHub } from "../../sandbox/github/index.ts";
import * as plugin from "../../src/semantic-release/index.ts";
import { makeSemanticReleaseWorld, type SemanticReleaseWorld } from "../../src/semantic-release/testing/world.ts";
import { planReleaserc } from "../../src/workflow/releaserc.ts";
import { sectionMarkers } from "../../src/notes/images-section.ts";

// semantic-release starts git some fifty times a run.
vi.setConfig({ testTimeout: 240_000 });

async function makeRig(): Promise<{
  readonly world: SemanticReleaseWorld;
  readonly github: GitHub;
  readonly repositoryUrl: string;
}> {
  const world = await makeSemanticReleaseWorld();
  const github = await startGitHub({ repository: "acme/shop", git: world.remote });
  onTestFinished(() => github.close());
  const permissions = { contents: "write", issues: "write", "pull-requests": "write" } as const;
  const env = await github.env({ permissions });
  world.env = { ...env, GITHUB_TOKEN: github.token("everything"), GITHUB_EVENT_NAME: "push", GITHUB_ACTION: "release" };
  return { world, github, repositoryUrl: `${github.url}/acme/shop.git` };
}

/**
 * The plugins of the configuration that `slipway init --semantic-release` writes, with the plugin itself for its name. Comments
 * on issues ask GraphQL for more than there is on loopback.
 */
function plugins(): never[] {
  const request = { trunk: "main", tag: "v{version}", group: undefined, markers: sectionMarkers };
  const config = JSON.parse(planReleaserc(undefined, request).after) as { plugins: (string | [string, object])[] };
  return config.plugins.map((each) => {
    if (Array.isArray(each))
      return [each[0], { ...each[1], successCommentCondition: false, failCommentCondition: false }];
    return each === "slipway/semantic-release" ? { ...plugin } : each;
  }) as never[];
}

test("the configuration that init writes makes one GitHub release, with the notes, then the images between the markers", async () => {
  const { world, github, repositoryUrl } = await makeRig();
  const ran = await world.release({}, "feat: open the shop", { repositoryUrl, plugins: plugins() });
  expect(ran.errors, ran.output).toEqual([]);
  expect(ran.releases.map(({ name }) => name)).toEqual(["Container images", "GitHub release"]);
  const [release, ...others] = (await github.state()).releases;
  expect(others).toEqual([]);
  const body = String(release?.["body"]);
  expect(body).toContain("open the shop");
  expect(body.split(sectionMarkers.begin)).toHaveLength(2);
  expect(body.slice(body.indexOf(sectionMarkers.begin))).toContain(`api@${world.visibleTags("api")["1.0.0"] ?? ""}`);
  const assets = release?.["assets"] as { name: string }[];
  expect(assets.map(({ name }) => name)).toContain("images.json");
});

test("without GitHub's plugin, it makes the GitHub release itself", async () => {
  const { world, github, repositoryUrl } = await makeRig();
  const own = ["@semantic-release/commit-analyzer", { ...plugin }] as never[];
  const ran = await world.release({}, "feat: open the shop", { repositoryUrl, plugins: own });
  expect(ran.errors, ran.output).toEqual([]);
  expect(ran.releases[0]?.["url"]).toBe(`${github.serverUrl}/acme/shop/releases/tag/v1.0.0`);
  const { releases } = await github.state();
  expect(releases.map((release) => [release["tag_name"], release["draft"]])).toEqual([["v1.0.0", false]]);
});
