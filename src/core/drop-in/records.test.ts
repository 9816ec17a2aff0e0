import { expect, test } from "vitest";
import { makeRawManifest } from "../../images/artifact.ts";
import { mediaType } from "../../model/oci.ts";
import { readContent } from "../../registry/content.ts";
import { imageName } from "../../testing/image-name.ts";
import { recordPushed } from "./record-pushed.ts";
import { type DropInWorld, makeDropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const push = ["--push", "-t", `${image}:1`, "."];

const main = { event: "push", ref: "refs/heads/main" };
const feature = { event: "push", ref: "refs/heads/feature" };
const other = { event: "push", ref: "refs/heads/other" };
const version = { event: "push", ref: "refs/tags/v1.2.0" };
const pullRequest = { event: "pull_request", ref: "refs/pull/5/merge" };
const fork = { event: "pull_request_target", ref: "refs/heads/main" };
const comment = { event: "issue_comment", ref: "refs/heads/main" };

interface TestRun {
  readonly event: string;
  readonly ref: string;
}

function runAs(world: DropInWorld, { event, ref }: TestRun): ReturnType<DropInWorld["run"]> {
  world.env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: event, GITHUB_REF: ref, GITHUB_REPOSITORY: "acme/shop" };
  return world.run(push);
}

const recordsOf = (world: DropInWorld): string[] =>
  Object.keys(world.tags("shop/api")).filter((tag) => tag.startsWith("fp-"));

test.each<[string, TestRun, string, TestRun, "reused" | "built"]>([
  ["the default branch", main, "the default branch", main, "reused"],
  ["the default branch", main, "another branch", feature, "reused"],
  ["the default branch", main, "a version", version, "reused"],
  ["the default branch", main, "a pull request", pullRequest, "reused"],
  ["the default branch", main, "a comment's run", comment, "reused"],
  ["a version", version, "the default branch", main, "reused"],
  ["a branch", feature, "the same branch", feature, "reused"],
  ["a branch", feature, "the default branch", main, "built"],
  ["a branch", feature, "another branch", other, "built"],
  ["a branch", feature, "a version", version, "built"],
  ["a branch", feature, "a pull request", pullRequest, "built"],
  ["a pull request", pullRequest, "the default branch", main, "built"],
  ["a pull request", pullRequest, "the same pull request", pullRequest, "built"],
  ["a fork with trunk's rights", fork, "the default branch", main, "built"],
  ["a comment's run", comment, "the default branch", main, "built"],
])("what %s built, with the run %o, is for %s with the run %o: %s", async (_writer, writes, _reader, reads, kind) => {
  const world = makeDropInWorld();
  await runAs(world, writes);
  expect((await runAs(world, reads)).kind).toBe(kind);
});

test("a pull request writes no record, and one that reads the shared ones writes nothing but its tags", async () => {
  const world = makeDropInWorld();
  await runAs(world, pullRequest);
  expect(recordsOf(world)).toEqual([]);
  await runAs(world, main);
  const before = recordsOf(world);
  world.memory.clearLog();
  expect((await runAs(world, pullRequest)).kind).toBe("reused");
  expect(world.memory.count({ method: "PUT" }) + world.memory.count({ method: "POST" })).toBe(0);
  expect(recordsOf(world)).toEqual(before);
});

test("a record that lies under the tag of another set is not used, and is named", async () => {
  const world = makeDropInWorld();
  await runAs(world, feature);
  const [own = ""] = recordsOf(world).filter((tag) => !tag.startsWith("fp-last-"));
  const { fingerprint } = await runAs(world, pullRequest);
  // What a run of the branch could push by hand: its record, where the default branch looks.
  const shared = `fp-${(fingerprint ?? "").slice("sha256:".length, "sha256:".length + 32)}`;
  expect(own).not.toBe(shared);
  world.memory.setTag("shop/api", shared, world.tags("shop/api")[own] as never);
  world.events.length = 0;
  expect((await runAs(world, main)).kind).toBe("built");
  expect(world.events).toContainEqual({
    kind: "warning",
    message: `${image}:${shared} does not match its tag and is not used`,
  });
});

test("a record of other inputs, a manifest of another kind and an index are no records", async () => {
  const world = makeDropInWorld();
  await runAs(world, main);
  const [tag = ""] = recordsOf(world).filter((each) => !each.startsWith("fp-last-"));
  const registry = world.registry();
  const name = imageName(image);
  const good = await registry.getManifest(name, tag);
  const { annotations = {}, ...rest } = JSON.parse(new TextDecoder().decode(good?.bytes)) as {
    annotations?: Record<string, string>;
    mediaType: string;
  };
  const otherDigest = `sha256:${"0".repeat(64)}`;
  const bad = [
    { ...rest, annotations: { ...annotations, "dev.slipway.fingerprint": otherDigest } },
    { ...rest, annotations: { ...annotations, "dev.slipway.digest": "latest" } },
    { ...rest, annotations: { ...annotations, "dev.slipway.image": "NOT AN IMAGE" } },
    { ...rest, annotations: { ...annotations, "dev.slipway.record-set": "refs/heads/feature" } },
    { ...rest, annotations, artifactType: "application/vnd.example+json" },
    { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [], annotations },
  ];
  for (const manifest of bad) {
    const raw = makeRawManifest(manifest);
    expect(readContent(raw.bytes)).toBeDefined();
    await registry.putManifest(name, tag, raw);
    expect((await runAs(world, main)).kind, JSON.stringify(manifest)).toBe("built");
  }
  // Each of those builds wrote the record anew.
  expect((await runAs(world, main)).kind).toBe("reused");
});

