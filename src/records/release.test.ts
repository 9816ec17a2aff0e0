import { expect, test } from "vitest";
import type { Digest } from "../model/digest.ts";
import type { ImageName } from "../model/reference.ts";
import { commitRelease } from "./commit.ts";
import { differencesBetween } from "./release-differences.ts";
import { promotedTag } from "./record-names.ts";
import { readLatest, readRecords, readReleaseRecord } from "./records.ts";
import { rollBackTo } from "./rollback.ts";
import { readStatus } from "./status.ts";
import {
  branch,
  makeRelease,
  makeReleasesWorld,
  runRelease,
  tagsOf,
  version,
  type ReleasesWorld,
} from "./testing/world.ts";
import { reconcile } from "./reconcile.ts";
import { imageName } from "../testing/image-name.ts";

const api = imageName("reg.test/shop/api");
const copy = imageName("reg.test/copies/api");
const web = imageName("reg.test/shop/web");

async function digestIn(world: ReleasesWorld, record: string, service = "web"): Promise<Digest | undefined> {
  const stored = await readReleaseRecord(world.client().registry, world.releases, record);
  return stored?.manifest.services.find((each) => each.service === service)?.digest;
}

/** The record that each moving tag of web points to, by content. */
async function tagsOfWeb(world: ReleasesWorld, records: readonly string[]): Promise<Record<string, string>> {
  const owners = new Map<Digest | undefined, string>();
  for (const record of records) owners.set(await digestIn(world, record), record);
  const tags = [...tagsOf(world.memory, web)].filter(([tag]) => !records.includes(tag) && !tag.startsWith("sha-"));
  return Object.fromEntries(tags.map(([tag, digest]): [string, string] => [tag, owners.get(digest) ?? digest]));
}

function at(world: ReleasesWorld, image: ImageName, tag: string): Digest {
  const digest = world.tagOf(image, tag);
  if (digest === undefined) throw new Error(`${image}:${tag} is not there`);
  return digest;
}

async function release(world: ReleasesWorld, text: string, content = text): Promise<void> {
  await runRelease(world, world.client(), { subject: version(text), content });
}

test("a release creates its version tag and sends its moving tags, under every image name", async () => {
  const world = makeReleasesWorld();
  const client = world.client();
  const { committed, reconciled } = await runRelease(world, client, { subject: version("1.2.0"), content: "a" });
  const [apiService, webService] = committed.stored.manifest.services;
  for (const tag of ["1.2.0", "1.2", "1", "latest"]) {
    expect(world.tagOf(api, tag)).toBe(apiService?.digest);
    expect(world.tagOf(copy, tag)).toBe(apiService?.digest);
    expect(world.tagOf(web, tag)).toBe(webService?.digest);
  }
  expect(reconciled.finished).toEqual(["1.2.0"]);
  expect([...tagsOf(world.memory, world.releases).keys()].sort()).toEqual(["1.2.0", promotedTag("1.2.0")]);
  expect(client.events.filter(({ kind }) => kind === "tag")).toHaveLength(12);
});

test("image names that have their own templates get their own tags, and a rollback sends back those", async () => {
  const world = makeReleasesWorld({ version: ["latest"], branch: [] });
  await release(world, "1.0.0");
  const { committed } = await runRelease(world, world.client(), { subject: version("1.1.0"), content: "b" });
  expect([...tagsOf(world.memory, api).keys()].sort()).toEqual(["1", "1.0", "1.0.0", "1.1", "1.1.0", "latest"]);
  expect([...tagsOf(world.memory, copy).keys()]).toEqual(["latest"]);
  const [released] = committed.stored.manifest.services;
  expect(released?.imageTags).toEqual({ [copy]: { version: [], moving: ["latest"] } });
  const stored = await readReleaseRecord(world.client().registry, world.releases, "1.1.0");
  expect(stored?.manifest.services).toEqual(committed.stored.manifest.services);

  const { host, registry, emit } = world.client();
  await rollBackTo(host, registry, { ...world, to: "1.0.0" }, emit);
  expect(at(world, copy, "latest")).toBe(await digestIn(world, "1.0.0", "api"));
  expect(at(world, api, "latest")).toBe(await digestIn(world, "1.0.0", "api"));
  const status = await readStatus(host, registry, world);
  expect(status.tags.filter(({ image }) => image === copy).map(({ tag, wrong }) => [tag, wrong])).toEqual([
    ["latest", null],
  ]);
});

