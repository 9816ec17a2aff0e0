import { expect, test } from "vitest";
import type { Digest } from "../model/digest.ts";
import type { ReleaseSubject } from "../model/release.ts";
import { abandonRelease } from "./abandon.ts";
import { commitRelease } from "./commit.ts";
import { readRecords } from "./records.ts";
import { rollBackTo } from "./rollback.ts";
import { readStatus } from "./status.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeScheduler } from "./testing/runs.ts";
import {
  branch,
  type Client,
  makeRelease,
  makeReleasesWorld,
  pushImage,
  runRelease,
  tagsOf,
  version,
  type ReleasesWorld,
} from "./testing/world.ts";
import { imageName } from "../testing/image-name.ts";

const web = imageName("reg.test/shop/web");

function release(world: ReleasesWorld, text: string, client = world.client()): ReturnType<typeof runRelease> {
  return runRelease(world, client, { subject: version(text), content: text });
}

function putAside(
  world: ReleasesWorld,
  text: string,
  client = world.client(),
  dryRun = false,
): ReturnType<typeof abandonRelease> {
  const { releases, services } = world;
  return abandonRelease(client.host, client.registry, { releases, services, release: text, dryRun }, client.emit);
}

function statusOf(world: ReleasesWorld): ReturnType<typeof readStatus> {
  const { host, registry } = world.client();
  return readStatus(host, registry, { releases: world.releases, services: world.services });
}

function warningsOf({ events }: Client): string[] {
  return events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
}

/** 1.0.0 is released; 1.0.1 is committed, and one of its version tags holds the image of somebody else. */
async function makeSpoilt(): Promise<{ world: ReleasesWorld; strange: Digest }> {
  const world = makeReleasesWorld();
  const { committed } = await release(world, "1.0.0");
  const client = world.client();
  const made = await makeRelease(world, client, { subject: version("1.0.1"), content: "1.0.1" });
  const { releases, services } = world;
  await commitRelease(client.host, client.registry, { releases, services, ...made }, client.emit);
  const strange = committed.stored.manifest.services.find(({ service }) => service === "web")?.digest;
  if (strange === undefined) throw new Error("web was released");
  world.memory.setTag("shop/web", "1.0.1", strange);
  return { world, strange };
}

test("a version whose tag holds another image is spoilt: status says so, and a later release says the way out in one line", async () => {
  const { world } = await makeSpoilt();
  const status = await statusOf(world);
  expect(status.spoilt).toEqual(["1.0.1"]);
  expect(status.releases.map(({ record, state }) => [record, state])).toContainEqual(["1.0.1", "spoilt"]);
  const later = world.client();
  await release(world, "0.9.0", later);
  expect(warningsOf(later)).toEqual([
    expect.stringMatching(
      /^release 1\.0\.1 is spoilt: web: reg\.test\/shop\/web:1\.0\.1 is sha256:.*; `slipway abandon 1\.0\.1` puts it aside$/,
    ),
  ]);
  expect(later.events.filter((event) => event.kind === "tag" && event.state === "failed")).toEqual([]);
});

test("abandoning sends moving tags where they belong without the release, deletes nothing, and is silent from then on", async () => {
  const { world, strange } = await makeSpoilt();
  await expect(release(world, "1.0.1")).rejects.toMatchObject({ code: "refused" });
  world.memory.setTag("shop/web", "latest", strange);
  const before = tagsOf(world.memory, world.releases);
  const dry = await putAside(world, "1.0.1", world.client(), true);
  expect([dry.record, tagsOf(world.memory, world.releases)]).toEqual([undefined, before]);
  const done = await putAside(world, "1.0.1");
  expect(done.moves.map(({ target }) => target.release.tag)).toEqual(done.moves.map(() => "1.0.0"));
  expect(done.left).toEqual(["reg.test/copies/api:1.0.1", "reg.test/shop/api:1.0.1", "reg.test/shop/web:1.0.1"]);
  for (const tag of ["1", "1.0", "latest"]) expect(world.tagOf(web, tag)).toBe(strange);
  const records = tagsOf(world.memory, world.releases);
  for (const [tag, digest] of before) expect(records.get(tag)).toBe(digest);
  const status = await statusOf(world);
  expect([status.spoilt, status.unfinished]).toEqual([[], []]);
  expect(status.abandonments.map((each) => each.release)).toEqual(["1.0.1"]);
  expect(status.releases.map(({ record, state }) => [record, state])).toContainEqual(["1.0.1", "abandoned"]);
  const later = world.client();
  await release(world, "1.0.2", later);
  expect(warningsOf(later)).toEqual([]);
  expect(await putAside(world, "1.0.1")).toMatchObject({ already: true, record: done.record });
});

