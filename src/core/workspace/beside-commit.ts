import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Project } from "../../model/service.ts";
import type { Repository } from "../../source/git/repository.ts";
import type { SourceTree } from "../../source/tree/tree.ts";

/**
 * What a project takes from the disk that git does not track: patterns of generated files, files that definitions were read from
 * (`.env`), files of secrets. Sorted. `read`: every path that discovery asked for.
 */
export function besideCommit(
  { root }: Repository,
  tree: SourceTree,
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

/** Patterns of files that steps before the build make. Sorted. */
export function generatedOf({ services }: Project): string[] {
  return [...new Set(services.flatMap(({ generated }) => generated))].sort();
}
