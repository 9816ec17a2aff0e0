import { copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleAction } from "../../scripts/bundle-action.ts";

/** Writes the action as its repository has it for who uses it, and nothing else: `action.yml` and the bundle, made anew. */
export async function makeActionFolder(folder: string): Promise<string> {
  await bundleAction(join(folder, "dist", "action"));
  copyFileSync(resolve(import.meta.dirname, "../../action.yml"), join(folder, "action.yml"));
  return folder;
}