test("a name that an older release gave a tag keeps that release's image when newer ones give it there no more", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  const narrowed = { ...world, services: makeReleasesWorld({ version: ["{version}"], branch: [] }).services };
  await release(narrowed, "1.1.0");
  expect(at(world, copy, "latest")).toBe(await digestIn(world, "1.0.0", "api"));
  expect(at(world, api, "latest")).toBe(await digestIn(world, "1.1.0", "api"));
});

test("one GET reads a record, and it is an OCI artifact that says what it is", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.2.0");
  const { registry } = world.client();
  const raw = await registry.getManifest(world.releases, "1.2.0");
  expect(JSON.parse(new TextDecoder().decode(raw?.bytes))).toMatchObject({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType: "application/vnd.slipway.release.v1+json",
    config: { mediaType: "application/vnd.oci.empty.v1+json" },
    annotations: {
      "org.opencontainers.image.version": "1.2.0",
      "org.opencontainers.image.source": "https://example.test/shop",
    },
  });
  world.memory.clearLog();
  expect((await readReleaseRecord(registry, world.releases, "1.2.0"))?.manifest.subject).toEqual(version("1.2.0"));
  expect(world.memory.log).toHaveLength(1);
});

test("the same content again is no new release, and puts what somebody moved back where it belongs", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.2.0");
  const before = world.tagOf(web, "latest");
  world.memory.setTag("shop/web", "latest", at(world, api, "latest"));
  const again = await runRelease(world, world.client(), { subject: version("1.2.0"), content: "1.2.0" });
  expect(again.committed.already).toBe(true);
  expect(world.tagOf(web, "latest")).toBe(before);
});

test("a version that exists with other content is refused, service by service, and nothing moves", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.2.0");
  const before = world.memory.snapshot();
  await expect(release(world, "1.2.0", "other")).rejects.toMatchObject({
    code: "refused",
    message: expect.stringMatching(
      /version 1\.2\.0 exists with other content .*\n {2}api: it has sha256:.*\n {2}web: it has sha256:/,
    ),
    hint: expect.stringContaining("next version"),
  });
  expect(tagsOf(world.memory, web)).toEqual(new Map(Object.entries(before["shop/web"]?.tags ?? {})));
});

test("a run of the same commit and inputs that comes second goes on with the release of the first, whatever digests it built", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.2.0");
  const client = world.client();
  const [first, second] = await Promise.all(
    ["1.2.0", "built again"].map((content) => makeRelease(world, client, { subject: version("1.2.0"), content })),
  );
  if (first === undefined || second === undefined) throw new Error("two were made");
  const inputsOf = new Map(
    first.manifest.services.map(({ service, platforms }) => [service, platforms[0]?.fingerprint]),
  );
  const services = second.manifest.services.map((each) => ({
    ...each,
    platforms: each.platforms.map((on) => ({ ...on, fingerprint: inputsOf.get(each.service) ?? on.fingerprint })),
  }));
  const commit = (of: Partial<typeof first.manifest>): ReturnType<typeof commitRelease> =>
    commitRelease(
      client.host,
      client.registry,
      {
        releases: world.releases,
        services: world.services,
        manifest: { ...second.manifest, ...of },
        indexes: second.indexes,
      },
      client.emit,
    );
  await expect(commit({ services })).rejects.toMatchObject({ code: "refused" });
  const { already, stored } = await commit({ services, commit: first.manifest.commit });
  expect(already).toBe(true);
  expect(stored.manifest.services.map(({ digest }) => digest)).toEqual([
    at(world, api, "1.2.0"),
    at(world, web, "1.2.0"),
  ]);
});

test("a version tag that somebody else pushed is refused before anything is committed, also under a further image name", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  world.memory.setTag("copies/api", "1.2.0", at(world, copy, "1.0.0"));
  await expect(release(world, "1.2.0")).rejects.toThrow(/api: reg\.test\/copies\/api:1\.2\.0 is sha256:/);
  expect([...tagsOf(world.memory, world.releases).keys()]).not.toContain("1.2.0");
  expect(await tagsOfWeb(world, ["1.0.0"])).toEqual({ "1.0": "1.0.0", "1": "1.0.0", latest: "1.0.0" });
});

test("an image that is not whole is refused before anything is committed", async () => {
  const world = makeReleasesWorld();
  const client = world.client();
  const made = await makeRelease(world, client, { subject: version("1.0.0"), content: "a" });
  const child = made.manifest.services[1]?.platforms[0]?.digest;
  if (child !== undefined) world.memory.deleteManifest("shop/web", child);
  await expect(
    commitRelease(
      client.host,
      client.registry,
      { releases: world.releases, services: world.services, ...made },
      client.emit,
    ),
  ).rejects.toMatchObject({ code: "refused", message: expect.stringContaining("web is not whole") });
  expect(tagsOf(world.memory, world.releases).size).toBe(0);
});

