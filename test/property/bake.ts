import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../src/host.ts";
import { type Image, readImage } from "./image.ts";
import type { Handed, World } from "./world.ts";

/** One image to build. */
export interface Order {
  readonly name: string;
  readonly handed: Handed;
  readonly world: World;
  /** Ask BuildKit what it followed. */
  readonly withSteps: boolean;
  /** Take no step from the engine's cache. */
  readonly ignoresCache?: boolean;
}

export type Baked =
  | { readonly kind: "image"; readonly image: Image }
  | { readonly kind: "failed"; readonly because: string };

/**
 * Builds many images with one process. One that fails cancels those that are not done yet: they are built again without it, and it
 * by itself, since an engine under load fails now and then for reasons of its own.
 */
export async function bakeAll(host: Host, folder: string, orders: readonly Order[]): Promise<Map<string, Baked>> {
  const results = new Map<string, Baked>();
  if (orders.length === 0) return results;
  const { exitCode, because } = await bake(host, folder, orders);
  for (const { name } of orders) {
    const archive = archiveOf(folder, name);
    const image = exitCode === 0 && existsSync(archive) ? readImage(archive) : readWhole(archive);
    if (image !== undefined) results.set(name, { kind: "image", image });
    rmSync(archive, { force: true });
  }
  const rest = orders.filter(({ name }) => !results.has(name));
  const [only] = rest;
  if (only !== undefined && orders.length === 1) return results.set(only.name, { kind: "failed", because });
  const failed = rest.find(({ name }) => because.includes(`target ${name}: `));
  const middle = Math.ceil(rest.length / 2);
  const parts =
    failed === undefined
      ? [rest.slice(0, middle), rest.slice(middle)]
      : [rest.filter((order) => order !== failed), [failed]];
  for (const part of parts) {
    for (const [name, baked] of await bakeAll(host, folder, part)) results.set(name, baked);
  }
  return results;
}

function archiveOf(folder: string, name: string): string {
  return join(folder, `${name}.tar`);
}

/** Undefined: the build was cancelled, and left no archive, the beginning of one, or one without an image. */
function readWhole(archive: string): Image | undefined {
  if (!existsSync(archive)) return undefined;
  // Two blocks of zeros: POSIX pax, "ustar Interchange Format".
  const end = readFileSync(archive).subarray(-1024);
  if (end.length < 1024 || end.some((byte) => byte !== 0)) return undefined;
  try {
    return readImage(archive);
  } catch {
    return undefined;
  }
}

/** Writes the archives of those that can be built before one fails; gives what buildx says of a failure. */
async function bake(
  host: Host,
  folder: string,
  orders: readonly Order[],
): Promise<{ exitCode: number; because: string }> {
  const target = Object.fromEntries(
    orders.map(({ name, handed, world, withSteps, ignoresCache = false }) => [
      name,
      {
        context: handed.context,
        "no-cache": ignoresCache,
        dockerfile: handed.dockerfile,
        contexts: handed.contexts,
        args: world.args,
        ...(world.target === undefined ? {} : { target: world.target }),
        ...(world.platform === undefined ? {} : { platforms: [world.platform] }),
        output: [`type=oci,dest=${archiveOf(folder, name)},compression=uncompressed`],
        attest: [withSteps ? "type=provenance,mode=max" : "type=provenance,disabled=true"],
      },
    ]),
  );
  const definition = join(folder, `${orders[0]?.name ?? ""}-${orders.length}.json`);
  writeFileSync(definition, JSON.stringify({ target }));
  const names = orders.map(({ name }) => name);
  const args = ["buildx", "bake", "--progress=plain", "--allow=fs=*", "--file", definition, ...names];
  const { exitCode, stderr } = await host.run("docker", args, { cwd: folder });
  return { exitCode, because: stderr.trim().split("\n").slice(-12).join("\n") };
}
