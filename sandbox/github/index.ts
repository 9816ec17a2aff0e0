import { answerArtifactService, artifactRoutes, makeArtifactStore } from "./artifacts.ts";
import { type Attestation, attestationRoutes } from "./attestations.ts";
import { makeBlobStore } from "./blobs.ts";
import { cacheRoutes } from "./cache-rest.ts";
import { answerCacheService } from "./cache-service.ts";
import {
  type CacheEntry,
  type CacheLimits,
  type CacheSnapshot,
  githubCacheLimits,
  makeCacheStore,
} from "./cache-store.ts";
import { type Bases, makeEmulator } from "./emulate.ts";
import { gitPathIn, openGitFolder } from "./git.ts";
import { answerGraphql } from "./graphql.ts";
import { type JobOptions, makeJobEnv } from "./job.ts";
import { type GitHubTraffic, listen } from "./listen.ts";
import {
  type GitHubAnswer,
  type GitHubRequest,
  answer,
  asObject,
  notFound,
  objectIn,
  objectsIn,
  refusal,
  twirpError,
} from "./message.ts";
import { makeOidc } from "./oidc.ts";
import { type PackageStore, makePackageStore, packageRoutes } from "./packages.ts";
import { releaseRoutes } from "./releases.ts";
import { type Route, findRoute, missingPermission } from "./route.ts";
import { makeRuns } from "./runs.ts";
import { type Permissions, isAllowed, makeRuntimeTokens, makeTokens } from "./token.ts";

export type { GitHubFault } from "./fault.ts";
export type { GitHubLogEntry, GitHubTraffic } from "./listen.ts";
export type { JobOptions } from "./job.ts";
export type { CacheLimits, CacheSnapshot } from "./cache-store.ts";

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
  /** Whole cache entries, oldest first. */
  caches(): readonly CacheEntry[];
  snapshotCaches(): CacheSnapshot;
  restoreCaches(snapshot: CacheSnapshot): void;
  /** A pull request from a branch; its number. */
  openPullRequest(pull: { readonly title: string; readonly head: string; readonly base?: string }): Promise<number>;
  /** What is stored now. */
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
const proxied: Bases = {
  api: "http://api.github.localhost",
  site: "http://github.localhost",
  uploads: "http://api.github.localhost",
};

