// Runs one of the project's commands, installing the dependencies first where they are missing or out of date.
// Plain JavaScript without imports from packages: it is the first thing that runs on a fresh machine.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, "node_modules", ".bin", name);
const [command, ...args] = process.argv.slice(2);

const commands = {
  build: [[bin("tsx"), "scripts/build.ts"]],
  check: [
    [bin("tsc"), "-p", "tsconfig.json"],
    [bin("oxlint"), "--type-aware", "--deny-warnings"],
    [bin("oxfmt"), "--check", "."],
    [bin("knip")],
  ],
  docs: [[bin("tsx"), "scripts/docs.ts"]],
  bundle: [[bin("tsx"), "scripts/bundle-action.ts"]],
  test: [[bin("tsx"), "scripts/test.ts", ...args]],
  demo: [[bin("tsx"), "sandbox/demo.ts", ...args]],
  bench: [[bin("tsx"), "bench/main.ts", ...args]],
  sandbox: [[bin("tsx"), "sandbox/main.ts", ...args]],
};

installDependencies();
for (const step of commands[command] ?? []) {
  run(step[0], step.slice(1));
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
