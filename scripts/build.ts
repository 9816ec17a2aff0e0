// Builds the package into dist/: the library as modules with types, the command line bundled.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleCommandLine } from "./bundle-command-line.ts";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");

// The action's bundle is committed, and made by `bundle-action.ts`.
for (const entry of existsSync(dist) ? readdirSync(dist) : []) {
  if (entry !== "action") rmSync(join(dist, entry), { recursive: true });
}
const types = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (types.status !== 0) process.exit(types.status ?? 1);

await bundleCommandLine(join(dist, "cli"));
