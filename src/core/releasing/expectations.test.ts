import { expect, test } from "vitest";
import type { ReleaseManifest } from "../../model/release.ts";
import { prepareRelease, readReleaseRecord } from "../../records/records.ts";
import { imageName } from "../../testing/image-name.ts";
import { makeShop, type Shop } from "../testing/shop.ts";
import { countSteps } from "../testing/steps.ts";

const releases = imageName("reg.test/shop/releases");

async function readManifest(world: Shop, version: string): Promise<ReleaseManifest> {
  const stored = await readReleaseRecord(world.registry(), releases, version);
  if (stored === undefined) throw new Error(`${version} was released`);
  return stored.manifest;
}

test("a record names the attestations of its images and the configurations of what they start from", async () => {
  const world = await makeShop();
  await world.release({ version: "1.0.0" });
  const { services, bases = [] } = await readManifest(world, "1.0.0");
  const platforms = services.flatMap((service) => service.platforms);
  expect(platforms.map(({ attestations }) => attestations?.length)).toEqual(platforms.map(() => 1));
  expect(bases).toEqual([{ digest: expect.stringMatching(/^sha256:/), env: expect.any(Object), onBuild: [] }]);
});

test("an image that a forced build published since is released in place of the last release's", async () => {
  const world = await makeShop();
  const first = await world.release({ version: "1.0.0" });
  world.forget();
  world.docker.plan = () => ({ holds: "what is there now" });
  await world.build({ services: ["web"], force: ["web"] });
  const second = await world.release({ version: "1.0.1" });
  expect(world.builds()).toEqual(["web linux/amd64"]);
  expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
  expect(world.tags("shop/web")["1.0.1"]).toBe(world.digest(second, "web"));
});

test.each([
  ["image", ({ digest }: ReleaseManifest["services"][number]["platforms"][number]) => digest],
  ["attestation", ({ attestations }: ReleaseManifest["services"][number]["platforms"][number]) => attestations?.[0]],
])("an %s that is gone since the last release makes its service be built again", async (_, pick) => {
  const world = await makeShop();
  await world.release({ version: "1.0.0" });
  const web = (await readManifest(world, "1.0.0")).services.find(({ service }) => service === "web");
  const gone = web?.platforms.map(pick)[0];
  if (gone === undefined) expect.unreachable();
  await world.registry().deleteManifest(world.image("web"), gone);
  world.forget();
  const { state } = await world.release({ version: "1.0.1" });
  expect(state).toBe("released");
  expect(world.builds()).toEqual(["web linux/amd64"]);
});

test("a record of an earlier version, without attestations and bases, gives the same release in more steps", async () => {
  const releaseAgain = async (isEarlier: boolean): Promise<number> => {
    const world = await makeShop();
    const first = await world.release({ version: "1.0.0" });
    if (isEarlier) await makeEarlier(world, "1.0.0");
    world.forget();
    const { host, steps } = countSteps(world.host());
    const second = await world.release({ version: "1.0.1" }, host);
    expect(world.builds()).toEqual([]);
    for (const name of ["api", "base", "web"]) expect(world.digest(second, name)).toBe(world.digest(first, name));
    return steps.length;
  };
  const now = await releaseAgain(false);
  expect(await releaseAgain(true)).toBeGreaterThan(now);
});

/** Puts a release's record as earlier versions wrote it. */
async function makeEarlier(world: Shop, version: string): Promise<void> {
  const registry = world.registry();
  const stored = await readReleaseRecord(registry, releases, version);
  if (stored === undefined) throw new Error(`${version} was released`);
  const { bases: _bases, ...manifest } = stored.manifest;
  const services = manifest.services.map((service) => ({
    ...service,
    platforms: service.platforms.map(({ attestations: _attestations, ...platform }) => platform),
  }));
  const record = { name: stored.name, manifest: { ...manifest, services } };
  const { raw } = await prepareRelease(registry, releases, record);
  for (const tag of [version, `promoted.${version}`]) await registry.putManifest(releases, tag, raw);
}