test("what was abandoned is not rolled back to, and a rollback that held it holds nothing", async () => {
  const { world, strange } = await makeSpoilt();
  const client = world.client();
  const request = { releases: world.releases, services: world.services, to: "1.0.1" };
  // The version tag is put right, so that the release can be rolled back to.
  world.memory.setTag("shop/web", "1.0.1", strange);
  await rollBackTo(client.host, client.registry, request, client.emit);
  await putAside(world, "1.0.1");
  expect(world.tagOf(web, "latest")).toBe(strange);
  await expect(rollBackTo(client.host, client.registry, request, client.emit)).rejects.toMatchObject({
    code: "refused",
    message: "release 1.0.1 was abandoned",
  });
});

/** Records that are committed and spoilt: web's version tags hold something else, so that each may be abandoned. */
async function commitSpoilt(
  subjects: readonly { readonly subject: ReleaseSubject; readonly group?: string }[],
): Promise<ReleasesWorld> {
  const world = makeReleasesWorld();
  const { releases, services } = world;
  const strange = await pushImage(world.client().registry, web, "strange");
  const places: string[] = [];
  for (const each of subjects) {
    const client = world.client();
    const made = await makeRelease(world, client, { ...each, content: "one" });
    const { stored } = await commitRelease(client.host, client.registry, { releases, services, ...made }, client.emit);
    places.push(...stored.manifest.services.flatMap(({ service, tags }) => (service === "web" ? tags.version : [])));
  }
  for (const tag of places) world.memory.setTag("shop/web", tag, strange.digest);
  return world;
}

function abandonIn(world: ReleasesWorld, name: string, group?: string): ReturnType<typeof abandonRelease> {
  const { releases, services } = world;
  const { host, registry, emit } = world.client();
  return abandonRelease(
    host,
    registry,
    { releases, services, release: name, ...(group === undefined ? {} : { group }) },
    emit,
  );
}

test("an abandonment is repeated by whatever name it was made: version, group, record, commit", async () => {
  const world = await commitSpoilt([
    { subject: version("1.2.0"), group: "api" },
    { subject: version("1.3.0") },
    { subject: branch("main", 4) },
  ]);
  const { releases } = await readRecords(world.client().registry, world.releases);
  const sha = releases.flatMap((name) => (name.kind === "branch" ? [name.sha] : []))[0] ?? "";
  const names: readonly (readonly [string, string?])[] = [
    ["1.2.0", "api"],
    ["v1.2.0", "api"],
    ["1.2.0"],
    ["api.v1.2.0"],
    ["v1.3.0", "default"],
    ["1.3.0"],
    [sha],
    [sha.slice(0, 7), "default"],
    [`sha-${sha}`],
  ];
  const seen = new Set<string>();
  for (const [name, group] of names) {
    const done = await abandonIn(world, name, group);
    expect([name, done.already]).toEqual([name, seen.has(done.release.name.tag)]);
    seen.add(done.release.name.tag);
    const { services } = world;
    const request = { releases: world.releases, services, to: name, ...(group === undefined ? {} : { group }) };
    const { host, registry, emit } = world.client();
    await expect(rollBackTo(host, registry, request, emit)).rejects.toMatchObject({
      code: "refused",
      message: `release ${name} was abandoned`,
    });
  }
  expect(seen.size).toBe(3);
});

test("a version of two groups is abandoned only with the group, whether one of the two was abandoned before or not", async () => {
  const world = await commitSpoilt([{ subject: version("1.2.0") }, { subject: version("1.2.0"), group: "api" }]);
  const isInDoubt = async (): Promise<void> =>
    expect(abandonIn(world, "1.2.0")).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/more than one line: (1\.2\.0, api\.v1\.2\.0|api\.v1\.2\.0, 1\.2\.0)$/),
    });
  await isInDoubt();
  expect(await abandonIn(world, "1.2.0", "default")).toMatchObject({
    already: false,
    release: { name: { tag: "1.2.0" } },
  });
  await isInDoubt();
  expect(await abandonIn(world, "1.2.0", "api")).toMatchObject({
    already: false,
    release: { name: { tag: "api.v1.2.0" } },
  });
  await isInDoubt();
  expect(await abandonIn(world, "1.2.0", "default")).toMatchObject({ already: true });
});

test("the target of a rollback is not abandoned while tags would go forward without it, and is once they have somewhere else to go", async () => {
  const { world } = await makeSpoilt();
  const { releases, services } = world;
  await release(world, "1.0.2");
  const back = async (to: string): Promise<void> => {
    const { host, registry, emit } = world.client();
    await rollBackTo(host, registry, { releases, services, to }, emit);
  };
  await back("1.0.1");
  const before = world.memory.snapshot();
  for (const isDry of [true, false]) {
    await expect(putAside(world, "1.0.1", world.client(), isDry)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(
        /^a rollback holds tags at 1\.0\.1; (.|\n)*\n {2}reg\.test\/shop\/web:latest would go to 1\.0\.2 \(held by rollback\.000001\./,
      ),
      hint: expect.stringContaining("slipway rollback"),
    });
  }
  expect(world.memory.snapshot()).toEqual(before);
  await back("1.0.0");
  await putAside(world, "1.0.1");
  expect(world.tagOf(web, "latest")).toBe(world.tagOf(web, "1.0.0"));
  // Said again, it is repeated, whatever holds by now.
  expect(await putAside(world, "1.0.1")).toMatchObject({ already: true });
});

