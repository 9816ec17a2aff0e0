// Runs one of the project's commands. First it makes sure of a Node that the project runs on, then of the dependencies.
// Plain JavaScript for Node 18 and later without imports from packages: it is the first thing that runs on a fresh machine.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchNode, fitsEngines } from "./runtime.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);
const [command, ...args] = process.argv.slice(2);

const commands = {
  build: [[process.execPath, "scripts/build.ts"]],
  check: [
    [bin("tsc"), "-p", "tsconfig.json"],
    [bin("oxlint"), "--type-aware", "--deny-warnings"],
    [bin("oxfmt"), "--check", "."],
    [bin("knip")],
    [bin("knip"), "--config", "knip.production.json", "--production", "--include", "files,exports,types"],
  ],
  docs: [[process.execPath, "scripts/docs.ts"]],
  bundle: [[process.execPath, "scripts/bundle-action.ts"]],
  test: [[process.execPath, "scripts/test.ts", ...args]],
  demo: [[process.execPath, "sandbox/demo.ts", ...args]],
  bench: [[process.execPath, "bench/main.ts", ...args]],
  sandbox: [[process.execPath, "sandbox/main.ts", ...args]],
};

useNodeThatFits();
installDependencies();
for (const step of commands[command] ?? []) {
  run(step[0], step.slice(1));
}

/** Where this Node is not one of `engines`, the same command runs again on one that is. */
function useNodeThatFits() {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (fitsEngines(process.versions.node, engines.node)) return;
  const folder = fetchNode(root);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ""}` };
  const { status, signal } = spawnSync(join(folder, "node"), process.argv.slice(1), { env, stdio: "inherit" });
  process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
}

function installDependencies() {
  const stamp = join(root, "node_modules", ".slipway-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("installing dependencies (npm ci, some 10 seconds)\n");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}

function run(program, programArgs) {
  const { status, error, signal } = spawnSync(program, programArgs, { cwd: root, stdio: "inherit" });
  if (error) process.stderr.write(`${program}: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
}
