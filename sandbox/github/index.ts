import { artifactRoutes, makeArtifactStore } from "./artifacts.ts";
import { type Attestation, attestationRoutes } from "./attestations.ts";
import { makeBlobStore } from "./blobs.ts";
import { cacheRoutes } from "./cache-rest.ts";
import {
  type CacheEntry,
  type CacheLimits,
  type CacheSnapshot,
  githubCacheLimits,
  makeCacheStore,
} from "./cache-store.ts";
import { type Bases, makeEmulator } from "./emulate.ts";
import { type FrontDeps, answerRequest, readApi } from "./front.ts";
import { openGitFolder } from "./git.ts";
import { type JobOptions, makeJobEnv } from "./job.ts";
import { type GitHubTraffic, listen } from "./listen.ts";
import { type GitHubRequest, asObject, objectsIn } from "./message.ts";
import { makeOidc } from "./oidc.ts";
import { describeOwner } from "./owner.ts";
import { type PackageStore, makePackageStore, packageRoutes } from "./packages.ts";
import { gitRefRoutes } from "./git-refs.ts";
import { releaseRoutes } from "./releases.ts";
import { kindOf } from "./request-kind.ts";
import type { Route } from "./route.ts";
import { makeRuns } from "./runs.ts";
import { type Permissions, makeRuntimeTokens, makeTokens } from "./token.ts";

export type { CacheEntry, CacheLimits, CacheSnapshot } from "./cache-store.ts";
export type { JobOptions } from "./job.ts";
export type { Permissions } from "./token.ts";

export interface GitHubOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly ownerKind?: "Organization" | "User";
  readonly isPrivate?: boolean;
  readonly defaultBranch?: string;
  /** A git repository, bare or with a working tree, to be cloned and pushed to. */
  readonly git?: string;
  /** Published releases can no longer be changed. */
  readonly immutableReleases?: boolean;
  readonly cacheLimits?: Partial<CacheLimits>;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** GitHub for one repository, on the loopback interface. */
export interface GitHub extends GitHubTraffic {
  /** Base address of everything, by number: `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly apiUrl: string;
  /** The site by a name that clients take for github.com's, not for an Enterprise Server: `http://github.localhost:PORT`. */
  readonly serverUrl: string;
  /** The variables of a job, with tokens that may do what its permissions say. */
  env(job?: JobOptions): Promise<Record<string, string>>;
  /** A token as jobs have it, or a person's, which may do everything. */
  token(permissions: Permissions | "everything"): string;
  /** The variables with which `gh` comes here. */
  ghEnv(token: string): Record<string, string>;
  readonly packages: PackageStore;
  /** The project's own endpoints, as `METHOD /path/:name`; every other one is the emulator's. */
  readonly endpoints: readonly string[];
  /** Whole cache entries, oldest first. */
  caches(): readonly CacheEntry[];
  snapshotCaches(): CacheSnapshot;
  restoreCaches(snapshot: CacheSnapshot): void;
  /** A pull request from a branch; its number. */
  openPullRequest(pull: { readonly title: string; readonly head: string; readonly base?: string }): Promise<number>;
  /** Stored state. Reading it does not count as a request. */
  state(): Promise<GitHubState>;
  close(): Promise<void>;
}

export interface GitHubState {
  readonly caches: readonly CacheEntry[];
  readonly artifacts: readonly { readonly name: string; readonly run: string; readonly bytes: number }[];
  /** As the API describes them, drafts included. */
  readonly releases: readonly Readonly<Record<string, unknown>>[];
  readonly attestations: readonly Attestation[];
}

const repositoryId = 1;
const ownerId = 1;

/** The names under which `gh` knows what it is to reach without TLS. */
const proxied: Bases = {
  api: "http://api.github.localhost",
  site: "http://github.localhost",
  uploads: "http://api.github.localhost",
};

