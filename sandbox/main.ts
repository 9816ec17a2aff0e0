import { addBuildKit, addFrontend, findSandbox, mainName, startRunner, startSandbox, stopSandboxes } from "./index.ts";
import { isOwned, isUp, readInstances } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

const help = `A real engine and a real registry on this machine, to try Slipway on.

Usage: npm run sandbox -- COMMAND

  up             start it; what is up stays up
  down [NAME…]   end it, or the named ones, and remove the data (packages and base images are kept)
  env [NAME]     print what a shell needs: eval "$(npm run --silent sandbox -- env)"
  runner NAME    a further, empty engine: what a fresh CI runner is; prints its environment
  drop NAME      end that runner
  frontend       let "# syntax=docker/dockerfile:1" resolve in it too (needs Go; a minute or two the first time)
  buildkit       let "docker buildx create --driver docker-container" work in it too (the same)
  status         what is up

The Docker that is there is used, if it has buildx and can get base images. Else, as root on Debian, an engine is
brought up from packages, beside anything that is there. State lies in .sandbox/ or SLIPWAY_SANDBOX_DIR.
SLIPWAY_SANDBOX_ENGINE=own: do not look for a Docker; SLIPWAY_SANDBOX_ENGINE=docker: use no packages.
`;

const say = (line: string) => process.stderr.write(`${line}\n`);
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => stop.abort(new Error("interrupted")));
}

try {
  process.exitCode = await runCommand(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = stop.signal.aborted ? 130 : error instanceof SandboxUnavailable ? 5 : 1;
}

async function runCommand([command, ...names]: readonly string[]): Promise<number> {
  const [name] = names;
  switch (command) {
    case "up":
      return up();
    case "down":
      return down(names);
    case "env":
      return printEnv(name);
    case "runner":
      return name === undefined ? usage("runner needs a NAME") : runner(name);
    case "drop":
      return name === undefined ? usage("drop needs a NAME") : down([`runner-${name}`]);
    case "frontend":
      return addImage(addFrontend, name);
    case "buildkit":
      return addImage(addBuildKit, name);
    case "status":
      return status();
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(help);
      return 0;
    default:
      return usage(command === undefined ? "which command?" : `there is no command "${command}"`);
  }
}

async function up(): Promise<number> {
  const began = Date.now();
  const sandbox = await startSandbox({ log: say, keep: true, name: mainName, signal: stop.signal });
  say(`up after ${((Date.now() - began) / 1000).toFixed(1)} s: registry ${sandbox.registry}, mirror ${sandbox.mirror}`);
  say('use it in this shell: eval "$(npm run --silent sandbox -- env)"');
  return 0;
}

async function down(names: readonly string[]): Promise<number> {
  const known = new Set(readInstances().map((each) => each.name));
  const unknown = names.filter((each) => !known.has(each));
  const left = await stopSandboxes(names.length === 0 ? "all" : names);
  for (const each of names.length === 0 ? left : []) say(`${each} stays: the process that started it still runs`);
  for (const each of unknown) say(`nothing is called "${each}"; there is: ${[...known].join(", ") || "nothing"}`);
  return unknown.length === 0 ? 0 : 2;
}

function printEnv(name: string | undefined): number {
  const found = findSandbox(name);
  if (!found?.ready) {
    say(name === undefined ? "no sandbox is up: npm run sandbox -- up" : `no sandbox called "${name}" is up`);
    return 1;
  }
  process.stdout.write(renderExports(found.ready.env));
  return 0;
}

async function runner(name: string): Promise<number> {
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) return usage(`"${name}" is no name: small letters, digits, dashes`);
  const sandbox = findSandbox();
  if (!sandbox?.ready) {
    say("no sandbox is up: npm run sandbox -- up");
    return 1;
  }
  const { env } = await startRunner(sandbox.ready, name, { keep: true, signal: stop.signal });
  process.stdout.write(renderExports(env));
  return 0;
}

/** Puts an image that is compiled here into a sandbox's mirror. */
async function addImage(add: typeof addFrontend, name: string | undefined): Promise<number> {
  const sandbox = findSandbox(name);
  if (!sandbox?.ready) {
    say("no sandbox is up: npm run sandbox -- up");
    return 1;
  }
  await add(sandbox.ready, { log: say, signal: stop.signal });
  return 0;
}

function status(): number {
  const rows = readInstances().map((each) => {
    const state = isUp(each) ? "up" : each.ready ? "broken" : "starting";
    const owner = isOwned(each) ? `, owned by process ${each.owner?.pid}` : "";
    return `${each.name}\t${state}${owner}\tregistry ${each.ready?.registry ?? "-"}\tmirror ${each.ready?.mirror ?? "-"}\n`;
  });
  process.stdout.write(rows.length === 0 ? "nothing is up\n" : rows.join(""));
  return 0;
}

function renderExports(env: Readonly<Record<string, string>>): string {
  const quote = (value: string) => `'${value.replaceAll("'", String.raw`'\''`)}'`;
  return Object.entries(env)
    .map(([key, value]) => `export ${key}=${quote(value)}\n`)
    .join("");
}

function usage(problem: string): number {
  say(`${problem}\n\n${help}`);
  return 2;
}
