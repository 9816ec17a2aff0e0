// Bundles the GitHub Action into dist/action/, which is committed: whoever uses the action gets the files of this repository as
// they are. `test/package/action-bundle.test.ts` bundles again and compares. `npm run bundle`
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { requireBanner, renderLicenses } from "./bundle.ts";

const root = resolve(import.meta.dirname, "..");

/** Writes the action's files into a folder, in place of what is there. */
export async function bundleAction(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["main", "post", "setup/main", "setup/post", "setup/stand-in"].map((name) => `src/action/${name}.ts`),
    outdir: folder,
    chunkNames: "[name]-[hash]",
    bundle: true,
    // The same bytes wherever the dependencies are.
    preserveSymlinks: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    metafile: true,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    banner: { js: requireBanner },
    plugins: [withoutUnusedImports],
    logLevel: "warning",
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "LICENSES.txt"), renderLicenses(root, Object.keys(metafile.inputs)));
}

/** `@actions/core` imports a client for HTTP that only its OIDC part needs; nobody said that leaving it out changes nothing. */
const withoutUnusedImports: Plugin = {
  name: "without-unused-imports",
  setup(esbuild) {
    esbuild.onResolve({ filter: /\/(?:oidc-utils|summary|platform)\.js$/ }, async (args) => {
      if (args.pluginData === "asked" || !args.importer.includes("@actions/core")) return undefined;
      const { importer, resolveDir, kind } = args;
      const { path, errors } = await esbuild.resolve(args.path, { importer, resolveDir, kind, pluginData: "asked" });
      return errors.length > 0 ? { errors } : { path, sideEffects: false };
    });
  },
};

if (process.argv[1] === import.meta.filename) await bundleAction(resolve(process.argv[2] ?? join(root, "dist/action")));
