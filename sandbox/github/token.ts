import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { asObject } from "./message.ts";

/** Permissions a workflow can ask for; https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions */
export type PermissionName =
  | "actions"
  | "attestations"
  | "checks"
  | "contents"
  | "id-token"
  | "issues"
  | "packages"
  | "pull-requests"
  | "statuses";

export type Permissions = Readonly<Partial<Record<PermissionName, "read" | "write" | "none">>>;

/** Permissions of a workflow without `permissions` in a repository with the restricted default. */
export const restrictedPermissions: Permissions = { contents: "read", packages: "read" };

/** Sender of a request. */
export type Caller =
  | { readonly kind: "nobody" }
  | { readonly kind: "unknown" }
  /** `GITHUB_TOKEN` of a job. */
  | { readonly kind: "job"; readonly permissions: Permissions }
  /** A person's token, which may do everything. */
  | { readonly kind: "user" };

/** The tokens that were given out. */
export interface Tokens {
  giveJobToken(permissions: Permissions): string;
  giveUserToken(): string;
  /** Reads `Authorization`: `Bearer`, `token`, or a basic password, as git sends it. */
  callerOf(authorization: string | undefined): Caller;
}

export function makeTokens(): Tokens {
  const given = new Map<string, Caller>();
  const give = (prefix: string, caller: Caller): string => {
    const token = `${prefix}_${randomBytes(24).toString("hex")}`;
    given.set(token, caller);
    return token;
  };
  return {
    giveJobToken: (permissions) => give("ghs", { kind: "job", permissions }),
    giveUserToken: () => give("ghp", { kind: "user" }),
    callerOf(authorization) {
      if (authorization === undefined || authorization === "") return { kind: "nobody" };
      const [scheme = "", value = ""] = authorization.split(" ");
      const secret =
        scheme.toLowerCase() === "basic"
          ? Buffer.from(value, "base64")
              .toString()
              .replace(/^[^:]*:/, "")
          : value;
      return given.get(secret) ?? { kind: "unknown" };
    },
  };
}

/** Whether a caller has a permission. Writing includes reading. */
export function isAllowed(caller: Caller, name: PermissionName, level: "read" | "write"): boolean {
  if (caller.kind === "user") return true;
  if (caller.kind !== "job") return false;
  const held = caller.permissions[name];
  return held === "write" || held === level;
}

/** One scope of the `ac` claim; permission bits: 1 read, 2 write. */
export interface CacheScope {
  readonly Scope: string;
  readonly Permission: number;
}

/** Claims of `ACTIONS_RUNTIME_TOKEN` that the cache and artifact services read. */
export interface RuntimeClaims {
  readonly scopes: readonly CacheScope[];
  /** Ids of the run and the job in the services: another numbering than the REST API's. */
  readonly runBackendId: string;
  readonly jobBackendId: string;
}

/** Runtime tokens: JSON Web Tokens, signed with a secret of this server. */
export interface RuntimeTokens {
  make(claims: RuntimeClaims): string;
  read(authorization: string | undefined): RuntimeClaims | undefined;
}

export function makeRuntimeTokens(now: () => number): RuntimeTokens {
  const secret = randomBytes(32);
  const sign = (text: string) => createHmac("sha256", secret).update(text).digest("base64url");
  return {
    make({ scopes, runBackendId, jobBackendId }) {
      const seconds = Math.floor(now() / 1000);
      const header = encode({ alg: "HS256", typ: "JWT" });
      const claims = encode({
        ac: JSON.stringify(scopes),
        scp: `Actions.Results:${runBackendId}:${jobBackendId}`,
        jti: randomUUID(),
        iss: "https://token.actions.githubusercontent.com",
        nbf: seconds - 300,
        iat: seconds,
        exp: seconds + 86_400,
      });
      return `${header}.${claims}.${sign(`${header}.${claims}`)}`;
    },
    read(authorization) {
      const [header = "", claims = "", signature = ""] = (authorization ?? "").replace(/^Bearer /, "").split(".");
      if (signature === "" || signature !== sign(`${header}.${claims}`)) return undefined;
      const fields = asObject(JSON.parse(Buffer.from(claims, "base64url").toString("utf8")));
      if (fields === undefined || Number(fields["exp"]) * 1000 <= now()) return undefined;
      const [, runBackendId = "", jobBackendId = ""] = String(fields["scp"]).split(":");
      return { scopes: JSON.parse(String(fields["ac"])) as CacheScope[], runBackendId, jobBackendId };
    },
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
