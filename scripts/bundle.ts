import { readdirSync, readFileSync } from "node:fs";
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
    return `${name}\n\n${licenseOf(name, folder).trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/** The text; what the package says of itself where it comes without one. */
function licenseOf(name: string, folder: string): string {
  const file = readdirSync(folder).find((each) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(each));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8");
  const { license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Described;
  if (license === undefined) throw new Error(`${name} is bundled, but says nothing of its licence`);
  const by = typeof author === "object" ? author.name : author;
  return `${license}${by === undefined ? "" : `, ${by}`}`;
}

/** What counts of a package's description. */
interface Described {
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
}
