// The main job, end to end: releases the shop several times over on a real engine and a real registry, and shows after each
// release what the registry holds; at the end, the release on GitHub. `--keep` leaves the sandbox and the shop, and says how to go on.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { must, note, output, program, type Ran, run, say, stop } from "./demo-commands.ts";
import { type DemoGitHub, startDemoGitHub } from "./demo-github.ts";
import {
  makeShop,
  type Sandbox,
  SandboxUnavailable,
  type Shop,
  shopServices,
  startRunner,
  startSandbox,
} from "./index.ts";

const keep = process.argv.includes("--keep");

/** A row of the table at the end. Seconds of wall time. */
interface Row {
  readonly what: string;
  readonly slipway: number;
  readonly plain: number | undefined;
}

process.exitCode = await main().catch((error: unknown) => {
  const isExpected = error instanceof SandboxUnavailable || stop.signal.aborted;
  process.stderr.write(
    `demo: ${isExpected && error instanceof Error ? error.message : String((error as Error).stack)}\n`,
  );
  return stop.signal.aborted ? 130 : 1;
});

async function main(): Promise<number> {
  say("Building the command line");
  await must(run(process.execPath, [resolve(import.meta.dirname, "../scripts/setup.mjs"), "build"], process.cwd(), {}));
  say("Bringing up the sandbox: an engine, a registry, a mirror with base images, GitHub on loopback");
  const sandbox = await startSandbox({ fresh: !keep, keep, log: (line) => note(line), signal: stop.signal });
  const folder = await mkdtemp(join(tmpdir(), "slipway-demo-"));
  try {
    const shop = await makeShop(join(folder, "shop"), { registry: sandbox.registry });
    // The same repository and registry for plain buildx, under other image names.
    const plain = await makeShop(join(folder, "plain"), { registry: `${sandbox.registry}/plain` });
    const github = await startDemoGitHub(shop);
    await releaseSeveralTimes(sandbox, github, shop, plain).finally(() => github.close());
    if (keep) tellHowToGoOn(sandbox, shop);
    return 0;
  } finally {
    if (!keep) {
      say("Cleaning up");
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function releaseSeveralTimes(sandbox: Sandbox, github: DemoGitHub, shop: Shop, plain: Shop): Promise<void> {
  const rows: Row[] = [];
  const slipway = (...args: string[]): Promise<Ran> =>
    run(process.execPath, [program, ...args], shop.folder, { ...sandbox.env, ...github.env });
  // Both on an empty engine each time, as a CI runner is; the registry is what lasts.
  const compare = async (what: string, version: string): Promise<void> => {
    const released = await onEmptyEngine(sandbox, (env) =>
      must(run(process.execPath, [program, "release", version], shop.folder, { ...env, ...github.env })),
    );
    const plainSeconds = await onEmptyEngine(sandbox, (env) => plainBuild(plain, version, env));
    rows.push({ what, slipway: released.seconds, plain: plainSeconds });
  };

  say("What is there to release?");
  await must(slipway("services"));
  await must(slipway("plan"));

  say("Release 1.0.0: everything is built");
  await compare("1.0.0, all built", "1.0.0");
  await showRegistry(sandbox, shop);
  const first = await digests(sandbox, shop, "1.0.0");

  say("Release 1.0.1: nothing changed, so nothing is built, and the digests stay");
  await compare("1.0.1, nothing changed", "1.0.1");
  await showRegistry(sandbox, shop);
  expectEqual("digests of 1.0.1", await digests(sandbox, shop, "1.0.1"), first);

  say("Release 1.1.0: one service changed, so one is built");
  await shop.changeService("api");
  await plain.changeService("api");
  await must(slipway("plan", "api"));
  await compare("1.1.0, one of four changed", "1.1.0");
  await showRegistry(sandbox, shop);

  say("Release 1.2.0: the library changed, so the two services that copy it are built");
  await shop.changeLibrary();
  await must(slipway("plan"));
  rows.push({
    what: "1.2.0, the library changed",
    slipway: (await must(slipway("release", "1.2.0"))).seconds,
    plain: undefined,
  });
  await showRegistry(sandbox, shop);
  const second = await digests(sandbox, shop, "latest");

  say("Release 1.3.0: worker changed, web is broken: worker is built, nothing moves, the exit code is 1");
  await shop.changeService("worker");
  await shop.breakService("web");
  expectEqual("exit code", (await slipway("release", "1.3.0")).exitCode, 1);
  await showRegistry(sandbox, shop);
  expectEqual("digests of latest", await digests(sandbox, shop, "latest"), second);

  say("Rolling back to 1.1.0: a record and the moving tags, no build");
  rows.push({
    what: "rollback to 1.1.0",
    slipway: (await must(slipway("rollback", "1.1.0"))).seconds,
    plain: undefined,
  });
  await showRegistry(sandbox, shop);
  expectEqual("digests of latest", await digests(sandbox, shop, "latest"), await digests(sandbox, shop, "1.1.0"));

  say("Release 1.3.1: web is mended; a release that is newer ends the rollback");
  await shop.mendService("web");
  rows.push({
    what: "1.3.1, worker reused, web built",
    slipway: (await must(slipway("release", "1.3.1"))).seconds,
    plain: undefined,
  });
  await must(slipway("status"));

  say("The releases on GitHub, as gh sees them");
  await github.show("v1.1.0");
  say("What it took, beside plain `docker buildx build --push` of all four at once");
  note("(where both are shown, each had an empty engine, as a CI runner has)");
  process.stdout.write(renderRows(rows));
}

async function onEmptyEngine<T>(sandbox: Sandbox, act: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const runner = await startRunner(sandbox, `demo${process.pid}`, { signal: stop.signal });
  try {
    return await act(runner.env);
  } finally {
    await runner.close();
  }
}

/** Builds and pushes all four by hand, web after gateway, the rest at once. Seconds. */
async function plainBuild(shop: Shop, version: string, env: Record<string, string>): Promise<number> {
  note(`plain docker buildx build of everything, ${version}`);
  const started = performance.now();
  const build = (service: (typeof shopServices)[number]): Promise<Ran> => {
    const tags = [version, "latest"].flatMap((tag) => ["--tag", `${shop.image(service)}:${tag}`]);
    const args = ["buildx", "build", "--push", ...tags, ...shop.buildArguments(service)];
    return must(run("docker", args, shop.folder, env, "quiet"));
  };
  const others = shopServices.filter((service) => service !== "gateway" && service !== "web").map(build);
  await build("gateway");
  await Promise.all([build("web"), ...others]);
  return (performance.now() - started) / 1000;
}

/** Content of the registry, as crane (or, without it, skopeo) lists it. */
async function showRegistry(sandbox: Sandbox, shop: Shop): Promise<void> {
  note("the registry, as crane sees it:");
  for (const service of shopServices) {
    const tags = (await output("crane", ["ls", shop.image(service)], sandbox.env)).split("\n").filter(isVisible).sort();
    const pointed = await Promise.all(
      tags.map(
        async (tag) =>
          `${tag} → ${(await output("crane", ["digest", `${shop.image(service)}:${tag}`], sandbox.env)).slice(7, 15)}`,
      ),
    );
    process.stdout.write(`    ${service.padEnd(8)} ${pointed.join("   ")}\n`);
  }
}

/** Tags for people: not those of fingerprints, caches and runs. */
function isVisible(tag: string): boolean {
  return tag !== "" && !/^(fp-|cache-|build-)/.test(tag);
}

function digests(sandbox: Sandbox, shop: Shop, tag: string): Promise<string[]> {
  return Promise.all(
    shopServices.map((service) => output("crane", ["digest", `${shop.image(service)}:${tag}`], sandbox.env)),
  );
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) === JSON.stringify(expected)) return note(`${what}: as expected`);
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

function renderRows(rows: readonly Row[]): string {
  const cell = (seconds: number | undefined): string => (seconds === undefined ? "" : `${seconds.toFixed(1)} s`);
  const lines = rows.map(({ what, slipway, plain }) => [
    what,
    cell(slipway),
    cell(plain),
    plain === undefined ? "" : `${(plain / slipway).toFixed(1)} ×`,
  ]);
  const table = [["", "slipway", "plain", "plain / slipway"], ...lines];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  return table
    .map(
      (line) =>
        `  ${line.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join("   ")}\n`,
    )
    .join("");
}

function tellHowToGoOn(sandbox: Sandbox, shop: Shop): void {
  say("The sandbox is still running");
  process.stdout.write(`  eval "$(npm run --silent sandbox -- env)"
  cd ${shop.folder}
  node ${program} status        # the images are below ${sandbox.registry}/shop
  npm run sandbox -- down       # ends it\n`);
}
