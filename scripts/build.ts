// Builds the package into dist/: the library as modules with types, the command line as one file with what it needs, in parts
// that are loaded when a command needs them. One file starts in two thirds of the time that some 350 modules take.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const commandLine = join(dist, "cli");

rmSync(dist, { recursive: true, force: true });
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
  // Some of what is bundled is CommonJS and asks for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
chmodSync(join(commandLine, "main.js"), 0o755);
writeFileSync(join(commandLine, "LICENSES.txt"), renderLicenses(Object.keys(metafile.inputs)));

/** The licences of the packages that are in the bundle: they ask to come along. */
function renderLicenses(inputs: readonly string[]): string {
  const names = inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  const texts = [...new Set(names)].sort().map((name) => {
    const files = ["LICENSE", "LICENSE.md", "license"].map((file) => join(root, "node_modules", name, file));
    const found = files.find((file) => existsSync(file));
    if (found === undefined) throw new Error(`${name} is bundled, but has no licence file`);
    return `${name}\n\n${readFileSync(found, "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