test("releases 1.2.1 and 2.0.0 at once: whichever order their requests come in, each line ends at its newest", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.2.0");
  await Promise.all([release(world, "2.0.0"), release(world, "1.2.1")]);
  expect(await tagsOfWeb(world, ["1.2.0", "1.2.1", "2.0.0"])).toEqual({
    "1.2": "1.2.1",
    "1": "1.2.1",
    "2.0": "2.0.0",
    "2": "2.0.0",
    latest: "2.0.0",
  });
});

test("an older branch commit that wakes up late is committed and moves nothing backwards", async () => {
  const world = makeReleasesWorld();
  const newer = await runRelease(world, world.client(), { subject: branch("main", 12), content: "new" });
  const client = world.client();
  const older = await runRelease(world, client, { subject: branch("main", 11), content: "old" });
  const record = newer.committed.stored.name.tag;
  expect(world.tagOf(web, "main")).toBe(await digestIn(world, record));
  expect(world.tagOf(web, `sha-${older.committed.stored.manifest.commit.slice(0, 7)}`)).toBe(
    await digestIn(world, older.committed.stored.name.tag),
  );
  expect(client.events).toContainEqual(
    expect.objectContaining({ kind: "tag", image: web, tag: "main", state: "stays", because: `${record} is newer` }),
  );
});

test("a rollback moves what its target gives; a re-run of the release it undid does not undo it; the next release ends it", async () => {
  const world = makeReleasesWorld();
  const all = ["1.1.0", "1.2.0", "2.0.0"];
  for (const text of all) await release(world, text);
  const client = world.client();
  const back = await rollBackTo(
    client.host,
    client.registry,
    { releases: world.releases, services: world.services, to: "v1.1.0" },
    client.emit,
  );
  const rolledBack = { "1.1": "1.1.0", "1.2": "1.2.0", "1": "1.1.0", "2.0": "2.0.0", "2": "2.0.0", latest: "1.1.0" };
  expect(await tagsOfWeb(world, all)).toEqual(rolledBack);
  expect(back.moves.filter(({ image }) => image === web).map(({ target, state }) => [target.tag, state])).toEqual([
    ["1.1", "already"],
    ["1", "moved"],
    ["latest", "moved"],
  ]);
  for (const text of all) await release(world, text);
  expect(await tagsOfWeb(world, all)).toEqual(rolledBack);
  await release(world, "1.2.1");
  expect(await tagsOfWeb(world, [...all, "1.2.1"])).toEqual({ ...rolledBack, "1.2": "1.2.1", "1": "1.2.1" });
  await release(world, "2.0.1");
  expect(await tagsOfWeb(world, [...all, "1.2.1", "2.0.1"])).toMatchObject({
    latest: "2.0.1",
    "2": "2.0.1",
    "1": "1.2.1",
  });
});

test("a dry run of a rollback says what would move and writes nothing; said twice it is recorded once", async () => {
  const world = makeReleasesWorld();
  for (const text of ["1.1.0", "1.2.0"]) await release(world, text);
  const client = world.client();
  const request = { releases: world.releases, services: world.services, to: "1.1.0" };
  const before = world.memory.snapshot();
  const dry = await rollBackTo(client.host, client.registry, { ...request, dryRun: true }, client.emit);
  expect(
    dry.moves
      .filter(({ state }) => state === "moved")
      .map(({ image, target }) => `${image}:${target.tag}`)
      .sort(),
  ).toEqual([api, copy, web].flatMap((image) => [`${image}:1`, `${image}:latest`]).sort());
  expect(world.memory.snapshot()).toEqual(before);
  const first = await rollBackTo(client.host, client.registry, request, client.emit);
  const second = await rollBackTo(client.host, client.registry, request, client.emit);
  expect(second).toMatchObject({ already: true, record: first.record });
  expect((await readRecords(client.registry, world.releases)).rollbacks).toHaveLength(1);
});

test("a rollback to what is no release names the nearest ones, and one to a pre-release is refused", async () => {
  const world = makeReleasesWorld();
  for (const text of ["1.1.0", "1.2.0", "2.0.0-rc.1"]) await release(world, text);
  const client = world.client();
  const back = (to: string): Promise<unknown> =>
    rollBackTo(client.host, client.registry, { releases: world.releases, services: world.services, to }, client.emit);
  await expect(back("1.3.0")).rejects.toMatchObject({ code: "usage", hint: expect.stringContaining("1.2.0") });
  await expect(back("2.0.0-rc.1")).rejects.toMatchObject({ code: "refused" });
});

