import { describe, expect, test } from "vitest";
import { type Digest, isDigest } from "../../model/digest.ts";
import type { ReleaseDocument } from "../../model/documents.ts";
import { algorithmSetting } from "../../model/inputs.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { ImageName } from "../../model/reference.ts";
import { explainStep } from "../../plan/explain.ts";
import { publishInputs, readPublishedInputs } from "../../images/published-inputs.ts";
import { parseIndex } from "../../registry/content.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";

const day = 24 * 60 * 60 * 1000;

function origins(result: ReleaseDocument): Record<string, string> {
  const services = result.releases.flatMap(({ manifest }) => manifest.services);
  return Object.fromEntries(services.map(({ service, origin }) => [service, origin]));
}

async function releasedOnce(
  files: Parameters<typeof makeShop>[0] = {},
): Promise<{ world: Shop; first: ReleaseDocument }> {
  const world = await makeShop(files);
  const first = await world.release({ version: "1.0.0" });
  world.forget();
  return { world, first };
}

describe("what changed is built, the rest keeps its digest", () => {
  test("nothing changed: every digest is kept, no build, and no engine is asked for", async () => {
    const { world, first } = await releasedOnce();
    await world.repository.commit({ "README.md": "more" });
    const second = await world.release({ version: "1.0.1" });
    expect(world.builds()).toEqual([]);
    expect(origins(second)).toEqual({ api: "reused", base: "reused", web: "reused" });
    for (const service of ["api", "base", "web"]) {
      const digest = world.digest(first, service);
      expect(world.tags(`shop/${service}`)).toMatchObject({ "1.0.0": digest, "1.0.1": digest, latest: digest });
    }
  });

  test("one changed: it is built, the others are not", async () => {
    const { world, first } = await releasedOnce();
    await world.repository.commit({ "web/index.html": "web 2" });
    const second = await world.release({ version: "1.1.0" });
    expect(world.builds()).toEqual(["web linux/amd64"]);
    expect(origins(second)).toEqual({ api: "reused", base: "reused", web: "built" });
    expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
    expect(world.tags("shop/web")["1.0.0"]).toBe(world.digest(first, "web"));
  });

  test("a service that another needs changed: the other waits for it, and is built from its new image", async () => {
    const { world } = await releasedOnce();
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    const plan = await world.planned();
    expect(plan.steps.map(({ service, kind }) => `${service} ${kind}`)).toEqual([
      "base build",
      "api pending",
      "web reuse",
    ]);
    await world.release({ version: "1.1.0" });
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
    const pinned = world.docker.builds[1]?.args.find((arg) => arg.startsWith("base=docker-image://"));
    expect(pinned).toMatch(/^base=docker-image:\/\/reg\.test\/shop\/base@sha256:/);
  });

  test("a service that another needs is rebuilt to the same content: its digest stays, and the other is reused", async () => {
    const { world, first } = await releasedOnce();
    world.docker.plan = (solve) => (solve.service === "base" ? { holds: "the same" } : undefined);
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    const second = await world.release({ version: "1.1.0" });
    world.forget();
    await world.repository.commit({ "base/lib.txt": "lib 3" });
    const third = await world.release({ version: "1.2.0" });
    expect(world.builds()).toEqual(["base linux/amd64"]);
    expect(origins(third)).toEqual({ api: "reused", base: "reused", web: "reused" });
    expect(world.digest(third, "base")).toBe(world.digest(second, "base"));
    expect(world.digest(third, "base")).not.toBe(world.digest(first, "base"));
    expect(third.services.find(({ service }) => service === "base")).toMatchObject({ outcome: "built", kept: true });
    expect((await world.planned()).steps.every(({ kind }) => kind === "reuse")).toBe(true);
  });

  test("a base image that moved rebuilds what starts from it", async () => {
    const { world } = await releasedOnce();
    await world.moveBase("os 2");
    const { steps } = await world.planned(["web"]);
    expect(steps.map(({ reason }) => reason)).toEqual([{ kind: "base-moved", bases: ["reg.test/os:1"] }]);
  });

  test("a service that is older than its refresh is built again, and the published image is replaced", async () => {
    const { world, first } = await releasedOnce({ "slipway.yaml": `refresh: 30d\n${settings}` });
    world.advance(31 * day);
    world.docker.plan = ({ service }) => ({ holds: `${service} as the network has it now` });
    const { steps } = await world.planned(["web"]);
    expect(steps.map(({ reason }) => reason.kind)).toEqual(["too-old"]);
    const second = await world.release({ version: "1.0.1" });
    expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
    expect((await world.planned(["web"])).steps.map(({ kind }) => kind)).toEqual(["reuse"]);
    world.forget();
    expect(world.digest(await world.release({ version: "1.0.2" }), "web")).toBe(world.digest(second, "web"));
    expect(world.builds()).toEqual([]);
  });

  test("a volatile service is built every time, and what is released is what was built", async () => {
    const volatile = "FROM reg.test/os:1\nADD https://example.test/a.tgz /a\n";
    const { world, first } = await releasedOnce({ "web/Dockerfile": volatile });
    world.docker.plan = ({ service }) => (service === "web" ? { holds: "what is there now" } : undefined);
    const second = await world.release({ version: "1.0.1" });
    expect(world.builds()).toEqual(["web linux/amd64"]);
    expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
  });
});

