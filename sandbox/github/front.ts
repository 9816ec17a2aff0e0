import type { ArtifactDeps } from "./artifacts.ts";
import { answerArtifactService } from "./artifacts.ts";
import { answerCacheService } from "./cache-service.ts";
import type { CacheStore } from "./cache-store.ts";
import type { Bases, Emulator } from "./emulate.ts";
import { type GitFolder, gitPathIn } from "./git.ts";
import { answerGraphql } from "./graphql.ts";
import { type GitHubAnswer, type GitHubRequest, answer, notFound, objectIn, refusal, twirpError } from "./message.ts";
import type { Oidc } from "./oidc.ts";
import { type Route, findRoute, missingPermission } from "./route.ts";
import { type Caller, type RuntimeTokens, type Tokens, isAllowed } from "./token.ts";

/** Everything that answers, behind one address. */
export interface FrontDeps extends ArtifactDeps {
  /** `owner/name`. */
  readonly repository: string;
  readonly isPrivate: boolean;
  /** The project's own endpoints; every other one is the emulator's. */
  readonly routes: readonly Route[];
  readonly emulator: Emulator;
  readonly basesOf: (request: GitHubRequest) => Bases;
  readonly caches: CacheStore;
  readonly git: GitFolder | undefined;
  readonly oidc: Oidc;
  readonly tokens: Tokens;
  readonly runtimeTokens: RuntimeTokens;
}

/** Sends a request to what answers it. */
export async function answerRequest(deps: FrontDeps, request: GitHubRequest): Promise<GitHubAnswer> {
  const { pathname } = request.url;
  const blob = /^\/blobs\/([\w-]+)$/.exec(pathname);
  if (blob?.[1] !== undefined) return deps.blobs.answer(blob[1], request);
  if (pathname.startsWith("/oidc/")) return deps.oidc.answer(request);
  const service = /^\/twirp\/github\.actions\.results\.api\.v1\.(Cache|Artifact)Service\/(\w+)$/.exec(pathname);
  if (service !== null) return answerService(deps, service[1] === "Cache", service[2] ?? "", request);
  const gitPath = gitPathIn(pathname, deps.repository);
  if (gitPath !== undefined && deps.git !== undefined) return answerGit(deps, deps.git, request, gitPath);
  return answerApi(deps, request, deps.tokens.callerOf(request.headers["authorization"]));
}

/** The REST API and GraphQL, to somebody. */
async function answerApi(deps: FrontDeps, request: GitHubRequest, caller: Caller): Promise<GitHubAnswer> {
  const path = request.url.pathname.replace(/^\/api\/(v3|uploads)(?=\/)/, "");
  if (caller.kind === "unknown") return refusal(401, "Bad credentials");
  if (path === "/graphql" || path === "/api/graphql") {
    if (caller.kind === "nobody") return refusal(401, "This endpoint requires you to be authenticated.");
    return answerGraphql(request, (each) => readApi(deps, each, caller), deps.repository);
  }
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (caller.kind === "nobody" && deps.isPrivate) return notFound();
  if (caller.kind === "nobody" && !isRead) return refusal(401, "Requires authentication");
  const missing = missingPermission(caller, request.method, path, !deps.isPrivate);
  if (missing !== undefined) {
    const headers = { "x-accepted-github-permissions": missing };
    return refusal(403, "Resource not accessible by integration", { headers });
  }
  const found = findRoute(deps.routes, request.method === "HEAD" ? "GET" : request.method, path);
  if (found !== undefined) return found.route.handle({ request, params: found.params, caller });
  return deps.emulator.finish(await deps.emulator.call(request, path + request.url.search), deps.basesOf(request));
}

/** Parsed answer of the API, without a counted request. */
export async function readApi(
  deps: FrontDeps,
  path: string,
  caller: Caller = { kind: "user" },
  post?: object,
): Promise<unknown> {
  const request: GitHubRequest = {
    method: post === undefined ? "GET" : "POST",
    url: new URL(`${deps.base}/api/v3${path}`),
    headers: { "content-type": "application/json" },
    body: Buffer.from(post === undefined ? "" : JSON.stringify(post)),
  };
  const { body } = await answerApi(deps, request, caller);
  return typeof body === "string" && body !== "" ? JSON.parse(body) : undefined;
}

/** Twirp: POST, JSON in, JSON out; https://twitchtv.github.io/twirp/docs/spec_v7.html */
function answerService(deps: FrontDeps, isCache: boolean, method: string, request: GitHubRequest): GitHubAnswer {
  const claims = deps.runtimeTokens.read(request.headers["authorization"]);
  if (claims === undefined) return twirpError(401, "unauthenticated", "invalid or expired token");
  const message = objectIn(request.body);
  if (message === undefined) return twirpError(400, "malformed", "the body is no JSON object");
  return isCache
    ? answerCacheService(deps, method, claims, message)
    : answerArtifactService(deps, method, claims, message);
}

async function answerGit(deps: FrontDeps, git: GitFolder, request: GitHubRequest, path: string): Promise<GitHubAnswer> {
  const caller = deps.tokens.callerOf(request.headers["authorization"]);
  const writes = `${path}${request.url.search}`.includes("git-receive-pack");
  const isOpen = !writes && !deps.isPrivate;
  const isSomebody = caller.kind === "job" || caller.kind === "user";
  if (caller.kind === "unknown" || (!isOpen && !isSomebody)) {
    return answer(401, { "www-authenticate": 'Basic realm="GitHub"' }, "Authentication required");
  }
  if (!isOpen && !isAllowed(caller, "contents", writes ? "write" : "read")) {
    return writes
      ? answer(403, {}, "Write access to repository not granted.")
      : answer(404, {}, "Repository not found.");
  }
  return git.answer(request, path);
}
