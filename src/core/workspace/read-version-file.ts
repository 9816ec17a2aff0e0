import { SlipwayError } from "../../errors.ts";
import { versionFileNames } from "../../model/version-source.ts";
import { readFileVersion } from "../../formats/version-file.ts";
import type { GitTree } from "../../source/tree/tree.ts";

/** Reads the version from the named file, else from the version files at the root, which must agree. Throws `usage`. */
export async function readVersionFile(
  tree: GitTree,
  path: string | undefined,
): Promise<{ readonly path: string; readonly version: string }> {
  const paths = path === undefined ? versionFileNames : [path];
  const found: { path: string; version: string }[] = [];
  for (const each of paths) {
    const text = await readText(tree, each);
    const read = text === undefined ? undefined : readFileVersion(each, text);
    if (read?.kind === "fault") throw faulty(each, read.message);
    if (read?.kind === "version") found.push({ path: each, version: read.version });
  }
  const [first] = found;
  if (first === undefined) throw noVersion(path);
  const other = found.find(({ version }) => version !== first.version);
  if (other === undefined) return first;
  const said = found.map((each) => `${each.path} says ${each.version}`).join(", ");
  throw new SlipwayError("version-not-found", `taking the version from a file: ${said}`, {
    hint: `name the file to use: --version-from ${first.path}`,
  });
}

async function readText(tree: GitTree, path: string): Promise<string | undefined> {
  const mode = tree.get(path)?.mode;
  return mode === "100644" || mode === "100755" ? new TextDecoder().decode(await tree.read(path)) : undefined;
}

function faulty(path: string, message: string): SlipwayError {
  return new SlipwayError("version-not-found", `reading the version of ${path}: ${message}`, {
    hint: "mend the file, or name another one: --version-from PATH",
  });
}

function noVersion(path: string | undefined): SlipwayError {
  return path === undefined
    ? new SlipwayError(
        "version-not-found",
        `taking the version from a file: none of ${versionFileNames.join(", ")} at the root has one`,
        {
          hint: "name the file (--version-from services/api/package.json), or write the version into one of these",
        },
      )
    : new SlipwayError(
        "version-not-found",
        `taking the version from "${path}": it is not in the repository, or has no version`,
        {
          hint: "write it there, or check the path, which is relative to the repository's root",
        },
      );
}