/** Starts it. The REST that npm `emulate` has is started with the first request that needs it. */
export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const { repository, isPrivate = false, defaultBranch = "main", now = Date.now } = options;
  const [owner = "", name = ""] = repository.split("/");
  const account = { login: owner, id: ownerId, kind: options.ownerKind ?? "Organization" } as const;
  const server = await listen({ handle: (request) => answerRequest(front, request), describe: kindOf, now });
  const url = `http://127.0.0.1:${server.port}`;
  const bases: Bases = {
    api: `${url}/api/v3`,
    site: `http://github.localhost:${server.port}`,
    uploads: `${url}/api/uploads`,
  };
  const basesOf = (request: GitHubRequest) => (/(^|\.)github\.localhost$/.test(request.url.host) ? proxied : bases);

  const limits = { ...githubCacheLimits, ...options.cacheLimits };
  const git = options.git === undefined ? undefined : openGitFolder(options.git);
  const blobs = makeBlobStore(now);
  const caches = makeCacheStore(blobs, limits, now);
  const runs = makeRuns(repositoryId);
  const artifacts = makeArtifactStore(blobs, runs, now);
  const packages = makePackageStore(now);
  const attestations: Attestation[] = [];
  const emulator = makeEmulator({ owner, name, ownerKind: account.kind, isPrivate, defaultBranch });
  const routes: readonly Route[] = [
    ...cacheRoutes(caches, limits, repository),
    ...artifactRoutes({ artifacts, blobs, base: url, now }, runs, `${bases.api}/repos/${repository}`),
    ...packageRoutes(packages, { ...account, describe: describeOwner(account, bases.api, bases.site) }, bases),
    ...gitRefRoutes(git, repository, bases),
    ...attestationRoutes(attestations, repositoryId, url),
    ...releaseRoutes({
      emulator,
      blobs,
      git,
      isImmutable: options.immutableReleases ?? false,
      base: url,
      finish: (given, request) => emulator.finish(given, basesOf(request)),
    }),
  ];
  const front: FrontDeps = {
    repository,
    isPrivate,
    routes,
    emulator,
    basesOf,
    caches,
    artifacts,
    blobs,
    base: url,
    now,
    git,
    oidc: makeOidc(`${url}/oidc`, now),
    tokens: makeTokens(),
    runtimeTokens: makeRuntimeTokens(now),
  };
  const jobs = {
    ...front,
    repository: { owner, name, id: repositoryId, ownerId, defaultBranch, isPrivate, git },
    bases,
    services: url,
    runs,
  };
  return {
    ...server.traffic,
    url,
    apiUrl: bases.api,
    serverUrl: bases.site,
    env: (job = {}) => makeJobEnv(jobs, job),
    token: (permissions) =>
      permissions === "everything" ? front.tokens.giveUserToken() : front.tokens.giveJobToken(permissions),
    ghEnv: (token) => ghEnv(repository, token, url),
    packages,
    endpoints: routes.map(({ on }) => on),
    caches: () => caches.list(),
    snapshotCaches: () => caches.snapshot(),
    restoreCaches: (snapshot) => caches.restore(snapshot),
    async openPullRequest({ title, head, base = defaultBranch }) {
      const made = await readApi(front, `/repos/${repository}/pulls`, { kind: "user" }, { title, head, base });
      return Number(asObject(made)?.["number"]);
    },
    async state() {
      return {
        caches: caches.list(),
        artifacts: artifacts.list().map((each) => ({
          name: each.name,
          run: runs.idOf(each.runBackendId) ?? "",
          bytes: each.bytes ?? 0,
        })),
        releases: objectsIn(await readApi(front, `/repos/${repository}/releases?per_page=100`)),
        attestations: [...attestations],
      };
    },
    async close() {
      await server.close();
      await emulator.close();
    },
  };
}

function ghEnv(repository: string, token: string, proxy: string): Record<string, string> {
  return {
    GH_HOST: "github.localhost",
    GH_REPO: `github.localhost/${repository}`,
    GH_TOKEN: token,
    GH_NO_UPDATE_NOTIFIER: "1",
    GH_PROMPT_DISABLED: "1",
    // Go's rules for proxies leave out `localhost` alone, not the names that end with it.
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    NO_PROXY: "",
    no_proxy: "",
  };
}