describe("built though nothing changed", () => {
  test("everything is forced: what needs another is built after it, from its image", async () => {
    const { world } = await releasedOnce();
    const result = await world.release({ version: "1.0.1", force: true });
    expect(result.services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
      "base built",
      "api built",
      "web built",
    ]);
    expect(result.plan?.steps.map(({ reason }) => reason.kind)).toEqual(["forced", "forced", "forced"]);
  });

  test("a service that is forced in the first release is built after what it needs", async () => {
    const world = await makeShop();
    expect((await world.build({ force: ["api"] })).services.map(({ outcome }) => outcome)).toEqual([
      "built",
      "built",
      "built",
    ]);
  });

  test("a volatile service that needs another one that changed is built after it", async () => {
    const { world } = await releasedOnce({ "api/Dockerfile": "FROM base\nADD https://example.test/a.tgz /a\n" });
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    await world.release({ version: "1.1.0" });
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
  });

  test("the same content as before keeps the digest", async () => {
    const { world, first } = await releasedOnce();
    const second = await world.release({ version: "1.0.1", force: ["web"] });
    expect(world.builds()).toEqual(["web linux/amd64"]);
    expect(world.digest(second, "web")).toBe(world.digest(first, "web"));
  });
});

describe("the published image stays only when nobody can tell the new one from it", () => {
  const withLabel = (value: string): string =>
    settings.replace("context: web", `context: web\n    labels: { org.opencontainers.image.version: "${value}" }`);
  const withAnnotation = (value: string): string =>
    settings.replace("context: web", `context: web\n    annotations: { team: "${value}" }`);

  test.each([
    ["a label of the user's that Slipway would set too", withLabel],
    ["an annotation", withAnnotation],
  ])("%s that changed is another image", async (_, written) => {
    const world = await makeShop({ "slipway.yaml": written("one") });
    world.docker.plan = () => ({ holds: "the same layers" });
    const first = await world.release({ version: "1.0.0" });
    await world.repository.commit({ "slipway.yaml": written("two") });
    const second = await world.release({ version: "1.1.0" });
    expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
  });

  test("an image that lost its attestation is built again, and not kept", async () => {
    const { world, first } = await releasedOnce();
    const digest = world.digest(first, "web");
    const index = await world.registry().getManifest(world.image("web"), digest);
    const { manifests } = JSON.parse(new TextDecoder().decode(index?.bytes)) as { manifests: { digest: never }[] };
    world.memory.deleteManifest("shop/web", manifests[1]?.digest as never);
    const { steps } = await world.planned(["web"]);
    expect(steps.map(({ reason }) => reason.kind)).toEqual(["not-whole"]);
    const second = await world.release({ version: "1.0.1" });
    expect(second.state).toBe("released");
    expect(world.digest(second, "web")).not.toBe(digest);
  });

  test("an old image whose configuration is gone does not stand in the way of a new one", async () => {
    const { world } = await releasedOnce();
    await world.repository.commit({ "web/index.html": "web 2" });
    const gone = world.memory.snapshot()["shop/web"]?.blobs ?? [];
    world.memory.setFaults((request) =>
      request.kind === "blob" && request.method === "GET" && gone.includes(request.reference as never)
        ? { kind: "status", status: 404 }
        : undefined,
    );
    expect((await world.release({ version: "1.1.0" })).state).toBe("released");
  });
});