/** Starts it. The REST that npm `emulate` has is started with the first request that needs it. */
export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const [owner = "", name = ""] = options.repository.split("/");
  const now = options.now ?? Date.now;
  const ownerKind = options.ownerKind ?? "Organization";
  const isPrivate = options.isPrivate ?? false;
  const defaultBranch = options.defaultBranch ?? "main";
  const limits = { ...githubCacheLimits, ...options.cacheLimits };
  const git = options.git === undefined ? undefined : openGitFolder(options.git);
  const tokens = makeTokens();
  const runtimeTokens = makeRuntimeTokens(now);
  const blobs = makeBlobStore(now);
  const caches = makeCacheStore(blobs, limits, now);
  const runs = makeRuns(repositoryId);
  const artifacts = makeArtifactStore(blobs, runs, now);
  const packages = makePackageStore(now);
  const attestations: Attestation[] = [];
  const emulator = makeEmulator({ owner, name, ownerKind, isPrivate, defaultBranch });

  const server = await listen({ handle: (request) => handle(request), describe, now });
  const url = `http://127.0.0.1:${server.port}`;
  const serverUrl = `http://github.localhost:${server.port}`;
  const apiUrl = `${url}/api/v3`;
  const oidc = makeOidc(`${url}/oidc`, now);
  const numbered: Bases = { api: apiUrl, site: serverUrl, uploads: `${url}/api/uploads` };
  const stored = { artifacts, blobs, base: url, now };
  const routes: readonly Route[] = [
    ...cacheRoutes(caches, limits, options.repository),
    ...artifactRoutes(stored, runs, `${apiUrl}/repos/${options.repository}`),
    ...packageRoutes(
      packages,
      { login: owner, kind: ownerKind, describe: ownerOf(owner, ownerKind, apiUrl, serverUrl) },
      apiUrl,
      serverUrl,
    ),
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
  let runCount = 1000;

  function basesOf(request: GitHubRequest): Bases {
    return /(^|\.)github\.localhost$/.test(request.url.host) ? proxied : numbered;
  }

  async function handle(request: GitHubRequest): Promise<GitHubAnswer> {
    const { pathname } = request.url;
    const blob = /^\/blobs\/([\w-]+)$/.exec(pathname);
    if (blob?.[1] !== undefined) return blobs.answer(blob[1], request);
    if (pathname.startsWith("/oidc/")) return oidc.answer(request);
    const service = /^\/twirp\/github\.actions\.results\.api\.v1\.(Cache|Artifact)Service\/(\w+)$/.exec(pathname);
    if (service !== null) return handleService(service[1] === "Cache", service[2] ?? "", request);
    const gitPath = gitPathIn(pathname, options.repository);
    if (gitPath !== undefined && git !== undefined) return handleGit(request, gitPath);
    return handleApi(request);
  }

  function handleService(isCache: boolean, method: string, request: GitHubRequest): GitHubAnswer {
    const claims = runtimeTokens.read(request.headers["authorization"]);
    if (claims === undefined) return twirpError(401, "unauthenticated", "invalid or expired token");
    const message = objectIn(request.body);
    if (message === undefined) return twirpError(400, "malformed", "the body is no JSON object");
    return isCache
      ? answerCacheService({ caches, blobs, base: url }, method, claims, message)
      : answerArtifactService(stored, method, claims, message);
  }

  async function handleGit(request: GitHubRequest, path: string): Promise<GitHubAnswer> {
    const caller = tokens.callerOf(request.headers["authorization"]);
    const writes = `${path}${request.url.search}`.includes("git-receive-pack");
    const isPublicRead = !writes && !isPrivate && caller.kind === "nobody";
    if (!isPublicRead && (caller.kind === "nobody" || caller.kind === "unknown")) {
      return answer(401, { "www-authenticate": 'Basic realm="GitHub"' }, "Authentication required");
    }
    if (!isPublicRead && (writes || isPrivate) && !isAllowed(caller, "contents", writes ? "write" : "read")) {
      return writes
        ? answer(403, {}, "Write access to repository not granted.")
        : answer(404, {}, "Repository not found.");
    }
    return git?.answer(request, path) ?? notFound();
  }

  async function handleApi(request: GitHubRequest): Promise<GitHubAnswer> {
    const path = request.url.pathname.replace(/^\/api\/(v3|uploads)(?=\/)/, "");
    const caller = tokens.callerOf(request.headers["authorization"]);
    if (caller.kind === "unknown") return refusal(401, "Bad credentials");
    if (path === "/graphql" || path === "/api/graphql") {
      return answerGraphql(request, (each) => call("GET", each), options.repository);
    }
    if (caller.kind === "nobody" && (isPrivate || !["GET", "HEAD"].includes(request.method))) {
      return isPrivate ? notFound() : refusal(401, "Requires authentication");
    }
    const missing = missingPermission(caller, request.method, path, !isPrivate);
    if (missing !== undefined) {
      const headers = { "x-accepted-github-permissions": missing };
      return refusal(403, "Resource not accessible by integration", { headers });
    }
    const found = findRoute(routes, request.method === "HEAD" ? "GET" : request.method, path);
    if (found !== undefined) return found.route.handle({ request, params: found.params, caller });
    const given = await emulator.call(request, path + request.url.search);
    return emulator.finish(given, basesOf(request));
  }

  /** The API as a person with every permission sees it. */
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${everything}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  }

  const everything = tokens.giveUserToken();
  const deps = {
    repository: { owner, name, id: repositoryId, ownerId, defaultBranch, isPrivate, git },
    bases: numbered,
    services: url,
    tokens,
    runtimeTokens,
    runs,
    oidc,
    nextRunId: () => String(++runCount),
  };
  return {
    ...server.traffic,
    url,
    apiUrl,
    serverUrl,
    env: (job = {}) => makeJobEnv(deps, job),
    token: (permissions) => (permissions === "everything" ? tokens.giveUserToken() : tokens.giveJobToken(permissions)),
    ghEnv: (token) => ({
      GH_HOST: "github.localhost",
      GH_REPO: options.repository,
      GH_TOKEN: token,
      GH_NO_UPDATE_NOTIFIER: "1",
      GH_PROMPT_DISABLED: "1",
      // Go's rules for proxies leave out `localhost` alone, not names that end with it.
      HTTP_PROXY: url,
      http_proxy: url,
      NO_PROXY: "",
      no_proxy: "",
    }),
    packages,
    caches: () => caches.list(),
    snapshotCaches: () => caches.snapshot(),
    restoreCaches: (snapshot) => caches.restore(snapshot),
    async openPullRequest({ title, head, base = defaultBranch }) {
      const made = await call("POST", `/repos/${options.repository}/pulls`, { title, head, base });
      return Number(asObject(made)?.["number"]);
    },
    async state() {
      const releases = await call("GET", `/repos/${options.repository}/releases?per_page=100`);
      return {
        caches: caches.list(),
        artifacts: artifacts.list().map((each) => ({
          name: each.name,
          run: runs.idOf(each.runBackendId) ?? "",
          bytes: each.bytes ?? 0,
        })),
        releases: objectsIn(releases),
        attestations,
      };
    },
    async close() {
      await server.close();
      await emulator.close();
    },
  };
}

function describe(request: GitHubRequest): { kind: string; operation: string } {
  const { pathname } = request.url;
  const service = /^\/twirp\/[\w.]+\.(Cache|Artifact)Service\/(\w+)$/.exec(pathname);
  if (service !== null) return { kind: service[1] === "Cache" ? "cache" : "artifact", operation: service[2] ?? "" };
  if (pathname.startsWith("/blobs/")) {
    return { kind: "blob", operation: [request.method, request.url.searchParams.get("comp") ?? ""].join(" ").trim() };
  }
  if (pathname.startsWith("/oidc/")) return { kind: "oidc", operation: "" };
  if (pathname.endsWith("/graphql")) return { kind: "graphql", operation: "" };
  if (/\/(info\/refs|git-upload-pack|git-receive-pack)$/.test(pathname)) return { kind: "git", operation: "" };
  if (/^\/[^/]+\/[^/]+\/releases\/download\//.test(pathname)) return { kind: "download", operation: "" };
  return { kind: "api", operation: "" };
}

function ownerOf(login: string, kind: "Organization" | "User", apiUrl: string, siteUrl: string): object {
  const root = `${apiUrl}/users/${login}`;
  return {
    login,
    id: ownerId,
    node_id: "MDpPcmcx",
    avatar_url: `${siteUrl}/avatars/o/${login}`,
    gravatar_id: "",
    url: root,
    html_url: `${siteUrl}/${login}`,
    followers_url: `${root}/followers`,
    following_url: `${root}/following{/other_user}`,
    gists_url: `${root}/gists{/gist_id}`,
    starred_url: `${root}/starred{/owner}{/repo}`,
    subscriptions_url: `${root}/subscriptions`,
    organizations_url: `${root}/orgs`,
    repos_url: `${root}/repos`,
    events_url: `${root}/events{/privacy}`,
    received_events_url: `${root}/received_events`,
    type: kind,
    site_admin: false,
  };
}
