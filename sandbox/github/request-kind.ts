import type { GitHubLogEntry } from "./listen.ts";
import type { GitHubRequest } from "./message.ts";

/** Subject of a request, for the log. */
export function kindOf(request: GitHubRequest): Pick<GitHubLogEntry, "kind" | "operation"> {
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
