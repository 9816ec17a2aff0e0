import { expect, test } from "vitest";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { ReleasedService } from "../model/release.ts";
import { commitRelease } from "./commit.ts";
import { decideTags } from "./decide-tags.ts";
import { makeTagMover } from "./move-tags.ts";
import { reconcile } from "./reconcile.ts";
import { makeRecordReader } from "./record-reader.ts";
import { prepareRelease, putRollback, readRecords, readReleaseRecord } from "./records.ts";
import { readStatus } from "./status.ts";
import {
  type Client,
  makeRelease,
  makeReleasesWorld,
  runRelease,
  version,
  type ReleasesWorld,
} from "./testing/world.ts";
import { imageName } from "../testing/image-name.ts";

const web = imageName("reg.test/shop/web");

/** 1.0.0 is committed, none of its tags is put. */
async function commit(world: ReleasesWorld, client: Client): ReturnType<typeof commitRelease> {
  const made = await makeRelease(world, client, { subject: version("1.0.0"), content: "1.0.0" });
  const { releases, services } = world;
  return commitRelease(client.host, client.registry, { releases, services, ...made }, client.emit);
}

function webOf(services: readonly ReleasedService[]): Digest {
  const service = services.find((each) => each.service === "web");
  if (service === undefined) throw new Error("web was released");
  return service.digest;
}

function pathOf(input: string | URL | Request): string {
  return new URL(input instanceof Request ? input.url : input).pathname;
}

test.each([1, 7, 15])(
  "after a conflict of %i rounds, a record that is put back has its tags looked at once more",
  async (rounds) => {
    const world = makeReleasesWorld();
    const { memory, releases, services } = world;
    const { stored } = await commit(world, world.client());
    const image = webOf(stored.manifest.services);
    const other = await makeRelease(world, world.client(), { subject: version("1.0.0"), content: "other" });
    const strange = webOf(other.manifest.services);
    const { raw } = await prepareRelease(world.client().registry, releases, { ...other, name: stored.name });
    await world.client().registry.putManifest(releases, raw.digest, raw);
    const index = other.indexes.get("web");
    if (index !== undefined) await world.client().registry.putManifest(web, index.digest, index);
    memory.setTag("shop/web", "1.0.0", strange);
    let listings = 0;
    const fetch: Host["fetch"] = async (input, init) => {
      // The other run puts its tag right after a while; its record's PUT is carried out when this run has marked its own.
      const path = pathOf(input);
      if (path.endsWith("/shop/releases/tags/list")) {
        listings += 1;
        if (listings === rounds + 1) memory.setTag("shop/web", "1.0.0", image);
      }
      const response = await memory.fetch(input, init);
      if (init?.method === "PUT" && path.endsWith("/shop/releases/manifests/promoted.1.0.0")) {
        memory.setTag("shop/releases", "1.0.0", raw.digest);
        memory.setTag("shop/web", "latest", strange);
      }
      return response;
    };
    const { host, registry, emit } = world.client({ fetch });
    await reconcile(host, registry, { releases, services, own: stored }, emit);
    expect(world.tagOf(releases, "1.0.0")).toBe(stored.raw.digest);
    expect(world.tagOf(web, "latest")).toBe(image);
  },
);

test("a record that another run has put over a finished one decides no tag, and is not what status shows", async () => {
  const world = makeReleasesWorld();
  const { releases, services, memory } = world;
  const newer = { subject: version("1.2.0"), content: "same", commit: "c".repeat(40) };
  const { reconciled } = await runRelease(world, world.client(), { ...newer, build: "one" });
  const finished = webOf(reconciled.own?.manifest.services ?? []);
  // The other run has put its record, and has not yet seen that the version is finished.
  const { registry, host } = world.client();
  const other = await makeRelease(world, world.client(), { ...newer, build: "two" });
  for (const { name, images } of services) {
    const index = other.indexes.get(name);
    if (index !== undefined) await registry.putManifest(images[0], index.digest, index);
  }
  if (reconciled.own === undefined) expect.unreachable();
  const { raw } = await prepareRelease(registry, releases, { ...other, name: reconciled.own.name });
  await registry.putManifest(releases, "1.2.0", raw);

  await runRelease(world, world.client(), { subject: version("1.1.0"), content: "older" });
  expect(world.tagOf(web, "latest")).toBe(finished);
  expect(world.tagOf(web, "1")).toBe(finished);
  const status = await readStatus(host, registry, { releases, services });
  expect(status.tags.filter(({ wrong }) => wrong !== null)).toEqual([]);
  expect(memory.snapshot()["shop/releases"]?.tags["1.2.0"]).toBe(raw.digest);
});

