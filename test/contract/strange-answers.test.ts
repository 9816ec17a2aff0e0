import { gunzipSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readImageCaches, readNeeds } from "../../src/cache/registry-caches.ts";
import { SlipwayError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { diffInputs } from "../../src/inputs/diff.ts";
import { type Digest, digestOf } from "../../src/model/digest.ts";
import type { Inputs } from "../../src/model/inputs.ts";
import { type Descriptor, mediaType } from "../../src/model/oci.ts";
import { readWholeContent } from "../../src/core/planning/early-cutoff.ts";
import { resolveImage } from "../../src/core/planning/lookups.ts";
import { asFields, asList, parseJson } from "../../src/formats/json.ts";
import { makeRegistry, type Registry } from "../../src/registry/registry.ts";
import { makeRawManifest } from "../../src/images/artifact.ts";
import { checkWhole, findPublished, publishImage } from "../../src/images/published.ts";
import { publishInputs, readPublishedInputs } from "../../src/images/published-inputs.ts";
import { readRecords, readReleaseRecord } from "../../src/records/records.ts";
import { readStatus } from "../../src/records/status.ts";
import { makeReleasesWorld, platform, runRelease, version } from "../../src/records/testing/world.ts";
import { ensureWhole } from "../../src/images/wholeness.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";
import { imageName } from "../../src/testing/image-name.ts";

/** `SLIPWAY_SEED=17` runs the same cases again; `SLIPWAY_CASES` how many. */
const seed = Number(process.env["SLIPWAY_SEED"] ?? Date.now() % 1_000_000);
const nightly = process.env["SLIPWAY_NIGHTLY"] === "1" ? 10_000 : 120;
const numRuns = Number(process.env["SLIPWAY_CASES"] ?? nightly);

const api = imageName("reg.test/shop/api");
const copy = imageName("reg.test/strange/copy");
const fingerprint = digestOf("the inputs");

const inputs: Inputs = {
  service: "api",
  platform,
  fingerprint,
  files: [{ path: "a", mode: "100644", digest: "sha1:00" }],
  args: { A: "1" },
  bases: [{ reference: "node:24", digest: null }],
  contexts: [{ name: "x", kind: "folder", of: "x", digest: null }],
  volatile: null,
  instructions: ["FROM scratch"],
  settings: { target: "" },
};

/** Everything that Slipway reads of a registry: an image with an attestation, published, released, with caches and referrers. */
const world = makeReleasesWorld();
const built = await fill(world.client().registry);
const stored = await storedIn(world.client().registry);

interface Built {
  readonly released: Parameters<typeof ensureWhole>[1];
}

async function fill(registry: Registry): Promise<Built> {
  const config = await putJson(registry, {
    architecture: "amd64",
    os: "linux",
    config: {
      Env: ["A=b"],
      Labels: { "org.opencontainers.image.created": "2026-01-01T00:00:00Z" },
      OnBuild: ["RUN x"],
    },
    rootfs: { type: "layers", diff_ids: [digestOf("layer")] },
    history: [{ created: "2026-01-01T00:00:00Z" }],
  });
  const layer = await registry.putBlob(api, new TextEncoder().encode("layer"));
  const image = await putManifest(registry, {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: mediaType.ociConfig, ...config },
    layers: [{ mediaType: "layer", ...layer, annotations: { "buildkit/createdat": "2026-01-01T00:00:00Z" } }],
    annotations: { made: "here" },
  });
  const index = await putManifest(registry, {
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: [{ ...image, platform: { architecture: "amd64", os: "linux" } }],
  });
  for (const tag of ["1", "build-0123abcd-api-linux-amd64", "cache-api-linux-amd64"]) {
    const raw = await registry.getManifest(api, index.digest);
    if (raw !== undefined) await registry.putManifest(api, tag, raw);
  }
  const publication = { platform, fingerprint, commit: "c0ffee", builtAt: "2026-01-01T00:00:00.000Z", buildSeconds: 1 };
  await publishImage(registry, api, { ...publication, pushed: index.digest });
  await publishInputs(registry, api, inputs);
  await putManifest(registry, {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    artifactType: "application/vnd.test",
    config: { mediaType: mediaType.ociEmpty, ...config },
    layers: [],
    subject: index,
  });
  const { committed } = await runRelease(world, world.client(), { subject: version("1.0.0"), content: "one" });
  const [service] = committed.stored.manifest.services;
  if (service === undefined) throw new Error("the release has no service");
  return { released: service };
}