test.each(["index", "image"] as const)(
  "a rollback to a release whose %s is gone is refused before anything is recorded, and names what is missing and the ways out",
  async (what) => {
    const world = makeReleasesWorld();
    for (const text of ["1.1.0", "1.2.0"]) await release(world, text);
    const client = world.client();
    const { releases, services } = world;
    const stored = await readReleaseRecord(client.registry, releases, "1.1.0");
    const lost = stored?.manifest.services.find(({ service }) => service === "web");
    const digest = what === "index" ? lost?.digest : lost?.platforms[0]?.digest;
    if (digest === undefined) throw new Error("web was released");
    world.memory.deleteManifest("shop/web", digest);
    const before = world.memory.snapshot();
    for (const dryRun of [true, false]) {
      await expect(
        rollBackTo(client.host, client.registry, { releases, services, to: "1.1.0", dryRun }, client.emit),
      ).rejects.toMatchObject({
        code: "refused",
        message: `images of release 1.1.0 are not whole in the registry; no tag was moved:\n  web: ${web}@${digest} is not there`,
        hint: expect.stringContaining("`slipway release VERSION --force web`"),
      });
    }
    expect(world.memory.snapshot()).toEqual(before);
  },
);

test("a branch's commit can be rolled back to by its digits", async () => {
  const world = makeReleasesWorld();
  const first = await runRelease(world, world.client(), { subject: branch("main", 1), content: "one" });
  await runRelease(world, world.client(), { subject: branch("main", 2), content: "two" });
  const client = world.client();
  const to = first.committed.stored.manifest.commit.slice(0, 9);
  await rollBackTo(
    client.host,
    client.registry,
    { releases: world.releases, services: world.services, to },
    client.emit,
  );
  expect(world.tagOf(web, "main")).toBe(await digestIn(world, first.committed.stored.name.tag));
});

test("status shows what another command left unfinished, and the next release finishes it", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  const client = world.client();
  const made = await makeRelease(world, client, { subject: version("1.1.0"), content: "1.1.0" });
  await commitRelease(
    client.host,
    client.registry,
    { releases: world.releases, services: world.services, ...made },
    client.emit,
  );
  const request = { releases: world.releases, services: world.services };
  const before = await readStatus(client.host, client.registry, request);
  expect(before.unfinished).toEqual(["1.1.0"]);
  expect(before.releases.map(({ record, isFinished }) => [record, isFinished])).toContainEqual(["1.1.0", false]);
  expect(before.tags.find(({ image, tag }) => image === web && tag === "1.1.0")?.wrong).toBe(
    "is not there, belongs to 1.1.0",
  );
  expect(before.tags.find(({ image, tag }) => image === web && tag === "latest")?.wrong).toMatch(
    /^is at sha256:.* belongs to 1\.1\.0$/,
  );
  await release(world, "0.9.0");
  const after = await readStatus(client.host, client.registry, request);
  expect(after.unfinished).toEqual([]);
  expect(after.tags.filter(({ wrong }) => wrong !== null)).toEqual([]);
  expect(await tagsOfWeb(world, ["0.9.0", "1.0.0", "1.1.0"])).toMatchObject({
    latest: "1.1.0",
    "1": "1.1.0",
    "0.9": "0.9.0",
  });
});

test("status reads a hundred of a hundred thousand unfinished records, and lists them all", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  const record = world.tagOf(world.releases, "1.0.0");
  if (record === undefined) throw new Error("nothing was released");
  for (let at = 0; at < 100_000; at += 1) world.memory.setTag("shop/releases", `0.0.${at}`, record);
  world.memory.clearLog();
  const { host, registry } = world.client();
  const status = await readStatus(host, registry, { releases: world.releases, services: world.services });
  expect(status.unfinished).toHaveLength(100_000);
  expect(world.memory.count({ repository: "shop/releases", kind: "manifest" })).toBeLessThan(250);
  expect(world.memory.count({ repository: "shop/releases", kind: "tags" })).toBe(101);
});

