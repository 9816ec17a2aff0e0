import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianPath, type Base } from "./base.ts";
import { packLayer, pushImage, type Layer } from "./image.ts";
import { goBase, nginxBase, nodeBase, pythonBase } from "./language-bases.ts";
import { ensurePackages, ensureTools, type Log } from "./packages.ts";
import { mustRun } from "./processes.ts";
import { startRegistry } from "./registry.ts";
import { addBusybox, addEtc, bundleCertificates, copyPackages, mergeUsr, writeTree } from "./rootfs.ts";
import { stateFolder, withLock } from "./state.ts";

/** Makes sure the bases exist; returns a registry data folder (its `docker/registry/v2`) that holds them. */
export async function ensureBases(log: Log, signal?: AbortSignal): Promise<string> {
  const recipe = ["base.ts", "bases.ts", "language-bases.ts", "rootfs.ts", "image.ts"].map((name) =>
    readFileSync(join(dirname(fileURLToPath(import.meta.url)), name)),
  );
  const key = createHash("sha256").update(Buffer.concat(recipe)).digest("hex").slice(0, 12);
  const ready = join(stateFolder(), "bases", key);
  if (existsSync(ready)) return join(ready, "data");
  return withLock(
    "bases",
    async () => {
      if (!existsSync(ready)) await makeBases(ready, log, signal);
      return join(ready, "data");
    },
    signal,
  );
}

async function makeBases(ready: string, log: Log, signal?: AbortSignal): Promise<void> {
  const work = join(stateFolder(), "bases", "work");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  log("making base images from packages");
  const tools = await ensureTools(log, signal);
  const busybox = join(tools, "usr/bin/busybox");
  const architecture = (await mustRun("asking for the architecture", "dpkg", ["--print-architecture"])).trim();
  const shared = debianLayer(work, busybox, "trixie", log, signal);
  const made = await Promise.all([
    tinyBases(work, busybox),
    debianLayer(work, busybox, "bookworm", log, signal).then((layer) => [debianBase("bookworm", layer)]),
    shared.then((layer) => [debianBase("trixie", layer)]),
    nodeBase(work, shared, signal),
    pythonBase(work, shared, log, signal),
    nginxBase(work, shared, log, signal),
    goBase(work, shared, log, signal),
  ]);
  const registry = await startRegistry({ dir: join(work, "registry"), log, signal });
  try {
    for (const base of made.flat())
      await pushImage(registry.host, { ...base, name: `library/${base.name}`, architecture });
  } finally {
    await registry.stop();
  }
  mkdirSync(dirname(ready), { recursive: true });
  renameSync(join(work, "registry"), ready);
  rmSync(work, { recursive: true, force: true });
}

async function tinyBases(work: string, busybox: string): Promise<Base[]> {
  const root = join(work, "busybox");
  await mergeUsr(root);
  await addBusybox(root, busybox);
  addEtc(root);
  const busyboxLayer = await packLayer(work, "busybox-layer", ["-C", root, "."]);
  const release = join(work, "alpine");
  writeTree(release, { "etc/os-release": 'NAME="Alpine Linux"\nID=alpine\nPRETTY_NAME="Alpine Linux (look-alike)"\n' });
  const alpineLayer = await packLayer(work, "alpine-layer", ["-C", release, "."]);
  return [
    {
      name: "busybox",
      tags: ["latest", "1", "stable", "musl", "glibc"],
      layers: [busyboxLayer],
      config: { Env: [debianPath], Cmd: ["sh"] },
    },
    {
      name: "alpine",
      tags: ["latest", "3"],
      layers: [busyboxLayer, alpineLayer],
      config: { Env: [debianPath], Cmd: ["/bin/sh"], WorkingDir: "/" },
    },
  ];
}

async function debianLayer(
  work: string,
  busybox: string,
  suite: "bookworm" | "trixie",
  log: Log,
  signal?: AbortSignal,
): Promise<Layer> {
  const ssl = suite === "trixie" ? "libssl3t64" : "libssl3";
  const names = ["base-files", "libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1", "ca-certificates", ssl];
  const packages = await ensurePackages(
    `debian-${suite}`,
    names.map((name) => `${name}/${suite}`),
    log,
    signal,
  );
  const root = join(work, suite);
  await copyPackages(packages, root);
  await mergeUsr(root);
  bundleCertificates(root);
  await addBusybox(root, busybox);
  addEtc(root, { node: 1000, nginx: 101, "www-data": 33 });
  return packLayer(work, `${suite}-layer`, ["-C", root, "."]);
}

function debianBase(suite: "bookworm" | "trixie", layer: Layer): Base {
  const version = suite === "trixie" ? "13" : "12";
  const tags = [
    suite,
    `${suite}-slim`,
    version,
    `${version}-slim`,
    ...(suite === "trixie" ? ["latest", "stable-slim"] : []),
  ];
  return { name: "debian", tags, layers: [layer], config: { Env: [debianPath], Cmd: ["sh"] } };
}