describe("several platforms", () => {
  const both = `platforms: [linux/amd64, linux/arm64]\n${settings}`;

  test("the released digest is an index over all of them, with their attestations", async () => {
    const { world, first } = await releasedOnce({ "slipway.yaml": both });
    const raw = await world.registry().getManifest(world.image("web"), world.digest(first, "web"));
    const { manifests } = JSON.parse(new TextDecoder().decode(raw?.bytes)) as {
      manifests: { platform: { architecture: string } }[];
    };
    expect(manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64", "unknown", "unknown"]);
  });

  test("a platform that is added is built, the ones that are there are not", async () => {
    const { world } = await releasedOnce();
    await world.repository.commit({ "slipway.yaml": both });
    const { steps } = await world.planned(["web"]);
    expect(steps[0]?.platforms.map(({ image }) => image === null)).toEqual([false, true]);
    expect(steps.map(explainStep)).toEqual([
      "linux/arm64 is missing: no image of these inputs has been published for it yet",
    ]);
    await world.release({ version: "1.1.0" });
    expect(world.builds().sort()).toEqual(["api linux/arm64", "base linux/arm64", "web linux/arm64"]);
  });

  test("a service that needs another one on a platform that it is not built for is a fault of the configuration", async () => {
    const world = await makeShop({
      "slipway.yaml": settings.replace("context: api", "context: api\n    platforms: [linux/amd64, linux/arm64]"),
    });
    await expect(world.release({ version: "1.0.0" })).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining('"base", which it builds from, is not built for linux/arm64'),
    });
    expect(world.builds()).toEqual([]);
  });
});

describe("bases that are held", () => {
  const held = `bases: hold\n${settings}`;

  test("a base that moved rebuilds nothing", async () => {
    const { world, first } = await releasedOnce({ "slipway.yaml": held });
    await world.moveBase("os 2");
    const second = await world.release({ version: "1.0.1" });
    expect(world.builds()).toEqual([]);
    expect(world.digest(second, "web")).toBe(world.digest(first, "web"));
  });

  test("what is built for another reason is built from the base as it is now", async () => {
    const { world } = await releasedOnce({ "slipway.yaml": held });
    await world.moveBase("os 2");
    const now = (await world.registry().getManifest(world.image("os"), "1"))?.digest;
    await world.repository.commit({ "web/index.html": "web 2" });
    await world.release({ version: "1.1.0" });
    expect(world.builds()).toEqual(["web linux/amd64"]);
    expect(world.docker.builds[0]?.args.join("\n")).toContain(`reg.test/os:1=docker-image://reg.test/os@${now}`);
    world.forget();
    await world.release({ version: "1.1.1" });
    expect(world.builds()).toEqual([]);
  });

  test("one that is built again for its age is built from the base as it is now", async () => {
    const { world } = await releasedOnce({ "slipway.yaml": `refresh: 30d\n${held}` });
    await world.moveBase("os 2");
    const now = (await world.registry().getManifest(world.image("os"), "1"))?.digest;
    world.advance(31 * day);
    await world.release({ version: "1.1.0", only: ["web"] });
    expect(world.docker.builds[0]?.args.join("\n")).toContain(`reg.test/os:1=docker-image://reg.test/os@${now}`);
  });
});

