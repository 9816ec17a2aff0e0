import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Project } from "../../model/service.ts";
import type { Repository } from "../../source/git/repository.ts";
import type { GitTree } from "../../source/tree/tree.ts";

/**
 * Files that a project reads from the disk and that git does not track: patterns of generated files, files that definitions read (such as
 * `.env`), files of secrets. Sorted. `read`: every path that discovery read.
 */
export function besideCommit(
  { root }: Repository,
  tree: GitTree,
  project: Project,
  read: ReadonlySet<string>,
): string[] {
  const secrets = project.services.flatMap((service) =>
    service.secrets.flatMap(({ from }) => (from.kind === "file" ? [from.path] : [])),
  );
  const untracked = [...read, ...secrets].filter(
    (path) => tree.get(path) === undefined && existsSync(resolve(root, path)),
  );
  return [...new Set([...generatedOf(project), ...untracked])].sort();
}

/** Patterns of files that steps before the build generate. Sorted. */
export function generatedOf({ services }: Project): string[] {
  return [...new Set(services.flatMap(({ generated }) => generated))].sort();
}
