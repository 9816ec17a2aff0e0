import { posix } from "node:path";
import { type Cursor, cursorOf, isMap } from "../written/cursor.ts";
import type { Files } from "../files.ts";
import { addFault, type Faults } from "../written/place.ts";
import { parseYamlFile } from "../written/yaml-file.ts";

/** Compose files that bake reads beside its own. Source: buildx, bake/bake.go, `defaultFilenames`. */
const composeNames = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/**
 * Checks the files that `docker buildx bake` would open beside those it is given: the Compose files of the root with their `.env`, and
 * every file that one of them names (`include`, `extends`, `env_file`, `label_file`). A path out of the repository is a fault, and so is a
 * name with a variable, whose value only bake knows.
 */
export async function checkBakeReads(files: Files, paths: readonly string[], faults: Faults): Promise<void> {
  const seen = new Set<string>();
  const visit = async (path: string, folder: string): Promise<void> => {
    if (seen.has(path) || !(await files.isFile(path))) return;
    seen.add(path);
    const yaml = parseYamlFile(path, (await files.readText(path)) ?? "", []);
    // bake itself refuses a file that is not YAML.
    if (yaml === undefined) return;
    for (const { cursor, isCompose } of openedBy(cursorOf(yaml))) {
      const written = String(cursor.value);
      if (written.includes("$")) {
        addFault(
          faults,
          cursor.at,
          `${JSON.stringify(written)} names a file by a variable, which cannot be checked for bake; write the path out`,
        );
        continue;
      }
      const other = posix.isAbsolute(written) ? posix.normalize(written) : posix.join(folder, written);
      if (isCompose) await visit(other, posix.dirname(other));
      else await files.isFile(other);
    }
  };
  const compose = paths.length > 0 ? paths.filter((path) => /\.ya?ml$/.test(path)) : composeNames;
  await files.isFile(".env");
  for (const path of compose) await visit(path, posix.dirname(path));
}

interface Opened {
  readonly cursor: Cursor;
  /** A Compose file, which may name others; otherwise a file of variables or labels, or a folder. */
  readonly isCompose: boolean;
}

function openedBy(root: Cursor): Opened[] {
  const included = root
    .get("include")
    .items()
    .flatMap((item) =>
      isMap(item.value)
        ? [
            ...named(item.get("path"), true),
            ...named(item.get("env_file"), false),
            ...named(item.get("project_directory"), false),
          ]
        : named(item, true),
    );
  const ofServices = root
    .get("services")
    .entries()
    .flatMap(([, service]) => [
      ...named(service.get("extends").get("file"), true),
      ...named(service.get("env_file"), false),
      ...named(service.get("label_file"), false),
    ]);
  return [...included, ...ofServices];
}

/** Files that a value names: a text, a list of texts, or maps with a `path`. */
function named(cursor: Cursor, isCompose: boolean): Opened[] {
  if (typeof cursor.value === "string") return [{ cursor, isCompose }];
  if (isMap(cursor.value)) return named(cursor.get("path"), isCompose);
  return cursor.items().flatMap((item) => named(item, isCompose));
}
