import { onTestFinished } from "vitest";
import { type GitHub, type GitHubOptions, type Permissions, startGitHub } from "../../sandbox/github/index.ts";
import { makeApi } from "../../sandbox/github/testing.ts";
import type { Fetch } from "../../src/host.ts";
import { makeFetch } from "../../src/http/fetch.ts";
import type { ReleaseDocument } from "../../src/model/documents.ts";
import { makeShop, type Shop } from "../../src/core/testing/shop.ts";

/** A repository with a registry, whose releases are on GitHub on loopback. */
export interface Rig {
  readonly world: Shop;
  readonly github: GitHub;
  /** Calls the API as a person does. */
  readonly api: ReturnType<typeof makeApi>;
  /** Releases a version; undefined: the branch. */
  release(version: string | undefined, options?: Parameters<Shop["release"]>[0]): Promise<ReleaseDocument>;
  /** All releases, drafts included, with the fields that are looked at here. */
  releases(): Promise<readonly Shown[]>;
  /** The only release there is. */
  only(): Promise<Shown>;
  /** Requests that changed something, since the log was emptied. */
  writes(): readonly string[];
}

export interface Shown {
  readonly tag: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  readonly body: string;
  readonly assets: readonly string[];
  readonly digests: readonly string[];
}

export interface RigOptions extends Partial<GitHubOptions> {
  readonly permissions?: Permissions;
  readonly isFork?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

export const mayWrite: Permissions = { contents: "write", packages: "write" };
/** By name. */
export const assetNames = ["compose.images.yaml", "images.json", "images.md", "kustomization.images.yaml"];

export async function makeRig(options: RigOptions = {}): Promise<Rig> {
  const { files = {}, permissions = mayWrite, isFork = false, ...more } = options;
  const world = await makeShop(files);
  const github = await startGitHub({ repository: "acme/shop", git: world.repository.root, ...more });
  onTestFinished(() => github.close());
  world.env = { ...(await github.env({ permissions, isFork })), GITHUB_EVENT_NAME: "workflow_dispatch" };
  const overSockets = makeFetch({});
  const fetch: Fetch = (input, init) => {
    const { hostname } = new URL(input);
    return hostname === "127.0.0.1" ? overSockets(input, init) : world.memory.fetch(input, init);
  };
  const releases = async () => (await github.state()).releases.map(show);
  return {
    world,
    github,
    api: makeApi(github, github.token("everything")),
    release: (version, asked = {}) =>
      world.release({ ...(version === undefined ? {} : { version }), ...asked }, { ...world.host(), fetch }),
    releases,
    only: async () => {
      const [first, ...others] = await releases();
      if (first === undefined || others.length > 0) throw new Error(`there are ${others.length + 1} releases`);
      return first;
    },
    writes: () => github.log.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
  };
}

function show(release: Readonly<Record<string, unknown>>): Shown {
  const listed: readonly Readonly<Record<string, unknown>>[] = Array.isArray(release["assets"])
    ? release["assets"]
    : [];
  const assets = listed
    .map(({ name, digest }) => ({ name: String(name), digest: String(digest) }))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return {
    tag: String(release["tag_name"]),
    draft: release["draft"] === true,
    prerelease: release["prerelease"] === true,
    body: String(release["body"]),
    assets: assets.map(({ name }) => name),
    digests: assets.map(({ digest }) => digest),
  };
}
