import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensureGoProgram, type GoProgram } from "./go-program.ts";
import { type Layer, packLayer, pushImage } from "./image.ts";
import { ensureTools, type Log, whyNoPackages } from "./packages.ts";
import { mustRun } from "./processes.ts";
import { stateFolder } from "./state.ts";

/** Of the BuildKit that is in Debian's Docker Engine. */
const version = "v0.25.2";

/** `buildctl` is what buildx runs in a builder's container to reach its daemon. */
const daemon = programOf("buildkitd");
const client = programOf("buildctl");

function programOf(name: string): GoProgram {
  const file = join("buildkit", version, name, name);
  return { what: `BuildKit's ${name}`, file, package: `github.com/moby/buildkit/cmd/${name}`, version };
}

/** BuildKit's programs on this machine, by their paths. */
export interface BuildKit {
  readonly daemon: string;
  readonly client: string;
}

/**
 * Why BuildKit of its own cannot be had here and now, or undefined. Compiling it takes some 80 seconds on two cores, so it is
 * compiled only in the nightly form of the tests; what is there is used in every form.
 */
export function whyNoBuildKit(): string | undefined {
  const missing = whyNoPackages();
  if (missing !== undefined) return `runc comes from Debian's packages, and they cannot be had: ${missing}`;
  const isThere = [daemon, client].every(({ file }) => existsSync(join(stateFolder(), file)));
  if (isThere || process.env["SLIPWAY_NIGHTLY"] === "1") return undefined;
  return "BuildKit is not compiled yet: `npm run sandbox -- buildkit` or `npm run test:all` does it once";
}

/**
 * Compiles BuildKit the first time.
 * @throws SandboxUnavailable without Go.
 */
export async function ensureBuildKit(log: Log, signal?: AbortSignal): Promise<BuildKit> {
  return {
    daemon: await ensureGoProgram(daemon, log, signal),
    client: await ensureGoProgram(client, log, signal),
  };
}

/**
 * Puts BuildKit into a mirror as `moby/buildkit:buildx-stable-1`, so that `docker buildx create --driver docker-container`
 * works as it does elsewhere.
 * @throws SandboxUnavailable without Go, or without Debian's packages.
 */
export async function addBuildKit(
  sandbox: { readonly mirror: string },
  options: { readonly log?: Log; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { log = () => undefined, signal } = options;
  const programs = await ensureBuildKit(log, signal);
  const layer = await ensureLayer(programs, join(await ensureTools(log, signal), "usr/sbin/runc"));
  await pushImage(new URL(sandbox.mirror).host, {
    name: "moby/buildkit",
    tags: ["buildx-stable-1", "latest"],
    layers: [layer],
    config: {
      Env: ["PATH=/usr/bin"],
      Entrypoint: ["buildkitd"],
    },
    architecture: process.arch === "x64" ? "amd64" : process.arch,
  });
}

/** Packed once: it is 50 MB. */
async function ensureLayer(programs: BuildKit, runc: string): Promise<Layer> {
  const folder = join(stateFolder(), "buildkit", version);
  const stamp = join(folder, "layer.json");
  if (existsSync(stamp)) return JSON.parse(readFileSync(stamp, "utf8")) as Layer;
  const root = join(folder, "root");
  rmSync(root, { recursive: true, force: true });
  for (const path of ["usr/bin", "tmp", "etc", "run", "var/lib/buildkit"]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const program of [programs.daemon, programs.client, runc]) {
    cpSync(program, join(root, "usr/bin", basename(program)));
  }
  for (const library of await librariesOf(runc)) {
    const target = join(root, library);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(library, target, { dereference: true });
  }
  const layer = await packLayer(folder, "layer", ["-C", root, "."]);
  rmSync(root, { recursive: true });
  writeFileSync(stamp, JSON.stringify(layer));
  return layer;
}

/** The shared libraries of a program, and what loads them, by their paths on this machine. */
async function librariesOf(program: string): Promise<string[]> {
  const printed = await mustRun(`looking for the libraries of ${basename(program)}`, "ldd", [program]);
  return printed.split("\n").flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
