import { expect, test } from "vitest";
import { readContent } from "../../registry/content.ts";
import { imageName } from "../../testing/image-name.ts";
import { type DropInWorld, makeDropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const push = (...more: readonly string[]): string[] => ["--push", "-t", `${image}:1`, ...more, "."];

/** The digest of the image that an index lists first. */
async function imageIn(world: DropInWorld, digest: string | undefined): Promise<string> {
  const raw = await world.registry().getManifest(imageName(image), digest ?? "");
  return readContent(raw?.bytes ?? new Uint8Array())?.manifests[0]?.digest ?? "";
}

test("every tag of every registry points at the reused image, with its content", async () => {
  const world = makeDropInWorld();
  const first = await world.run(push());
  const tags = ["-t", `${image}:2`, "-t", `${image}:latest`, "-t", "hub.test/acme/api:2", "-t", "hub.test/acme/api"];
  const second = await world.run(["--push", ...tags, "."]);
  expect(second).toMatchObject({ kind: "reused", digest: first.digest });
  expect(world.tags("shop/api")).toMatchObject({ "1": first.digest, "2": first.digest, latest: first.digest });
  expect({ ...world.hub.snapshot()["acme/api"]?.tags }).toEqual({ "2": first.digest, latest: first.digest });
  const children = Object.keys(world.hub.snapshot()["acme/api"]?.manifests ?? {});
  expect(children).toHaveLength(3);
});

test("an image that is pushed by its digest alone is reused by it", async () => {
  const world = makeDropInWorld();
  const argv = [
    "-o",
    `type=image,name=${image},push-by-digest=true,name-canonical=true,push=true`,
    "--platform",
    "linux/arm64",
    ".",
  ];
  const first = await world.run(argv);
  expect(await world.run(argv)).toMatchObject({
    kind: "reused",
    digest: first.digest,
    metadata: { "image.name": image },
  });
  expect(Object.keys(world.tags("shop/api")).filter((tag) => !tag.startsWith("fp-"))).toEqual([]);
});

test.each([
  ["docker", "whole"],
  ["docker-container", "without its attestations"],
])(
  "an image for the engine's store is pulled there, by the driver %s %s, and its id is the engine's",
  async (driver) => {
    const world = makeDropInWorld();
    const first = await world.run(push());
    world.docker.driver = driver;
    const loaded = await world.run(["--load", "-t", `${image}:test`, "--iidfile", "id", "."]);
    expect(loaded).toMatchObject({ kind: "reused", imageId: "sha256:loaded", digest: first.digest });
    const digest = driver === "docker" ? (first.digest ?? "") : await imageIn(world, first.digest);
    expect(loaded.metadata["containerimage.digest"]).toBe(digest);
    const pinned = `${image}@${digest}`;
    expect(world.docker.commands()).toEqual([
      ["pull", "--quiet", "--platform", "linux/amd64", pinned],
      ["tag", pinned, `${image}:test`],
      ["image", "inspect", "--format", "{{.Id}}", pinned],
    ]);
    expect(world.tags("shop/api")["test"]).toBeUndefined();
  },
);

test("an image for the engine's store is as good with any attestations, and one that is pushed is not", async () => {
  const world = makeDropInWorld();
  await world.run(push("--provenance", "mode=max", "--sbom=true"));
  expect((await world.run(["--load", "-t", `${image}:test`, "."])).kind).toBe("built");
  await world.run(push("--provenance", "mode=max"));
  expect((await world.run(["--load", "-t", `${image}:test`, "."])).kind).toBe("reused");
  expect((await world.run(["--load", "--provenance=false", "-t", `${image}:test`, "."])).kind).toBe("reused");
  expect((await world.run(push("--provenance=false"))).kind).toBe("built");
});

test("an image that is pushed and loaded keeps what was pushed at its tags", async () => {
  const world = makeDropInWorld();
  const argv = push("--load");
  const first = await world.run(argv);
  const pushed = world.tags("shop/api")["1"];
  expect(first.metadata["containerimage.digest"]).toBe(await imageIn(world, pushed));
  const second = await world.run(argv);
  expect(second).toMatchObject({ kind: "reused", digest: pushed });
  expect(world.tags("shop/api")["1"]).toBe(pushed);
  expect(second.metadata["containerimage.digest"]).toBe(first.metadata["containerimage.digest"]);
});

test("the docker driver keeps what it builds, so that a build without an output is reused there", async () => {
  const world = makeDropInWorld();
  await world.run(push());
  world.docker.driver = "docker";
  expect(await world.run(["-t", `${image}:test`, "."])).toMatchObject({ kind: "reused" });
  world.docker.driver = "docker-container";
  expect(await world.run(["-t", `${image}:test`, "."])).toMatchObject({ because: "nothing becomes of the image" });
});

test("the docker driver keeps what it pushes: a reused image is in the engine's store, too, under its tags", async () => {
  const world = makeDropInWorld();
  world.docker.driver = "docker";
  const { digest = "", imageId } = await world.run(push("-t", "hub.test/acme/api"));
  const pinned = `${image}@${digest}`;
  expect(await world.run(push("-t", "hub.test/acme/api"))).toMatchObject({ kind: "reused", imageId });
  expect(world.docker.commands().filter(([command]) => command !== "image")).toEqual([
    ["pull", "--quiet", "--platform", "linux/amd64", pinned],
    ["tag", pinned, `${image}:1`],
    ["tag", pinned, "hub.test/acme/api:latest"],
  ]);
});

test.each<[string, readonly string[], string]>([
  ["a call", ["--call", "outline"], 'nothing is built: the frontend is asked for "outline"'],
  ["a check", ["--check"], 'nothing is built: the frontend is asked for "check"'],
  ["a folder as output", ["-o", "type=local,dest=out"], 'the output "local" stays on this machine'],
  ["an archive as output", ["-o", "type=tar,dest=out.tar"], 'the output "tar" stays on this machine'],
  ["an OCI layout as output", ["-o", "type=oci,dest=out.tar"], 'the output "oci" stays on this machine'],
  ["the cache as output", ["-o", "type=cacheonly"], 'the output "cacheonly" stays on this machine'],
  ["no cache", ["--push", "--no-cache", "-t", `${image}:1`], "--no-cache asks for a build"],
  [
    "a stage without cache",
    ["--push", "--no-cache-filter", "deps", "-t", `${image}:1`],
    "--no-cache-filter deps asks for a build",
  ],
  ["no image name", ["--load"], "the image has no name to be found under"],

  [
    "a target of another build",
    ["--push", "-t", `${image}:1`, "--build-context", "base=target:base"],
    "--build-context base=target:base: the image of that target is not known",
  ],
])("%s is built every time", async (_, argv, because) => {
  const world = makeDropInWorld();
  await world.run(push());
  const result = await world.run([...argv, "."]);
  expect(result.kind).toBe("built");
  expect(result.because).toContain(because);
  expect(world.docker.builds).toHaveLength(2);
});

const created = "org.opencontainers.image.created";

test.each<[string, readonly string[], readonly string[], "reused" | "built"]>([
  ["another tag", [], ["-t", `${image}:2`], "reused"],
  ["the same platform by name", [], ["--platform", "linux/amd64"], "reused"],
  [
    "platforms in another order",
    ["--platform", "linux/amd64,linux/arm64"],
    ["--platform", "linux/arm64,linux/amd64"],
    "reused",
  ],
  ["a label that describes the run", ["--label", `${created}=1`], ["--label", `${created}=2`], "reused"],
  [
    "a label of Compose",
    ["--label", "com.docker.compose.version=1"],
    ["--label", "com.docker.compose.version=2"],
    "reused",
  ],
  [
    "an annotation that describes the run",
    ["--annotation", `index,manifest:${created}=1`],
    ["--annotation", `index,manifest:${created}=2`],
    "reused",
  ],
  [
    "the run that provenance names",
    ["--attest", "type=provenance,mode=max,builder-id=1"],
    ["--attest", "type=provenance,mode=max,builder-id=2"],
    "reused",
  ],
  ["an SBOM that is switched off, as it is by itself", [], ["--sbom=false"], "reused"],
  ["caches", ["--cache-from", "type=gha"], ["--cache-to", "type=gha"], "reused"],
  ["an arg that nothing declares", ["--build-arg", "A=1"], ["--build-arg", "A=2"], "reused"],
  ["how progress is shown", ["--progress", "plain"], ["--progress", "rawjson"], "reused"],
  [
    "how an output is stored",
    ["-o", `type=registry,name=${image}`],
    ["-o", `type=registry,name=${image},store=true`],
    "reused",
  ],
  ["a further platform", [], ["--platform", "linux/amd64,linux/arm64"], "built"],
  ["another label", ["--label", "a=1"], ["--label", "a=2"], "built"],
  ["another annotation", ["--annotation", "a=1"], ["--annotation", "a=2"], "built"],
  ["an annotation of the index", ["--annotation", "a=1"], ["--annotation", "index:a=1"], "built"],
  ["compression", [], ["-o", "type=image,compression=zstd"], "built"],
  ["media types", [], ["-o", "type=image,oci-mediatypes=false"], "built"],
  ["another mode of provenance", ["--provenance", "mode=min"], ["--provenance", "mode=max"], "built"],
  ["no provenance", [], ["--provenance=false"], "built"],
  ["a target", [], ["--target", "more"], "built"],
  ["a limit of RUN", [], ["--shm-size", "1g"], "built"],
  ["a host", [], ["--add-host", "a:1.2.3.4"], "built"],
  ["a network", [], ["--network", "none"], "built"],
  ["a resource", [], ["-m", "1g"], "built"],
])("a second build with another value: %s", async (_, before, now, kind) => {
  const world = makeDropInWorld({
    Dockerfile: "FROM scratch\nCOPY a.txt /\nFROM scratch AS more\nCOPY a.txt /\n",
  });
  await world.run(push(...before));
  expect((await world.run(push(...now))).kind).toBe(kind);
});
