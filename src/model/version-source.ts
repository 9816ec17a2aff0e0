/** Where a release's version comes from when nobody says it. */
export type VersionSource =
  /** The git tag at the commit, by the group's pattern. */
  | { readonly kind: "tag" }
  /** A file of the repository, relative to its root; undefined: the one that has a version. */
  | { readonly kind: "file"; readonly path: string | undefined }
  /** Conventional Commits since the last release. */
  | { readonly kind: "commits" };

/** Names of files that say a version, in the order they are looked for. */
export const versionFileNames = ["package.json", "VERSION", "Cargo.toml", "pyproject.toml"] as const;

/** `tag`, `file`, `commits`, or the path of a file that says a version (`services/api/package.json`). Undefined: none of these. */
export function parseVersionSource(text: string): VersionSource | undefined {
  if (text === "tag" || text === "commits") return { kind: text };
  if (text === "file") return { kind: "file", path: undefined };
  const path = text.replace(/^\.\//, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isInside = path !== "" && !path.startsWith("/") && !path.split("/").includes("..");
  return isInside && versionFileNames.some((each) => each === name) ? { kind: "file", path } : undefined;
}
