// Bundles the command line: few files, in parts that are loaded when a command needs them. They start in two thirds of the time
// that some 350 modules take.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { renderLicenses, requireBanner } from "./bundle.ts";

const root = resolve(import.meta.dirname, "..");

/** Writes the command line's files into a folder, in place of what is there. The program finds its package.json two folders up. */
export async function bundleCommandLine(folder: string): Promise<Metafile> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/main.ts"],
    outdir: folder,
    // Beside each other, since that is where the program looks from.
    chunkNames: "[name]-[hash]",
    bundle: true,
    // The same names wherever the dependencies are.
    preserveSymlinks: true,
    splitting: true,
    // CycloneDX's library looks for it, goes on without it, and needs it for XML alone, which Slipway does not write.
    external: ["xmlbuilder2"],
    platform: "node",
    format: "esm",
    target: "node20",
    metafile: true,
    banner: { js: requireBanner },
    logLevel: "warning",
  });
  chmodSync(join(folder, "main.js"), 0o755);
  writeFileSync(join(folder, "LICENSES.txt"), renderLicenses(root, Object.keys(metafile.inputs)));
  return metafile;
}
