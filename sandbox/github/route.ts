import type { GitHubAnswer, GitHubRequest } from "./message.ts";
import { type Caller, type PermissionName, isAllowed } from "./token.ts";

/** Argument of a route. The request's path is without `/api/v3`. */
export interface Call {
  readonly request: GitHubRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
}

/** One endpoint: `on` is a method and a path with `:names`. */
export interface Route {
  readonly on: string;
  handle(call: Call): GitHubAnswer | Promise<GitHubAnswer>;
}

/** The first route that fits, and what its names stand for. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  for (const route of routes) {
    const [on, pattern = ""] = route.on.split(" ");
    if (on !== method) continue;
    const params = matchPath(pattern, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return params;
}

/** The permission that a token needs for an endpoint: any one of these, at this level. `always`: also for a public repository. */
interface Need {
  readonly anyOf: readonly PermissionName[];
  readonly level: "read" | "write";
  readonly always: boolean;
}

const areas: readonly (readonly [RegExp, readonly PermissionName[], "always" | "unless-public"])[] = [
  [/^\/repos\/[^/]+\/[^/]+\/actions\/cache/, ["actions"], "always"],
  [/^\/repos\/[^/]+\/[^/]+\/actions\/artifacts\/\d+\/zip$/, ["actions"], "always"],
  [/^\/repos\/[^/]+\/[^/]+\/actions\//, ["actions"], "unless-public"],
  [/^\/repos\/[^/]+\/[^/]+\/attestations/, ["attestations"], "unless-public"],
  [/^\/repos\/[^/]+\/[^/]+\/issues/, ["issues", "pull-requests"], "unless-public"],
  [/^\/repos\/[^/]+\/[^/]+\/pulls/, ["pull-requests"], "unless-public"],
  [/^\/repos\/[^/]+\/[^/]+\/check-(runs|suites)/, ["checks"], "unless-public"],
  [/^\/repos\/[^/]+\/[^/]+\/statuses/, ["statuses"], "unless-public"],
  [/^\/repos\/[^/]+\/[^/]+\/.+/, ["contents"], "unless-public"],
  [/^\/(orgs|users)\/[^/]+\/packages/, ["packages"], "always"],
];

/** The permission that a caller lacks, as GitHub names it in a header; undefined: it may. */
export function missingPermission(
  caller: Caller,
  method: string,
  path: string,
  repositoryIsPublic: boolean,
): string | undefined {
  const need = needOf(method, path);
  if (need === undefined) return undefined;
  if (need.level === "read" && !need.always && repositoryIsPublic) return undefined;
  if (need.anyOf.some((name) => isAllowed(caller, name, need.level))) return undefined;
  return need.anyOf.map((name) => `${name.replaceAll("-", "_")}=${need.level}`).join("; ");
}

function needOf(method: string, path: string): Need | undefined {
  const area = areas.find(([pattern]) => pattern.test(path));
  if (area === undefined) return undefined;
  const level = method === "GET" || method === "HEAD" ? "read" : "write";
  return { anyOf: area[1], level, always: area[2] === "always" };
}