async function putJson(registry: Registry, value: unknown): Promise<{ digest: Digest; size: number }> {
  return registry.putBlob(api, new TextEncoder().encode(JSON.stringify(value)));
}

async function putManifest(
  registry: Registry,
  content: { readonly mediaType: string; readonly schemaVersion: 2; readonly [field: string]: unknown },
): Promise<Descriptor> {
  const raw = makeRawManifest(content);
  await registry.putManifest(api, raw.digest, raw);
  return { mediaType: raw.mediaType, digest: raw.digest, size: raw.bytes.length };
}

/** Stored content as the registry serves it: by repository, bytes by digest, and the digests of tags. */
interface Stored {
  readonly repositories: ReadonlyMap<string, Contents>;
}

interface Contents {
  readonly manifests: ReadonlyMap<Digest, Served>;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly tags: ReadonlyMap<string, Digest>;
}

interface Served {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

async function storedIn(registry: Registry): Promise<Stored> {
  const entries = Object.entries(world.memory.snapshot()).map(async ([path, { manifests, blobs, tags }]) => {
    const name = imageName(`reg.test/${path}`);
    const raws = await Promise.all(manifests.map((digest) => registry.getManifest(name, digest)));
    const contents = await Promise.all(blobs.map((digest) => registry.getBlob(name, { digest, size: 1_000_000 })));
    const read: Contents = {
      manifests: new Map(raws.flatMap((raw) => (raw === undefined ? [] : [[raw.digest, raw] as const]))),
      blobs: new Map(contents.map((bytes) => [digestOf(bytes), bytes] as const)),
      tags: new Map(Object.entries(tags)),
    };
    return [path, read] as const;
  });
  return { repositories: new Map(await Promise.all(entries)) };
}

/** Another value in the place of one of a document's, by its number among all of them. */
interface Change {
  readonly at: number;
  readonly value: unknown;
}

/** Which document is changed, by its number, and how. */
interface StoredChange extends Change {
  readonly document: number;
}

const strangeTexts = [
  "",
  "x",
  "null",
  "../../evil",
  "a\nb",
  "sha256:",
  digestOf("nobody has this"),
  "linux/amd64",
  "2026",
];

const strangeValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, [], {}, [null], [[]], [{}], { digest: null }),
  fc.constantFrom(...strangeTexts),
  fc.constant({ manifests: [{ mediaType: mediaType.ociIndex, digest: digestOf("x"), size: 1 }] }),
  fc.jsonValue({ maxDepth: 2 }),
);

const changed: fc.Arbitrary<StoredChange> = fc.record({
  document: fc.nat(1000),
  at: fc.nat(1000),
  value: strangeValue,
});

/** The document with the value at that place, counted from the whole of it (0) down through its fields and entries. */
function change(document: unknown, { at, value }: Change): unknown {
  const total = countValues(document);
  let left = at % total;
  const visit = (part: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return value;
    }
    left -= 1;
    if (Array.isArray(part)) return part.map((each: unknown) => visit(each));
    const fields = asFields(part);
    if (fields === undefined) return part;
    return Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, visit(each)]));
  };
  return visit(document);
}

function countValues(part: unknown): number {
  const parts = asList(part) ?? Object.values(asFields(part) ?? {});
  return parts.reduce<number>((sum, each) => sum + countValues(each), 1);
}

/** Stored content with one document changed, in which digests, sizes and embedded copies of it are corrected. */
function changeStored(from: Stored, wanted: StoredChange): Stored {
  const documents = [...from.repositories].flatMap(([path, { manifests, blobs }]) => [
    ...[...manifests].map(([digest, { bytes }]) => ({ path, digest, bytes })),
    ...[...blobs].map(([digest, bytes]) => ({ path, digest, bytes })),
  ]);
  const readable = documents.filter(({ bytes }) => parseDocument(bytes) !== undefined);
  const target = readable[wanted.document % readable.length];
  if (target === undefined) throw new Error("nothing is stored");
  let replaced = new Map([[target.digest, encodeLike(target.bytes, change(parseDocument(target.bytes), wanted))]]);
  let repositories = from.repositories;
  // A changed digest changes whoever names it, up to the tags.
  while (replaced.size > 0) {
    const next = new Map<Digest, Uint8Array>();
    const now = replaced;
    repositories = new Map(
      [...repositories].map(
        ([path, contents]) => [path, replaceIn(contents, now, path === target.path, next)] as const,
      ),
    );
    replaced = next;
  }
  return { repositories };
}