/** Makes what was released look as if an earlier algorithm of the fingerprint had been at work: it is under no fingerprint of today. */
async function countAsBefore(world: Shop, service: string): Promise<void> {
  const name = world.image(service);
  const repository = `shop/${service}`;
  for (const [tag, digest] of Object.entries(world.tags(repository))) {
    if (!/^fp-[0-9a-f]{32}$/.test(tag)) continue;
    const { annotations = {} } = parseIndex((await manifestOf(world, name, tag)).bytes) ?? {};
    const fingerprint = annotations["dev.slipway.fingerprint"];
    if (fingerprint === undefined || !isDigest(fingerprint)) throw new Error(`${tag} names no fingerprint`);
    const inputs = await readPublishedInputs(world.registry(), name, fingerprint);
    if (inputs === undefined) throw new Error(`${tag} has no inputs`);
    const before = { ...inputs, settings: { ...inputs.settings, [algorithmSetting]: "1" } };
    await publishInputs(world.registry(), name, before);
    world.memory.deleteManifest(repository, digest);
  }
}

async function manifestOf(world: Shop, name: ImageName, tag: string): Promise<RawManifest> {
  const raw = await world.registry().getManifest(name, tag);
  if (raw === undefined) throw new Error(`${name}:${tag} is not there`);
  return raw;
}

describe("a release of a version that counted inputs otherwise", () => {
  test("everything is built once more, the plan says why, and names what else changed", async () => {
    const { world } = await releasedOnce();
    for (const service of ["api", "base", "web"]) await countAsBefore(world, service);
    await world.repository.commit({ "web/index.html": "web 2" });
    const { steps } = await world.planned(["base", "web"]);
    const reasons = Object.fromEntries(steps.map((step) => [step.service, explainStep(step)]));
    expect(reasons["base"]).toContain("this version of Slipway counts inputs more exactly");
    expect(reasons["web"]).toBe("changed: web/index.html, how Slipway counts inputs");
    await world.release({ version: "1.0.1" });
    expect(world.builds()).toHaveLength(3);
    world.forget();
    await world.release({ version: "1.0.2" });
    expect(world.builds()).toEqual([]);
  });

  test("a service that holds its bases is built once more from the same bases, when nothing else changed", async () => {
    const { world } = await releasedOnce({ "slipway.yaml": `bases: hold\n${settings}` });
    const before = (await world.registry().getManifest(world.image("os"), "1"))?.digest;
    await world.moveBase("os 2");
    await countAsBefore(world, "web");
    await world.release({ version: "1.0.1" });
    expect(world.builds()).toEqual(["web linux/amd64"]);
    const pinned = world.docker.builds[0]?.args.find((arg) => arg.startsWith("reg.test/os:1="));
    const { digest } = (await readIndexOf(world, before)) ?? {};
    expect(pinned).toContain(`${digest}`);
  });
});

/** The descriptor of the base's image for amd64, as a service that holds it is pinned to it. */
async function readIndexOf(world: Shop, index: Digest | undefined): Promise<{ readonly digest: Digest } | undefined> {
  if (index === undefined) return undefined;
  const raw = await world.registry().getManifest(world.image("os"), index);
  return raw === undefined ? undefined : parseIndex(raw.bytes)?.manifests[0];
}

test("what lies under a fingerprint's tag and is something else is told, and built over", async () => {
  const { world } = await releasedOnce();
  const tags = world.tags("shop/web");
  const tag = Object.keys(tags).find((name) => /^fp-[0-9a-f]{32}$/.test(name)) ?? "";
  world.memory.setTag("shop/web", tag, tags["1.0.0"] as never);
  const result = await world.release({ version: "1.0.1" });
  expect(world.events).toContainEqual(
    expect.objectContaining({
      kind: "warning",
      message: expect.stringContaining(`shop/web:${tag} does not match its tag`),
    }),
  );
  expect(result.state).toBe("released");
  expect(world.tags("shop/web")[tag]).not.toBe(tags["1.0.0"]);
});
