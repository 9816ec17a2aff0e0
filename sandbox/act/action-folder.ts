import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleAction } from "../../scripts/bundle-action.ts";

/**
 * Writes what the action uses of its repository, and nothing else: `action.yml`, the bundle, made anew, and the `package.json` that
 * says its version.
 */
export async function makeActionFolder(folder: string): Promise<string> {
  await bundleAction(join(folder, "dist", "action"));
  for (const file of ["action.yml", "package.json"]) {
    copyFileSync(resolve(import.meta.dirname, "../..", file), join(folder, file));
  }
  return folder;
}
