// Bundles the GitHub Action into dist/action/, which is committed: whoever uses the action gets the files of this repository as
// they are. `test/package/action-bundle.test.ts` bundles again and compares. `npm run bundle`
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { requireBanner, renderLicenses } from "./bundle.ts";

const root = resolve(import.meta.dirname, "..");

const entries = [
  "main",
  "post",
  "setup/main",
  "setup/post",
  "setup/stand-in",
  "build-push/main",
  "bake/main",
  "drop-in/post",
];

/** Writes the action's files into a folder, in place of what is there. */
export async function bundleAction(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((name) => `src/action/${name}.ts`),
    outbase: "src/action",
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
    plugins: [withoutUnusedImports, withoutToolkitTransports],
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

/**
 * Docker's toolkit imports clients for caches, tools, HTTP and GitHub's API that only its functions for installing call; seven eighths of it
 * are these. What a step calls is run with this bundle in `test/act`.
 */
const withoutToolkitTransports: Plugin = {
  name: "without-toolkit-transports",
  setup(esbuild) {
    const filter = /^@actions\/(?:cache|tool-cache|http-client|github)$/;
    esbuild.onResolve({ filter }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === "asked" || !importer.includes("/node_modules/@docker/actions-toolkit/")) return undefined;
      if (path !== "@actions/github") return { path, namespace: "left-out" };
      const found = await esbuild.resolve(path, { importer, resolveDir, kind, pluginData: "asked" });
      return { path, namespace: "context-of-the-run", pluginData: join(dirname(found.path), "context.js") };
    });
    esbuild.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: "module.exports = {};" }));
    esbuild.onLoad({ filter: /.*/, namespace: "context-of-the-run" }, ({ pluginData }) => ({
      contents: [
        `import { Context } from ${JSON.stringify(pluginData)};`,
        "export const context = new Context();",
        'export const getOctokit = () => { throw new Error("GitHub\'s API is not part of this bundle"); };',
      ].join("\n"),
      resolveDir: root,
    }));
  },
};

if (process.argv[1] === import.meta.filename) await bundleAction(resolve(process.argv[2] ?? join(root, "dist/action")));
