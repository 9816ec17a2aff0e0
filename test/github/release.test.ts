import { describe, expect, onTestFinished, test } from "vitest";
import { type GitHub, type GitHubOptions, type Permissions, startGitHub } from "../../sandbox/github/index.ts";
import type { ReleaseDocument } from "../../src/model/documents.ts";
import { makeWorld, type World } from "../../src/pipeline/testing/world.ts";

/** A repository with a registry, whose releases are on GitHub on loopback. */
interface Rig {
  readonly world: World;
  readonly github: GitHub;
  release(version: string, options?: Parameters<World["release"]>[0]): Promise<ReleaseDocument>;
  /** All releases, drafts included, without the fields that nobody looks at here. */
  releases(): Promise<readonly Shown[]>;
}

interface Shown {
  readonly tag: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  readonly body: string;
  readonly assets: readonly { readonly name: string; readonly digest: string }[];
}

const mayWrite = { contents: "write", packages: "write" } as const;
const assetNames = ["compose.images.yaml", "images.json", "images.md", "kustomization.images.yaml"];

async function makeRig(
  options: Partial<GitHubOptions> & {
    permissions?: Permissions;
    isFork?: boolean;
    files?: Record<string, string>;
  } = {},
): Promise<Rig> {
  const world = await makeWorld(options.files);
  const github = await startGitHub({ repository: "acme/shop", git: world.repository.root, ...options });
  onTestFinished(() => github.close());
  const job = { permissions: options.permissions ?? mayWrite, isFork: options.isFork ?? false };
  const env = await github.env(job);
  world.env = { ...env, GITHUB_EVENT_NAME: "workflow_dispatch" };
  const fetch: typeof globalThis.fetch = (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input);
    return /^127\.|localhost$/.test(hostname) ? globalThis.fetch(input, init) : world.memory.fetch(input, init);
  };
  return {
    world,
    github,
    release: (version, more = {}) => world.release({ version, ...more }, { ...world.host(), fetch }),
    releases: async () => (await github.state()).releases.map(show),
  };
}

function show(release: Readonly<Record<string, unknown>>): Shown {
  const assets = Array.isArray(release["assets"]) ? release["assets"] : [];
  return {
    tag: String(release["tag_name"]),
    draft: release["draft"] === true,
    prerelease: release["prerelease"] === true,
    body: String(release["body"]),
    assets: assets
      .map((asset: Record<string, unknown>) => ({ name: String(asset["name"]), digest: String(asset["digest"]) }))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  };
}

function names({ assets }: Shown): string[] {
  return assets.map(({ name }) => name);
}

describe.concurrent("the GitHub release of a version", () => {
  test("is a draft until its assets are attached, and then published with the tag at the commit", async () => {
    const rig = await makeRig();
    const document = await rig.release("1.0.0");
    const [release, ...others] = await rig.releases();
    expect(others).toEqual([]);
    expect(release).toMatchObject({ tag: "v1.0.0", draft: false, prerelease: false });
    expect(release === undefined ? [] : names(release)).toEqual(assetNames);
    expect(document.releases[0]?.githubRelease).toEqual({
      url: `${rig.github.serverUrl}/acme/shop/releases/tag/v1.0.0`,
      state: "published",
    });
    expect(await rig.world.repository.git("rev-parse", "v1.0.0^{commit}")).toBe(
      await rig.world.repository.git("rev-parse", "HEAD"),
    );
  });
});
