import { existsSync, rmSync, writeFileSync } from "node:fs";
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
}

export type Baked =
  | { readonly kind: "image"; readonly image: Image }
  | { readonly kind: "failed"; readonly because: string };

/** Builds many images with one process. Where one fails, each is built by itself, since one failure cancels the others. */
export async function bakeAll(host: Host, folder: string, orders: readonly Order[]): Promise<Map<string, Baked>> {
  const results = new Map<string, Baked>();
  if (orders.length === 0) return results;
  const because = await bake(host, folder, orders);
  const [only] = orders;
  const failed = orders.find(({ name }) => because?.includes(`target ${name}: `) === true);
  if (because !== undefined && failed !== undefined && orders.length > 1) {
    // What was built already is cached.
    const others = await bakeAll(
      host,
      folder,
      orders.filter((order) => order !== failed),
    );
    // An engine under load fails now and then for reasons of its own: what fails twice has failed.
    for (const [name, baked] of await bakeAll(host, folder, [failed])) others.set(name, baked);
    return others;
  }
  if (because !== undefined && orders.length > 1) {
    // Halves, so that one that fails costs the others little.
    const middle = Math.ceil(orders.length / 2);
    for (const part of [orders.slice(0, middle), orders.slice(middle)]) {
      for (const [name, baked] of await bakeAll(host, folder, part)) results.set(name, baked);
    }
    return results;
  }
  if (because !== undefined && only !== undefined) return results.set(only.name, { kind: "failed", because });
  for (const { name } of orders) {
    const archive = archiveOf(folder, name);
    results.set(name, { kind: "image", image: readImage(archive) });
    rmSync(archive);
  }
  return results;
}

function archiveOf(folder: string, name: string): string {
  return join(folder, `${name}.tar`);
}

/** Undefined: all were built. */
async function bake(host: Host, folder: string, orders: readonly Order[]): Promise<string | undefined> {
  const target = Object.fromEntries(
    orders.map(({ name, handed, world, withSteps }) => [
      name,
      {
        context: handed.context,
        dockerfile: handed.dockerfile,
        contexts: handed.contexts,
        args: world.args,
        ...(world.target === undefined ? {} : { target: world.target }),
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
  if (exitCode !== 0) return stderr.trim().split("\n").slice(-12).join("\n");
  const missing = names.find((name) => !existsSync(archiveOf(folder, name)));
  return missing === undefined ? undefined : `${missing} was not written`;
}