/** A document may be compressed. */
function parseDocument(bytes: Uint8Array): unknown {
  return parseJson(isCompressed(bytes) ? gunzipSync(bytes) : bytes);
}

function encodeLike(bytes: Uint8Array, value: unknown): Uint8Array {
  return isCompressed(bytes) ? new Uint8Array(gzipSync(encode(value))) : encode(value);
}

function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function replaceIn(
  contents: Contents,
  replaced: ReadonlyMap<Digest, Uint8Array>,
  isHere: boolean,
  next: Map<Digest, Uint8Array>,
): Contents {
  const at = (digest: Digest): Digest => {
    const bytes = isHere ? replaced.get(digest) : undefined;
    return bytes === undefined ? digest : digestOf(bytes);
  };
  const remade = (digest: Digest, bytes: Uint8Array): readonly [Digest, Uint8Array] => {
    const own = isHere ? replaced.get(digest) : undefined;
    if (own !== undefined) return [digestOf(own), own];
    const value = parseJson(bytes);
    if (!isHere || value === undefined) return [digest, bytes];
    const now = encode(renamed(value, replaced));
    if (digestOf(now) !== digestOf(encode(value))) next.set(digest, now);
    return [digest, bytes];
  };
  return {
    manifests: new Map(
      [...contents.manifests].map(([digest, { mediaType: type, bytes }]) => {
        const [key, content] = remade(digest, bytes);
        return [key, { mediaType: type, bytes: content }] as const;
      }),
    ),
    blobs: new Map([...contents.blobs].map(([digest, bytes]) => remade(digest, bytes))),
    tags: new Map([...contents.tags].map(([tag, digest]) => [tag, at(digest)] as const)),
  };
}

/** Descriptors of what was replaced, put right. */
function renamed(value: unknown, replaced: ReadonlyMap<Digest, Uint8Array>): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => renamed(each, replaced));
  const fields = asFields(value);
  if (fields === undefined) return value;
  const bytes = [...replaced].find(([digest]) => digest === fields["digest"])?.[1];
  const inside = Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, renamed(each, replaced)]));
  if (bytes === undefined) return inside;
  const data = "data" in fields ? { data: Buffer.from(bytes).toString("base64") } : {};
  return { ...inside, ...("size" in fields ? { size: bytes.length } : {}), digest: digestOf(bytes), ...data };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value) ?? "");
}

/** Serves what is stored. What is pushed is taken and forgotten. */
function serve({ repositories }: Stored): Host["fetch"] {
  return (input, init) => {
    const { pathname } = new URL(input);
    const [, path = "", kind = "", reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)\/?$/.exec(pathname) ?? [];
    const contents = repositories.get(path);
    const method = init?.method ?? "GET";
    if (method === "PUT") return Promise.resolve(new Response(null, { status: 201 }));
    if (method === "DELETE") return Promise.resolve(new Response(null, { status: 202 }));
    if (method === "POST") return Promise.resolve(new Response(null, answerToPost(input)));
    return Promise.resolve(answerOf(contents, kind, decodeURIComponent(reference), method));
  };
}

/** A mount is done, an upload begins. */
function answerToPost(input: Parameters<Host["fetch"]>[0]): ResponseInit {
  const { href, origin, searchParams } = new URL(input);
  if (searchParams.has("mount")) return { status: 201 };
  return { status: 202, headers: { location: `${origin}/v2/shop/api/blobs/uploads/session?of=${href.length}` } };
}

