import { copyFileSync, globSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { bundleAction } from "../../scripts/bundle-action.ts";

/**
 * Writes what the actions use of their repository, and nothing else: each `action.yml`, the bundle, made anew, and the `package.json` that
 * says the version.
 */
export async function makeActionFolder(folder: string): Promise<string> {
  await bundleAction(join(folder, "dist", "action"));
  const root = resolve(import.meta.dirname, "../..");
  for (const file of ["package.json", ...globSync("{*/,}action.yml", { cwd: root })]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  return folder;
}
