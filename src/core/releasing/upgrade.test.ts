import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { status } from "../../index.ts";
import { digestOf } from "../../model/digest.ts";
import type { ImageName } from "../../model/reference.ts";
import { parseIndex } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";
import { imageName } from "../../testing/image-name.ts";

// What an earlier program left in a registry is read by this one. The fixture holds every tag, manifest and blob that the program at
// commit 5f46b24 (0.1.0, the first algorithm of the fingerprint) left in a registry in memory, after these commands in the
// repository that `makeBefore` makes, by `makeShop` of its own `src/core/testing/shop.ts`:
//   release 1.0.0; after "fix: web": release (main), release 1.1.0; after "feat: api": release 1.2.0-rc.1, release 1.2.0;
//   after "fix: web": release 1.2.1 --only web; rollback 1.1.0; release 1.0.1, interrupted when the promotion began;
//   then the base image `os` moved.

interface StoredRepository {
  readonly tags: Readonly<Record<string, string>>;
  /** Text of each manifest and index. */
  readonly manifests: readonly string[];
  /** Text, or bytes where they are none. */
  readonly blobs: readonly (string | { readonly base64: string })[];
}

type Stored = Readonly<Record<string, StoredRepository>>;

function readFixture(): Stored {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../testing/registry-0.1.0.json"), "utf8")) as Stored;
}

async function makeBefore(): Promise<Shop> {
  const world = await makeShop({
    "slipway.yaml": settings.replace("    context: web\n", "    context: web\n    bases: hold\n"),
  });
  await world.repository.commit({ "web/index.html": "web 2" }, "fix: web");
  await world.repository.commit({ "api/src/main.txt": "api 2" }, "feat: api");
  await world.repository.commit({ "web/index.html": "web 3" }, "fix: web");
  for (const [name, each] of Object.entries(readFixture())) await load(world, name, each);
  // The earlier commands took a second each.
  world.advance(60_000);
  return world;
}

async function load(world: Shop, repository: string, { tags, manifests, blobs }: StoredRepository): Promise<void> {
  const registry = world.registry();
  const name = imageName(`reg.test/${repository}`);
  const bytesOf = (blob: (typeof blobs)[number]): Uint8Array =>
    typeof blob === "string" ? new TextEncoder().encode(blob) : new Uint8Array(Buffer.from(blob.base64, "base64"));
  await Promise.all(blobs.map((blob) => registry.putBlob(name, bytesOf(blob))));
  const isIndex = (text: string): boolean => text.includes('"manifests":');
  for (const text of manifests.toSorted((left, right) => Number(isIndex(left)) - Number(isIndex(right)))) {
    await putManifest(registry, name, text);
  }
  for (const [tag, digest] of Object.entries(tags)) {
    const found = manifests.map((text) => digestOf(text)).find((each) => each === digest);
    if (found === undefined) throw new Error(`${repository}:${tag} is not in the fixture`);
    world.memory.setTag(repository, tag, found);
  }
}

async function putManifest(registry: Registry, name: ImageName, text: string): Promise<void> {
  const { mediaType } = JSON.parse(text) as { mediaType: string };
  const bytes = new TextEncoder().encode(text);
  await registry.putManifest(name, digestOf(bytes), { mediaType, bytes });
}

/** By tag of web, the version whose image it has. */
function tagsOfWeb(world: Shop): Record<string, string | undefined> {
  const tags = world.tags("shop/web");
  const versions = Object.keys(tags).filter((tag) => /^\d+\.\d+\.\d+$/.test(tag));
  const moving = ["latest", "1", "1.0", "1.1", "1.2", "1.3"].filter((tag) => tag in tags);
  return Object.fromEntries(moving.map((tag) => [tag, versions.find((each) => tags[each] === tags[tag])]));
}

test("status reads the records, the rollback that holds, and what is unfinished", async () => {
  const world = await makeBefore();
  const found = await status({ host: world.host() });
  expect(found.releases.map(({ record, state }) => [record.replace(/\.[0-9a-f]{12}$/, ""), state])).toEqual([
    ["1.0.1", "unfinished"],
    ["1.2.1", "finished"],
    ["1.2.0", "finished"],
    ["1.2.0-rc.1", "finished"],
    ["1.1.0", "finished"],
    ["branch.main.00000002", "finished"],
    ["1.0.0", "finished"],
  ]);
  expect(found.rollbacks.map(({ to }) => to)).toEqual(["1.1.0"]);
  expect([found.unfinished, found.spoilt, found.abandonments]).toEqual([["1.0.1"], [], []]);
  const held = found.tags.filter(({ rollback }) => rollback !== null).map(({ tag, release }) => `${tag} ${release}`);
  expect(new Set(held)).toEqual(new Set(["1 1.1.0", "1.1 1.1.0", "latest 1.1.0"]));
});

test("a rollback goes to a release of the earlier program, and is counted after its rollback", async () => {
  const world = await makeBefore();
  expect(tagsOfWeb(world)).toMatchObject({ latest: "1.1.0", "1": "1.1.0" });
  const back = await world.rollback("1.2.0");
  expect(back.record).toMatch(/^rollback\.000002\.[0-9a-f]{8}\.1\.2\.0$/);
  expect(world.tags("shop/api")["latest"]).toBe(world.tags("shop/api")["1.2.0"]);
});

test("a hot-fix leaves what the earlier program's rollback holds, and finishes what it left unfinished; the next release ends it", async () => {
  const world = await makeBefore();
  await world.repository.commit({ "web/index.html": "hot fix" }, "fix: web");
  const fixed = await world.release({ version: "1.0.2" });
  expect(tagsOfWeb(world)).toMatchObject({ latest: "1.1.0", "1": "1.1.0", "1.0": "1.0.2" });
  expect(fixed.releases[0]?.manifest.previous?.record).toBe("1.0.1");
  expect((await status({ host: world.host() })).unfinished).toEqual([]);
  await world.repository.commit({ "web/index.html": "web 4" }, "feat: web");
  const next = await world.release({ version: "1.3.0" });
  expect(next.releases[0]?.manifest.previous?.record).toBe("1.2.1");
  expect(tagsOfWeb(world)).toMatchObject({ latest: "1.3.0", "1": "1.3.0", "1.1": "1.1.0" });
});

test("a service that holds its bases keeps those that the earlier program built it from, and another one follows", async () => {
  const world = await makeBefore();
  const moved = await world.registry().getManifest(imageName("reg.test/os"), "1");
  const index = parseIndex(moved?.bytes ?? new Uint8Array());
  const ofNow = [moved?.digest ?? "", ...(index?.manifests.map(({ digest }) => digest) ?? [])];
  const isOfNow = (content: string): boolean => ofNow.some((digest) => content.includes(digest));
  world.forget();
  const result = await world.release({ version: "1.3.0" });
  expect(result.state).toBe("released");
  const solved = (service: string): string[] =>
    world.docker.builds.filter((solve) => solve.service === service).map(({ content }) => content);
  expect(solved("base").map(isOfNow)).toEqual([true]);
  // Where the fingerprint's algorithm is a later one, web is built once more.
  expect(solved("web").filter(isOfNow)).toEqual([]);
});
