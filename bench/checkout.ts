/**
 * What a checkout costs: bytes over the wire, requests, files written and time, in full, with sparse patterns as a person writes
 * them, and derived from what is read. On a generated repository of 200,000 files with history, cloned through git's own
 * server side over a pipe.
 *
 *     node bench/checkout.ts [files]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { makeNodeHost } from "../src/node-host.ts";
import { inputs } from "../src/commands/inputs/spec.ts";
import { run as readServiceInputs } from "../src/commands/inputs/run.ts";
import { openWorkspace } from "../src/core/workspace/workspace.ts";
import { cloneTrees } from "../src/source/checkout/sparse.ts";
import { makeRandom } from "../src/testing/random.ts";

const fileCount = Number(process.argv[2] ?? 200_000);
const serviceCount = 25;
const commitCount = 60;
const host = makeNodeHost();
const words = "const export function return import await type readonly string number for of if else new map set".split(
  " ",
);

interface Cost {
  readonly name: string;
  readonly bytes: number;
  readonly requests: number;
  readonly files: number;
  readonly seconds: number;
}

const folder = await mkdtemp(join(tmpdir(), "slipway-bench-"));
try {
  const origin = join(folder, "origin.git");
  const started = performance.now();
  await makeRepository(origin);
  process.stderr.write(`made ${fileCount} files in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  const costs = await measureAll(origin);
  const text = render(costs);
  process.stdout.write(text);
  await writeFile(join(import.meta.dirname, "results", "checkout.md"), text);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Writes the repository as a stream, which takes a fraction of the time that writing its files would. */
