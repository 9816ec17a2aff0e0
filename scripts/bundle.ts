import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Some of what is bundled is CommonJS and asks for Node's own modules. */
export const requireBanner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** The licences of the packages that are in a bundle: they ask to come along. `inputs`: the files it is made of. */
export function renderLicenses(root: string, inputs: readonly string[]): string {
  const folders = new Map<string, string>();
  for (const path of inputs) {
    const found = /^.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/.exec(path);
    if (found !== null) folders.set(found[1] ?? "", resolve(root, found[0]));
  }
  const texts = [...folders.keys()].sort().map((name) => {
    const folder = folders.get(name) ?? root;
    const files = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"].map((file) => join(folder, file));
    const found = files.find((file) => existsSync(file));
    if (found === undefined) throw new Error(`${name} is bundled, but has no licence file`);
    return `${name}\n\n${readFileSync(found, "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
