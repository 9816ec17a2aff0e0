// Builds the package into dist/: the library as modules with types, the command line as one file with what it needs, in parts
// that are loaded when a command needs them. One file starts in two thirds of the time that some 350 modules take.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { renderLicenses, requireBanner } from "./bundle.ts";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const commandLine = join(dist, "cli");

// The action's bundle is committed, and made by `bundle-action.ts`.
for (const entry of existsSync(dist) ? readdirSync(dist) : []) {
  if (entry !== "action") rmSync(join(dist, entry), { recursive: true });
}
const types = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (types.status !== 0) process.exit(types.status ?? 1);

rmSync(commandLine, { recursive: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outdir: "dist/cli",
  // Beside each other: the program finds its package.json two folders up.
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  metafile: true,
  // Loaded only where the environment names a proxy.
  external: ["undici"],
  banner: { js: requireBanner },
  logLevel: "warning",
});
chmodSync(join(commandLine, "main.js"), 0o755);
writeFileSync(join(commandLine, "LICENSES.txt"), renderLicenses(root, Object.keys(metafile.inputs)));