test("a record of an image that is gone, or has lost a part, builds, and says so", async () => {
  const world = makeDropInWorld();
  const { digest } = await runAs(world, main);
  const index = world.memory.snapshot()["shop/api"]?.manifests;
  expect(index).toBeDefined();
  world.memory.deleteManifest("shop/api", digest as never);
  const again = await runAs(world, main);
  expect(again).toMatchObject({ kind: "built", because: `its published image is not whole: ${image}@${digest ?? ""}` });
  expect((await runAs(world, main)).kind).toBe("reused");
});

test("records may be kept under another image name, or nowhere", async () => {
  const world = makeDropInWorld();
  const elsewhere = { fingerprints: imageName("reg.test/shop/fingerprints") } as const;
  await world.run(push, elsewhere);
  expect(recordsOf(world)).toEqual([]);
  expect(Object.keys(world.tags("shop/fingerprints"))).toHaveLength(2);
  expect((await world.run(push, elsewhere)).kind).toBe("reused");
  expect((await world.run(push, { fingerprints: "off" })).kind).toBe("built");
  expect(recordsOf(world)).toEqual([]);
});

test("the pushed image is buildx's own: a record adds tags beside it, and nothing to it", async () => {
  const world = makeDropInWorld();
  const { digest, metadata } = await runAs(world, main);
  expect(metadata["containerimage.digest"]).toBe(digest);
  expect(world.tags("shop/api")["1"]).toBe(digest);
  expect(
    Object.keys(world.tags("shop/api"))
      .filter((tag) => tag !== "1")
      .every((tag) => /^fp-(?:last-)?[0-9a-f]{32}$/.test(tag)),
  ).toBe(true);
});

test("a record tells nothing of paths, args and instructions to who has not got the files", async () => {
  const world = makeDropInWorld({
    Dockerfile: "FROM scratch\nARG SECRET_ARG\nCOPY hidden-path /\n",
    "hidden-path": "hidden content",
  });
  await world.run(["--build-arg", "SECRET_ARG=hidden-value", ...push]);
  const registry = world.registry();
  for (const tag of recordsOf(world)) {
    const raw = await registry.getManifest(imageName(image), tag);
    const [layer] = readContent(raw?.bytes ?? new Uint8Array())?.layers ?? [];
    if (layer === undefined) throw new Error("the record has no document");
    const { unpack } = await import("../../images/pack.ts");
    const document = await unpack(await registry.getBlob(imageName(image), layer), 1_000_000);
    const text = new TextDecoder().decode(document) + new TextDecoder().decode(raw?.bytes);
    expect(text).toContain('"entries"');
    expect(text).not.toMatch(/hidden|SECRET_ARG|COPY/);
  }
});

test("an image that something else pushes is recorded once one of its tags points at it", async () => {
  const world = makeDropInWorld();
  world.docker.driver = "docker";
  const built = await world.run(["-t", `${image}:1`, "."]);
  const { pending, imageId = "" } = built;
  if (pending === null) throw new Error("nothing is pending");
  const note = { tags: [`${image}:1`], ids: [imageId], pending: JSON.parse(JSON.stringify(pending)) as object };
  const record = (): Promise<string | undefined> =>
    recordPushed(world.registry(), { ...note, pending: { ...note.pending } });
  expect(await record()).toBeUndefined();
  // What `docker push` does.
  const other = await world.run(["--push", "-t", "reg.test/other/api:1", "."], { fingerprints: "off" });
  const name = imageName(image);
  await world.registry().copyManifestTree(imageName("reg.test/other/api"), other.digest as never, name);
  world.memory.setTag("shop/api", "1", other.digest as never);
  expect(await record()).toBeUndefined();
  note.ids.push(other.digest ?? "");
  expect(await record()).toBe(`${image}:1`);
  world.docker.driver = "docker-container";
  expect(await world.run(push)).toMatchObject({ kind: "reused", digest: other.digest });
});

test("the tags of a first record are told, and those of later ones are not", async () => {
  const world = makeDropInWorld();
  const told = (): string[] =>
    world.events.splice(0).flatMap((event) => (event.kind === "tag" && event.state === "created" ? [event.tag] : []));
  await runAs(world, main);
  expect(told().sort()).toEqual(recordsOf(world).sort());
  world.write({ "a.txt": "b" });
  await runAs(world, main);
  expect(told()).toEqual([]);
});
