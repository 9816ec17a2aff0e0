/** Kind of a source of `ADD` or `COPY`. */
export type SourceKind = "local" | "http" | "git";

const commitPattern = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const scpPattern = /^[a-zA-Z0-9\-_]+@[a-zA-Z0-9\-.]+:/;

/** Classifies a source as BuildKit does: an HTTP URL that ends in `.git` is a git repository, `github.com/…` is a path. */
export function classifySource(source: string): SourceKind {
  const scheme = /^([a-zA-Z0-9]+):\/\//.exec(source)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return scpPattern.test(source) ? "git" : "local";
    case "ssh":
    case "git":
      return "git";
    case "http":
    case "https":
      return source.split(/[?#]/, 1)[0]?.endsWith(".git") === true ? "git" : "http";
    default:
      return "local";
  }
}

/** Whether a git source is pinned to one full commit id, by `#<commit>`, `?ref=`, `?commit=`, `?checksum=` or `--checksum`. */
export function isPinnedGit(source: string, checksum: string): boolean {
  if (commitPattern.test(checksum)) return true;
  const hash = source.indexOf("#");
  const fragment = hash < 0 ? "" : source.slice(hash + 1);
  const [ref = ""] = fragment.split(":", 1);
  if (commitPattern.test(ref)) return true;
  const query = /\?([^#]*)/.exec(source)?.[1] ?? "";
  const parameters = new URLSearchParams(query);
  return ["ref", "commit", "checksum"].some((name) => commitPattern.test(parameters.get(name) ?? ""));
}