function answerOf(contents: Contents | undefined, kind: string, reference: string, method: string): Response {
  const body = (bytes: Uint8Array, headers: Record<string, string>): Response =>
    new Response(method === "HEAD" ? null : bytes.slice(), {
      headers: { ...headers, "content-length": String(bytes.length) },
    });
  if (contents === undefined) return new Response(null, { status: 404 });
  if (kind === "tags") return body(encode({ name: "x", tags: [...contents.tags.keys()] }), {});
  const digest = contents.tags.get(reference) ?? digestFrom(reference);
  const manifest = contents.manifests.get(digest);
  if (kind === "manifests" && manifest !== undefined) {
    return body(manifest.bytes, { "content-type": manifest.mediaType, "docker-content-digest": digest });
  }
  const blob = contents.blobs.get(digest);
  if (kind === "blobs" && blob !== undefined) return body(blob, { "content-type": "application/octet-stream" });
  if (kind !== "referrers") return new Response(null, { status: 404 });
  const manifests = [...contents.manifests].flatMap(([each, { bytes, mediaType: type }]) => {
    const subject = asFields(asFields(parseJson(bytes))?.["subject"]);
    return subject === undefined ? [] : [{ mediaType: type, digest: each, size: bytes.length }];
  });
  return body(encode({ schemaVersion: 2, manifests }), {});
}

function digestFrom(text: string): Digest {
  return text as Digest;
}

/** Everything that reads: of the client, and of what is built on it. */
const readings: Readonly<Record<string, (registry: Registry) => Promise<unknown>>> = {
  getManifest: (registry) => registry.getManifest(api, "1"),
  headManifest: (registry) => registry.headManifest(api, "1"),
  "getManifest of a mirror": (registry) => registry.mirrored.getManifest(api, "1"),
  listTags: (registry) => registry.listTags(api),
  listReferrers: async (registry) => registry.listReferrers(api, await taggedIn(registry, "1")),
  "listReferrers of a type": async (registry) =>
    registry.listReferrers(api, await taggedIn(registry, "1"), "application/vnd.test"),
  getBlob: (registry) => registry.getBlob(api, { digest: digestOf("layer"), size: 5 }),
  hasBlob: (registry) => registry.hasBlob(api, digestOf("layer")),
  checkPush: (registry) => registry.checkPush(api),
  putBlob: (registry) => registry.putBlob(api, encode("new")),
  putManifest: (registry) => registry.putManifest(api, "new", makeRawManifest({ mediaType: mediaType.ociManifest })),
  deleteManifest: (registry) => registry.deleteManifest(api, "1"),
  mountBlob: (registry) => registry.mountBlob(copy, digestOf("layer"), api),
  copyManifestTree: async (registry) => registry.copyManifestTree(api, await taggedIn(registry, "1"), copy),
  "the base of a build": (registry) => resolveImage(registry, `${api}:1`, platform),
  "what early cutoff compares": async (registry) =>
    readWholeContent(registry, { name: api, digest: await taggedIn(registry, "1"), platform }),
  "what is published": async (registry) =>
    checkWhole(registry, api, await findPublished(registry, { name: api, prefix: "" }, platform, fingerprint)),
  "inputs, compared": async (registry) => {
    const before = await readPublishedInputs(registry, api, fingerprint);
    return before === undefined ? undefined : diffInputs(before, inputs);
  },
  records: (registry) => readRecords(registry, world.releases),
  "a record": (registry) => readReleaseRecord(registry, world.releases, "1.0.0"),
  status: (registry) => readStatus(makeTestHost(), registry, { releases: world.releases, services: world.services }),
  "whether a release is whole": async (registry) =>
    ensureWhole(registry, { ...built.released, digest: await taggedIn(registry, "1.0.0") }, undefined),
  caches: (registry) => readImageCaches(registry, api),
  "what tags need": async (registry) => readNeeds(registry, { image: api, tags: await registry.listTags(api) }),
};

async function taggedIn(registry: Registry, tag: string): Promise<Digest> {
  const head = await registry.headManifest(api, tag);
  if (head === undefined) throw new SlipwayError("failed", `${api}:${tag} is not there`);
  return head.digest;
}

/** A SlipwayError that says of which image; anything else is a fault of the program's. */
async function holds(reading: string, read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw new Error(`${reading} gave no SlipwayError`, { cause: error });
    expect(error.message, reading).toMatch(/reg\.test\/(shop|copies|strange)\//);
    expect(["unavailable", "refused", "credentials", "failed", "configuration"], error.message).toContain(error.code);
    expect(error.hint ?? "", error.message).not.toContain("plain HTTP");
  }
}

