// Writes what `docs/reference` says of the program, from the program; `test/golden/reference.test.ts` compares. What golden files
// hold of the help is written too.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { renderReference } from "./reference/render-reference.ts";

const root = resolve(import.meta.dirname, "..");
for (const [path, text] of renderReference()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