test("the target of a rollback is abandoned when a newer release has ended the rollback", async () => {
  const { world } = await makeSpoilt();
  const { releases, services } = world;
  await release(world, "1.0.2");
  const { host, registry, emit } = world.client();
  await rollBackTo(host, registry, { releases, services, to: "1.0.1" }, emit);
  await release(world, "1.0.3");
  await putAside(world, "1.0.1");
  expect(world.tagOf(web, "latest")).toBe(world.tagOf(web, "1.0.3"));
});

test("a release that is finished and in place is not abandoned, and neither is what is no release", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  await expect(putAside(world, "1.0.0")).rejects.toMatchObject({
    code: "refused",
    hint: expect.stringContaining("slipway rollback"),
  });
  await expect(putAside(world, "1.0.5")).rejects.toMatchObject({ code: "usage" });
  expect((await readRecords(world.client().registry, world.releases)).abandonments).toEqual([]);
});

test("a release whose images are gone can be abandoned, and a later release then says nothing of it", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  const client = world.client();
  const made = await makeRelease(world, client, { subject: version("1.0.1"), content: "gone" });
  const { releases, services } = world;
  const { stored } = await commitRelease(client.host, client.registry, { releases, services, ...made }, client.emit);
  const lost = stored.manifest.services.find(({ service }) => service === "web");
  if (lost !== undefined) world.memory.deleteManifest("shop/web", lost.digest);
  const noisy = world.client();
  await release(world, "1.0.2", noisy);
  expect(warningsOf(noisy)).toEqual([expect.stringMatching(/release 1\.0\.1 .*is gone.*`slipway abandon 1\.0\.1`/)]);
  await putAside(world, "1.0.1");
  const quiet = world.client();
  await release(world, "1.0.3", quiet);
  expect(warningsOf(quiet)).toEqual([]);
});

test("abandoning that is killed at any of its requests is finished by the next release", async () => {
  for (let atRequest = 1; ; atRequest += 1) {
    const { world, strange } = await makeSpoilt();
    await release(world, "1.0.1").catch(() => undefined);
    world.memory.setTag("shop/web", "latest", world.tagOf(web, "1.0.1") ?? strange);
    const scheduler = makeScheduler(world.memory, () => 0.5);
    const kill = { atRequest, isCarriedOut: atRequest % 2 === 0 };
    const [end] = await scheduler.runAll([(run) => putAside(world, "1.0.1", world.client(run))], [kill]);
    if (end?.status === "fulfilled") break;
    expect(end?.reason).toMatchObject({ message: expect.stringContaining("this run was killed") });
    const isRecorded = (await readRecords(world.client().registry, world.releases)).abandonments.length === 1;
    await release(world, "0.9.0");
    const status = await statusOf(world);
    expect([status.unfinished, status.spoilt]).toEqual(isRecorded ? [[], []] : [["1.0.1"], ["1.0.1"]]);
    if (isRecorded) expect(world.tagOf(web, "latest")).toBe(strange);
  }
});

test("a release that is abandoned while another run finishes it ends one way or the other, in any order of their requests", async () => {
  const ends = new Set<boolean>();
  for (let order = 1; order <= 40; order += 1) {
    const world = makeReleasesWorld();
    await release(world, "1.0.0");
    const old = world.tagOf(web, "1.0.0");
    const client = world.client();
    const made = await makeRelease(world, client, { subject: version("1.0.1"), content: "1.0.1" });
    const { releases, services } = world;
    await commitRelease(client.host, client.registry, { releases, services, ...made }, client.emit);
    const host = makeTestHost({ seed: order });
    const scheduler = makeScheduler(world.memory, () => host.random());
    const results = await scheduler.runAll<unknown>([
      (run) => release(world, "1.0.1", world.client(run)),
      (run) => putAside(world, "1.0.1", world.client(run)),
    ]);
    for (const each of results) if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "refused" });
    const status = await statusOf(world);
    const isAbandoned = status.abandonments.length > 0;
    ends.add(isAbandoned);
    expect(results[1]?.status).toBe(isAbandoned ? "fulfilled" : "rejected");
    expect(status.unfinished).toEqual([]);
    expect(world.tagOf(web, "latest") === old).toBe(isAbandoned);
  }
  expect(ends).toContain(true);
});