test("another release whose images are gone does not stop this one; it stays unfinished and is told", async () => {
  const world = makeReleasesWorld();
  const client = world.client();
  const made = await makeRelease(world, client, { subject: version("1.0.0"), content: "gone" });
  const { stored } = await commitRelease(
    client.host,
    client.registry,
    { releases: world.releases, services: world.services, ...made },
    client.emit,
  );
  const lost = stored.manifest.services.find(({ service }) => service === "web");
  if (lost !== undefined) world.memory.deleteManifest("shop/web", lost.digest);
  const later = world.client();
  const { reconciled } = await runRelease(world, later, { subject: version("1.1.0"), content: "1.1.0" });
  expect(reconciled.finished).toEqual(["1.1.0"]);
  expect(reconciled.unfinished.map(({ record }) => record)).toEqual(["1.0.0"]);
  expect(later.events).toContainEqual(
    expect.objectContaining({
      kind: "warning",
      message: expect.stringMatching(/release 1\.0\.0 is still unfinished: .*is gone/),
    }),
  );
  expect(await tagsOfWeb(world, ["1.1.0"])).toMatchObject({ latest: "1.1.0" });
});

test("a registry that answers as before for a while after a PUT is believed in the end", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0");
  world.memory.setFaults((request) =>
    request.method === "PUT" && request.kind === "manifest" ? { kind: "stale", reads: 3 } : undefined,
  );
  await release(world, "1.1.0");
  world.memory.setFaults((request) =>
    request.method === "PUT" && request.kind === "manifest" ? { kind: "stale", reads: 1000 } : undefined,
  );
  const { committed } = await runRelease(world, world.client(), { subject: version("1.2.0"), content: "1.2.0" });
  const digest = committed.stored.manifest.services.find(({ service }) => service === "web")?.digest;
  expect([world.tagOf(web, "latest"), world.tagOf(web, "1"), world.tagOf(web, "1.2")]).toEqual([
    digest,
    digest,
    digest,
  ]);
  expect(world.tagOf(web, "1.1")).toBe(await digestIn(world, "1.1.0"));
});

test("a release moves its own group's services only", async () => {
  const tags = { version: ["{version}", "latest"], branch: [] };
  const base = makeReleasesWorld();
  const services = base.services.map((service) => ({ ...service, group: service.name, tags }));
  const world: ReleasesWorld = { ...base, services };
  const client = world.client();
  await runRelease(world, client, { subject: version("1.0.0"), content: "api", group: "api", services: ["api"] });
  await runRelease(world, client, { subject: version("5.0.0"), content: "web", group: "web", services: ["web"] });
  await runRelease(world, client, { subject: version("1.1.0"), content: "api2", group: "api", services: ["api"] });
  expect(world.tagOf(api, "latest")).toBe(await digestIn(world, "api.v1.1.0", "api"));
  expect(world.tagOf(web, "latest")).toBe(await digestIn(world, "web.v5.0.0"));
  const records = await readRecords(client.registry, world.releases);
  const read = (tag: string) => readReleaseRecord(client.registry, world.releases, tag);
  const latest = await readLatest(read, records, { group: "api" });
  expect(latest?.name.tag).toBe("api.v1.1.0");
});

test("a promotion of nothing new asks for no manifest, and for each tag once before and once after", async () => {
  const world = makeReleasesWorld();
  await release(world, "1.0.0", "same");
  const client = world.client();
  const made = await makeRelease(world, client, { subject: version("1.0.1"), content: "same" });
  const { stored, manifests } = await commitRelease(
    client.host,
    client.registry,
    { releases: world.releases, services: world.services, ...made },
    client.emit,
  );
  world.memory.clearLog();
  await reconcile(
    client.host,
    client.registry,
    { releases: world.releases, services: world.services, own: stored, manifests },
    client.emit,
  );
  const counts = ["GET", "HEAD", "PUT"].map((method) => [method, world.memory.count({ method })]);
  // Three places; 1.0.1 is created, the moving tags are there already; HEADs also see to the copy (index and image) and, twice, the record itself.
  expect(Object.fromEntries(counts)).toEqual({ GET: 2, HEAD: 3 * 4 + 3 + 2 + 2, PUT: 3 + 1 });
});

test("what two releases ship differently is said by name", async () => {
  const world = makeReleasesWorld();
  const client = world.client();
  const { manifest } = await makeRelease(world, client, { subject: version("1.0.0"), content: "a" });
  const other = await makeRelease(world, client, { subject: version("1.0.0"), content: "a", services: ["web"] });
  expect(
    differencesBetween(manifest, { ...manifest, releasedAt: "2027-01-01T00:00:00.000Z", commit: "other" }),
  ).toEqual([]);
  expect(differencesBetween(manifest, other.manifest)).toEqual([
    expect.stringMatching(/^api: it was part of it, with sha256:/),
  ]);
  expect(differencesBetween(other.manifest, manifest)).toEqual(["api: it was not part of it"]);
});
