import { type Scope, scopesCover, joinScopes, parseScopes, renderScope } from "../scope.ts";
import { type MemoryAnswer, type MemoryRequest, type Target, errorAnswer, jsonAnswer } from "./memory-message.ts";

/** A user's password and permission. */
interface MemoryUser {
  readonly password: string;
  readonly may: "pull" | "push";
}

export type MemoryAuth =
  | { readonly kind: "none" }
  /** Basic authentication, as docker-registry with htpasswd. */
  | { readonly kind: "basic"; readonly users: Readonly<Record<string, MemoryUser>> }
  /** Token authentication, as Docker Hub and GHCR: a token server issues bearer tokens for scopes. */
  | {
      readonly kind: "token";
      readonly users: Readonly<Record<string, MemoryUser>>;
      /** Whether anonymous users may pull. */
      readonly isPublic?: boolean;
      /** Users by refresh token. */
      readonly identityTokens?: Readonly<Record<string, string>>;
      readonly expiresInSeconds?: number;
    };

/** Access control of a registry in memory. */
export interface Gate {
  /** The answer that denies a request; undefined: it may pass. */
  check(request: MemoryRequest, target: Target): MemoryAnswer | undefined;
  giveToken(request: MemoryRequest): MemoryAnswer;
  /** A challenge with an error, such as an expired token. */
  challenge(request: MemoryRequest, target: Target, error: string): MemoryAnswer;
  /** Invalidates all issued tokens. */
  expireTokens(): void;
}

interface GivenToken {
  readonly scopes: readonly Scope[];
  readonly expiresAt: number;
}

export function makeGate(auth: MemoryAuth, now: () => number): Gate {
  const tokens = new Map<string, GivenToken>();
  let count = 0;

  const challenge: Gate["challenge"] = (request, target, error) => {
    if (auth.kind !== "token") {
      const headers = { "www-authenticate": 'Basic realm="Registry in memory"' };
      return errorAnswer(401, "UNAUTHORIZED", "authentication required", headers);
    }
    const scope = scopesNeeded(request, target).map(renderScope).join(" ");
    const parts = [`realm="${request.url.origin}/token"`, `service="${request.url.host}"`];
    if (scope !== "") parts.push(`scope="${scope}"`);
    if (error !== "") parts.push(`error="${error}"`);
    return errorAnswer(401, "UNAUTHORIZED", "authentication required", {
      "www-authenticate": `Bearer ${parts.join(",")}`,
    });
  };

  const check: Gate["check"] = (request, target) => {
    if (auth.kind === "none" || target.kind === "storage" || target.kind === "token") return undefined;
    const needed = scopesNeeded(request, target);
    const authorization = request.headers["authorization"] ?? "";
    if (auth.kind === "basic") {
      const user = userOf(auth.users, authorization);
      if (user === undefined) return challenge(request, target, "");
      return allowed(user, needed)
        ? undefined
        : errorAnswer(403, "DENIED", "requested access to the resource is denied");
    }
    if (!authorization.startsWith("Bearer ")) return challenge(request, target, "");
    const token = tokens.get(authorization.slice("Bearer ".length));
    if (token === undefined || token.expiresAt <= now()) return challenge(request, target, "invalid_token");
    return scopesCover(token.scopes, needed) ? undefined : challenge(request, target, "insufficient_scope");
  };

  const giveToken: Gate["giveToken"] = (request) => {
    if (auth.kind !== "token") return errorAnswer(404, "NOT_FOUND", "no token server");
    const form = new URLSearchParams(
      request.method === "POST" ? new TextDecoder().decode(request.body) : request.url.search,
    );
    const authorization = request.headers["authorization"] ?? "";
    const identity = auth.identityTokens?.[form.get("refresh_token") ?? ""] ?? "";
    const user = request.method === "POST" ? auth.users[identity] : userOf(auth.users, authorization);
    const isKnown = user !== undefined;
    if (!isKnown && (authorization !== "" || request.method === "POST" || auth.isPublic !== true)) {
      return errorAnswer(401, "UNAUTHORIZED", "incorrect username or password");
    }
    const asked = joinScopes(form.getAll("scope").flatMap((text) => parseScopes(text)));
    const may = user?.may ?? "pull";
    const scopes = asked.map(({ repository, actions }) => ({
      repository,
      actions: actions.filter((action) => action === "pull" || may === "push"),
    }));
    const value = `token-${++count}`;
    const expiresIn = auth.expiresInSeconds ?? 300;
    tokens.set(value, { scopes, expiresAt: now() + expiresIn * 1000 });
    const field = request.method === "POST" ? "access_token" : "token";
    return jsonAnswer(200, { [field]: value, expires_in: expiresIn });
  };

  return { check, giveToken, challenge, expireTokens: () => tokens.clear() };
}

function userOf(users: Readonly<Record<string, MemoryUser>>, authorization: string): MemoryUser | undefined {
  if (!authorization.startsWith("Basic ")) return undefined;
  const decoded = Buffer.from(authorization.slice("Basic ".length), "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  const user = Object.hasOwn(users, decoded.slice(0, colon)) ? users[decoded.slice(0, colon)] : undefined;
  return user?.password === decoded.slice(colon + 1) ? user : undefined;
}

function allowed(user: MemoryUser, needed: readonly Scope[]): boolean {
  return user.may === "push" || needed.every((scope) => scope.actions.every((action) => action === "pull"));
}

function scopesNeeded(request: MemoryRequest, target: Target): readonly Scope[] {
  if (!("repository" in target)) return [];
  const { repository } = target;
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isDelete = request.method === "DELETE" && target.kind !== "upload";
  const actions = isRead && target.kind !== "upload" ? ["pull"] : isDelete ? ["delete"] : ["pull", "push"];
  const from = request.url.searchParams.get("from");
  const mounted = from === null ? [] : [{ repository: from, actions: ["pull"] }];
  return joinScopes([{ repository, actions }], mounted);
}
