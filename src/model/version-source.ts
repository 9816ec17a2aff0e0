/** The source of a version that the user does not give. */
export type VersionSource =
  /** The git tag at the commit, by the group's pattern. */
  | { readonly kind: "tag" }
  /** A file of the repository, relative to its root; undefined: the first of `versionFileNames` that has a version. */
  | { readonly kind: "file"; readonly path: string | undefined }
  /** Conventional Commits since the last release. */
  | { readonly kind: "commits" };

/** Files with a version, in the order in which they are tried. */
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