describe("whatever a registry holds or answers, reading it gives a value or an error that names the image", () => {
  test("with nothing strange everything can be read", async () => {
    for (const [reading, read] of Object.entries(readings)) {
      await expect(read(makeRegistry(makeTestHost({ fetch: serve(stored) }))), reading).resolves.not.toThrow();
    }
  });

  test("a stored document with another value somewhere, under its right digest", async () => {
    await fc.assert(
      fc.asyncProperty(changed, async (wanted) => {
        const fetch = serve(changeStored(stored, wanted));
        for (const [reading, read] of Object.entries(readings)) {
          await holds(reading, () => read(makeRegistry(makeTestHost({ fetch }), { tries: 2 })));
        }
      }),
      { numRuns, seed },
    );
  });

  test("an answer that is none, to any one of the requests or to all of them", async () => {
    await fc.assert(
      fc.asyncProperty(strangeAnswer, fc.option(fc.nat(3), { nil: undefined }), async (strange, only) => {
        for (const [reading, read] of Object.entries(readings)) {
          let nth = 0;
          const proper = serve(stored);
          const fetch: Host["fetch"] = (input, init) => {
            const isStrange = only === undefined || nth++ === only;
            return isStrange ? Promise.resolve(strange(init?.method ?? "GET")) : proper(input, init);
          };
          await holds(reading, () => read(makeRegistry(makeTestHost({ fetch }), { tries: 2 })));
        }
      }),
      { numRuns, seed },
    );
  });

  test("a token server whose answer is none", async () => {
    await fc.assert(
      fc.asyncProperty(strangeAnswer, async (strange) => {
        const fetch: Host["fetch"] = (input, init) => {
          const { pathname } = new URL(input);
          if (pathname === "/token") return Promise.resolve(strange("GET"));
          const headers = { "www-authenticate": 'Bearer realm="https://reg.test/token"' };
          const isAsked = new Headers(init?.headers).has("authorization");
          return isAsked ? serve(stored)(input, init) : Promise.resolve(new Response("", { status: 401, headers }));
        };
        for (const reading of ["getManifest", "listTags", "status"] as const) {
          await holds(reading, async () => readings[reading]?.(makeRegistry(makeTestHost({ fetch }), { tries: 2 })));
        }
      }),
      { numRuns, seed },
    );
  });
});

const strangeBody: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "<!doctype html><title>Log in</title>", "{", "null", "[]", "\u0000", '"text"', "{}", "<"),
  strangeValue.map((value) => JSON.stringify(value) ?? ""),
  fc
    .record({ tags: strangeValue, manifests: strangeValue, token: strangeValue, errors: strangeValue })
    .map((fields) => JSON.stringify(fields)),
  changed.map(
    (wanted) => JSON.stringify(change({ tags: ["1"], manifests: [{ digest: "" }], token: "x" }, wanted)) ?? "",
  ),
);

const strangeHeaders: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    "content-type": fc.constantFrom(
      "text/html",
      "application/json",
      mediaType.ociIndex,
      "",
      ";",
      "text/html; charset=utf-8",
    ),
    "docker-content-digest": fc.constantFrom("", "sha256:", digestOf("{}"), digestOf(""), "null"),
    location: fc.constantFrom("", "//evil.test/x", "https://reg.test/login", "http://", "file:///etc/passwd", "::"),
    link: fc.constantFrom("<>; rel=next", '<//evil.test//x/y>; rel="next"', "<::>; rel=next", ","),
    "www-authenticate": fc.constantFrom(
      "",
      "Bearer",
      'Bearer realm="::"',
      'Bearer realm="https://reg.test/v2/"',
      "Basic",
    ),
    "content-range": fc.constantFrom("", "bytes 0-1/2"),
    "retry-after": fc.constantFrom("", "-1", "NaN", "1e999"),
    range: fc.constantFrom("", "0-99999999999999999999"),
    "oci-subject": fc.constantFrom("", "null"),
  },
  { requiredKeys: [] },
);

const strangeAnswer: fc.Arbitrary<(method: string) => Response> = fc
  .record({
    status: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(200, 201, 202) },
      fc.constantFrom(203, 206, 300, 301, 302, 307, 400, 401, 403, 404, 405, 409, 416, 429, 500, 503),
    ),
    headers: strangeHeaders,
    body: strangeBody,
  })
  .map(
    ({ status, headers, body }) =>
      (method) =>
        new Response(method === "HEAD" ? null : body, { status, headers }),
  );
