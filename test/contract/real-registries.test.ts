import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  type GoRegistry,
  type GoRegistryOptions,
  type GoRegistryServer,
  startGoRegistry,
} from "../../sandbox/go-registries.ts";
import { SandboxUnavailable } from "../../sandbox/unavailable.ts";
import type { Event } from "../../src/event.ts";
import { mediaType } from "../../src/model/oci.ts";
import { type ImageName, parseImageName } from "../../src/model/reference.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import { describeRegistryContract, type Lack } from "./registry.ts";

interface Kind {
  readonly title: string;
  readonly registry: GoRegistry;
  readonly args?: readonly string[];
  readonly lacks?: readonly Lack[];
}

/** Compiled in seconds each; distribution takes minutes, so that only the nightly form compiles it. */
const quick: readonly Kind[] = [
  {
    title: "go-containerregistry's registry",
    registry: "go-containerregistry",
    lacks: ["validates", "mounts", "untags"],
  },
  { title: "olareg", registry: "olareg" },
  { title: "olareg without the referrers API", registry: "olareg", args: ["--api-referrer=false"] },
];
const isNightly = process.env["SLIPWAY_NIGHTLY"] === "1";
const kinds: readonly Kind[] = isNightly ? [...quick, { title: "distribution 3", registry: "distribution" }] : quick;

const folder = mkdtempSync(join(tmpdir(), "slipway-registries-"));
const servers: GoRegistryServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(kind: GoRegistry, options: Partial<GoRegistryOptions> = {}): Promise<GoRegistryServer> {
  const server = await startGoRegistry(kind, { dir: join(folder, String(servers.length)), ...options });
  servers.push(server);
  return server;
}

/** A registry, or why it cannot be had. */
async function startOrSkip(kind: GoRegistry, options: Partial<GoRegistryOptions>): Promise<GoRegistryServer | string> {
  try {
    return await start(kind, options);
  } catch (error) {
    if (error instanceof SandboxUnavailable) return error.message;
    throw error;
  }
}

function imageAt(host: string, path: string): ImageName {
  const name = parseImageName(`${host}/contract/${path}`);
  if (name === undefined) throw new Error(`"${path}" makes no image name`);
  return name;
}

for (const { title, registry: kind, args = [], lacks = [] } of kinds) {
  const server = await startOrSkip(kind, { args });
  if (typeof server === "string") {
    describe(title, () => test.skip(`is held to the contract where it can be had: ${server}`, () => undefined));
    continue;
  }
  const registry = makeRegistry(makeNodeHost(), { chunkBytes: 1000 });
  describeRegistryContract(title, () => ({ registry, lacks, name: (suffix) => imageAt(server.host, suffix) }));
}

const manifest = (mark: string): { mediaType: string; bytes: Uint8Array } => {
  const index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [], annotations: { mark } };
  return { mediaType: index.mediaType, bytes: new TextEncoder().encode(JSON.stringify(index)) };
};

const olareg = await startOrSkip("olareg", { dir: join(folder, "shared") });

describe.skipIf(typeof olareg === "string")("olareg", () => {
  test("that is read-only is read, and said to be so before anything is built", async () => {
    if (typeof olareg === "string") return;
    const writer = makeRegistry(makeNodeHost());
    await writer.putManifest(imageAt(olareg.host, "api"), "1", manifest("one"));
    await olareg.stop();
    const { host } = await start("olareg", { dir: join(folder, "shared"), args: ["--store-ro"] });
    const registry = makeRegistry(makeNodeHost());
    const api = imageAt(host, "api");
    expect(await registry.listTags(api)).toEqual(["1"]);
    expect(await registry.getManifest(api, "1")).toBeDefined();
    const refused = { code: expect.stringMatching(/refused|credentials/), message: expect.stringContaining(api) };
    await expect(registry.checkPush(api)).rejects.toMatchObject(refused);
    await expect(registry.putManifest(api, "2", manifest("two"))).rejects.toMatchObject(refused);
    await expect(registry.deleteManifest(api, "1")).rejects.toMatchObject(refused);
  });

  // Waits of real seconds.
  test.runIf(isNightly)("that limits requests is waited for", async () => {
    const { host } = await start("olareg", { args: ["--rate-limit", "5"] });
    const events: Event[] = [];
    const registry = makeRegistry(makeNodeHost(), { emit: (event) => events.push(event) });
    const api = imageAt(host, "limited");
    const marks = Array.from({ length: 30 }, (_, at) => `m${at}`);
    await Promise.all(marks.map((mark) => registry.putManifest(api, mark, manifest(mark))));
    expect([...(await registry.listTags(api))].sort()).toEqual(marks.sort());
    expect(events.some(({ kind }) => kind === "waiting")).toBe(true);
  });
});