test("a manifest that could not be read, or copied, in one round is read again in the next", async () => {
  const world = makeReleasesWorld();
  const { releases, services } = world;
  const { stored } = await commit(world, world.client());
  const blind = new Set<string>();
  const fetch: Host["fetch"] = async (input, init) => {
    const path = pathOf(input);
    const isRead = (init?.method ?? "GET") === "GET" && path.includes("/manifests/sha256:");
    if (isRead && path.includes("/shop/") && !path.includes("/releases/") && !blind.has(path)) {
      blind.add(path);
      return new Response(null, { status: 404 });
    }
    return world.memory.fetch(input, init);
  };
  const { host, registry, emit } = world.client({ fetch });
  const index = await readRecords(registry, releases);
  const targets = await decideTags(makeRecordReader(registry, releases, index), index, [stored.name.tag], services);
  const mover = makeTagMover(host, registry, new Map(), emit);
  const states = new Set((await (await mover.move(targets)).moves).map(({ state }) => state));
  expect([...states]).toEqual(["failed"]);
  for (let round = 1; round <= blind.size; round += 1) await (await mover.move(targets)).moves;
  const last = await (await mover.move(targets)).moves;
  expect(last.map(({ state, image, target }) => [image, target.tag, state])).toEqual(
    last.map(({ image, target }) => [image, target.tag, "already"]),
  );
});

test("a run takes the record of another one of its commit and inputs, where a service starts from one that each built", async () => {
  const world = makeReleasesWorld();
  const { releases, services } = world;
  const { host, registry, emit } = world.client();
  const makeRun = (build: string, content = "same"): ReturnType<typeof makeRelease> =>
    makeRelease(world, world.client(), {
      subject: version("1.1.0"),
      content,
      build,
      commit: "c".repeat(40),
      chain: { looks: true },
    });
  const first = await makeRun("one");
  // The second run began to build before the first one's image was there.
  const second = await makeRelease(world, world.client(), {
    subject: version("1.1.0"),
    content: "same",
    build: "two",
    commit: "c".repeat(40),
    chain: { looks: false, replaces: true },
  });
  const other = await makeRun("three", "other");
  const { stored } = await commitRelease(host, registry, { releases, services, ...first }, emit);
  const again = await commitRelease(host, registry, { releases, services, ...second }, emit);
  expect(again).toMatchObject({ already: true, stored: { raw: { digest: stored.raw.digest } } });
  await expect(commitRelease(host, registry, { releases, services, ...other }, emit)).rejects.toMatchObject({
    code: "refused",
  });
});

test("a tag of another record that this run put by an old list is put right, though others have finished that record since", async () => {
  const world = makeReleasesWorld();
  const { releases, services, memory } = world;
  await runRelease(world, world.client(), { subject: version("1.0.2"), content: "1.0.2" });
  const made = await makeRelease(world, world.client(), { subject: version("2.0.0"), content: "2.0.0" });
  const ours = world.client();
  const { stored } = await commitRelease(ours.host, ours.registry, { releases, services, ...made }, ours.emit);
  // A rollback that was cut off after its record was put.
  const record = {
    schemaVersion: 1,
    group: "default",
    to: "1.0.2",
    knew: ["1.0.2"],
    decidedAt: ours.host.now(),
  } as const;
  await putRollback(ours.registry, releases, "rollback.000001.49f0004c.1.0.2", record);
  let isListed = false;
  const fetch: Host["fetch"] = async (input, init) => {
    const response = await memory.fetch(input, init);
    if (isListed || !pathOf(input).endsWith("/shop/releases/tags/list")) return response;
    isListed = true;
    await runRelease(world, world.client(), { subject: version("1.1.1"), content: "1.1.1" });
    return response;
  };
  const { host, registry, emit } = world.client({ fetch });
  await reconcile(host, registry, { releases, services, own: stored }, emit);
  const newest = await readReleaseRecord(registry, releases, "1.1.1");
  expect(world.tagOf(web, "1")).toBe(webOf(newest?.manifest.services ?? []));
});

test("a tag that another unfinished record claims is read once more after the records were listed", async () => {
  const world = makeReleasesWorld();
  const { memory } = world;
  const same = { content: "same", commit: "c".repeat(40), build: "one" };
  await runRelease(world, world.client(), { ...same, subject: version("1.0.5") });
  const { stored } = await commit(world, world.client());
  const older = webOf(stored.manifest.services);
  let isMoved = false;
  let see = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    see = resolve;
  });
  const fetch: Host["fetch"] = async (input, init) => {
    const path = pathOf(input);
    const response = await memory.fetch(input, init);
    if (path.endsWith("/shop/web/manifests/latest")) see();
    if (isMoved || !path.endsWith("/shop/releases/tags/list")) return response;
    // The command of 1.0.0 listed the records before 1.0.5 was there, moves a tag, and is killed.
    await seen;
    isMoved = true;
    memory.setTag("shop/web", "latest", older);
    return response;
  };
  const { reconciled } = await runRelease(world, world.client({ fetch }), {
    ...same,
    subject: version("1.1.0"),
  });
  expect(isMoved).toBe(true);
  expect(reconciled.finished).toEqual(expect.arrayContaining(["1.0.0", "1.1.0"]));
  expect(world.tagOf(web, "latest")).toBe(webOf(reconciled.own?.manifest.services ?? []));
});