async function makeRepository(origin: string): Promise<void> {
  await git(folder, ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
  await git(origin, ["config", "uploadpack.allowFilter", "true"]);
  await git(origin, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  const child = spawn("git", ["fast-import", "--quiet"], { cwd: origin, stdio: ["pipe", "inherit", "inherit"] });
  const write = async (text: string): Promise<void> => {
    if (!child.stdin.write(text)) await once(child.stdin, "drain");
  };
  const random = makeRandom(7);
  const commit = (index: number): string => {
    const message = `Change ${index}`;
    return `commit refs/heads/main\ncommitter Ada <ada@example.test> ${1_700_000_000 + index * 3600} +0000\ndata ${message.length}\n${message}\n`;
  };
  const file = (path: string, content: string): string =>
    `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  await write(commit(0));
  for (let index = 0; index < serviceCount; index += 1) {
    await write(
      file(`services/s${index}/Dockerfile`, `FROM scratch\nCOPY libs/shared /libs\nCOPY services/s${index}/src /src\n`),
    );
  }
  await write(file("slipway.yaml", "images: registry.example.com/shop/{service}\n"));
  await write(file(".dockerignore", "**/*.md\n**/test\n"));
  for (let index = 0; index < 60; index += 1) await write(file(`config-${index}.json`, makeText(random)));
  const paths = Array.from({ length: fileCount - serviceCount - 62 }, (_, index) => pathOf(index));
  for (const path of paths) await write(file(path, makeText(random)));
  for (let index = 1; index < commitCount; index += 1) {
    await write(commit(index));
    for (let change = 0; change < 40; change += 1) {
      await write(file(paths[Math.floor(random() * paths.length)] ?? "", makeText(random)));
    }
  }
  child.stdin.end();
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

/** A quarter belongs to services (sources, tests, documents), some to what they share, the rest to nobody's image. */
function pathOf(index: number): string {
  const name = `f${index}.ts`;
  const folderName = `d${index % 97}`;
  if (index % 4 === 0) {
    const part = index % 3 === 0 ? "test" : index % 7 === 0 ? "docs" : "src";
    return `services/s${(index / 4) % serviceCount}/${part}/${folderName}/${part === "docs" ? `f${index}.md` : name}`;
  }
  if (index % 199 === 1) return `libs/shared/${index % 3 === 0 ? "test" : "src"}/${name}`;
  return `packages/p${index % 400}/${folderName}/${name}`;
}

function makeText(random: () => number): string {
  const count = 60 + Math.floor(random() * random() * 900);
  const all = Array.from({ length: count }, () =>
    random() < 0.4 ? (words[Math.floor(random() * words.length)] ?? "") : Math.floor(random() * 1e7).toString(36),
  );
  return `${all.join(" ")}\n`;
}

async function measureAll(origin: string): Promise<Cost[]> {
  const url = `file://${origin}`;
  const commit = (await git(origin, ["rev-parse", "main"])).trim();
  const sparse = async (at: string, patterns: readonly string[], cone: boolean): Promise<void> => {
    await git(at, ["init", "--quiet"]);
    await git(at, ["remote", "add", "origin", url]);
    await git(at, ["sparse-checkout", "set", cone ? "--cone" : "--no-cone", ...patterns]);
    await git(at, ["fetch", "--quiet", "--no-tags", "--filter=blob:none", "--depth=1", "origin", commit]);
    await git(at, ["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
  };
  return [
    await measure("full, with its history", async (at) => {
      await git(folder, ["clone", "--quiet", url, at]);
    }),
    await measure("full, one commit (`actions/checkout` as it is)", async (at) => {
      await git(at, ["init", "--quiet"]);
      await git(at, ["remote", "add", "origin", url]);
      await git(at, ["fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit]);
      await git(at, ["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    }),
    await measure("build: folders by hand (`sparse-checkout`, cone)", (at) =>
      sparse(at, ["services/s1", "libs/shared"], true),
    ),
    await measure("build: patterns by hand (no cone, sources only)", (at) =>
      sparse(at, ["/.dockerignore", "/services/s1/Dockerfile", "/services/s1/src/", "/libs/shared/"], false),
    ),
    await measure("build: derived", async (at) => {
      await cloneTrees(host, { folder: at, url, commit, history: "none" });
      const workspace = await openWorkspace(host, { repo: at }, () => undefined);
      const { files } = await readServiceInputs(workspace, { ...inputs.defaults, service: "s1", offline: true });
      await workspace.tree.fetch(files.map(({ path }) => path));
    }),
    await measure("plan: derived, all 25 services read", async (at) => {
      await cloneTrees(host, { folder: at, url, commit, history: "none" });
      await readAll(at);
    }),
    await measure("release: derived, with the commits for the notes", async (at) => {
      await cloneTrees(host, { folder: at, url, commit, history: "commits" });
      await readAll(at);
    }),
  ];
}

async function readAll(at: string): Promise<void> {
  const workspace = await openWorkspace(host, { repo: at }, () => undefined);
  for (const { name } of workspace.project.services)
    await readServiceInputs(workspace, { ...inputs.defaults, service: name, offline: true });
}

async function measure(name: string, run: (at: string) => Promise<void>): Promise<Cost> {
  const at = join(folder, "clone");
  await mkdir(at);
  const started = performance.now();
  await run(at);
  const seconds = (performance.now() - started) / 1000;
  const packs = (await readdir(join(at, ".git/objects/pack"))).filter((each) => each.endsWith(".pack"));
  const sizes = await Promise.all(packs.map(async (each) => (await stat(join(at, ".git/objects/pack", each))).size));
  const hidden = (await git(at, ["ls-files", "-t"])).split("\n").filter((line) => line.startsWith("H ")).length;
  await rm(at, { recursive: true, force: true });
  const cost = {
    name,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    requests: packs.length,
    files: hidden,
    seconds,
  };
  process.stderr.write(`${JSON.stringify(cost)}\n`);
  return cost;
}

function render(costs: readonly Cost[]): string {
  const [, full] = costs;
  const rows = costs.map(({ name, bytes, requests, files, seconds }) => {
    const share = full === undefined ? "" : `${((100 * bytes) / full.bytes).toFixed(1)} %`;
    return `| ${name} | ${(bytes / 1e6).toFixed(2)} | ${share} | ${requests} | ${files} | ${seconds.toFixed(1)} |`;
  });
  return [
    "# What a checkout costs",
    "",
    `Made by \`node bench/checkout.ts\`: ${fileCount} files, ${serviceCount} services, ${commitCount} commits; ${cpus().length} cores, local`,
    "disk, git's server side over a pipe, so that bytes are those of the packs and seconds hold no network.",
    "",
    "| checkout | MB received | of full | packs received | files written | seconds |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    "Every sparse form pays for the trees of the whole commit, since what changed is told by them; the rest is files. The build",
    "of one service reads its sources and what it shares, without what `.dockerignore` leaves out; nobody wrote that down.",
    "",
  ].join("\n");
}

async function git(cwd: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run("git", args, { cwd });
  if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return new TextDecoder().decode(stdout);
}
