import { describe, expect, test } from "vitest";
import { type Digest, digestOf } from "../../src/model/digest.ts";
import { type Manifest, emptyConfig, mediaType } from "../../src/model/oci.ts";
import type { ImageName } from "../../src/model/reference.ts";
import { makeManifestDeleter } from "../../src/core/workspace/delete-manifest.ts";
import type { Registry } from "../../src/registry/registry.ts";

/**
 * What some registries do not do: `validates` a manifest's blobs before it is stored, `mounts` blobs, `untags` what pointed to a
 * manifest that is deleted. Then the contract says what they do instead.
 */
export type Lack = "validates" | "mounts" | "untags";

/** A registry to be held to the contract. `name` gives an image name that nobody else uses. */
export interface ContractSubject {
  readonly registry: Registry;
  readonly name: (suffix: string) => ImageName;
  readonly lacks?: readonly Lack[];
}

/** Contract that Slipway needs of every registry, through its client; it runs against the registry in memory and real ones. */
export function describeRegistryContract(title: string, subject: () => ContractSubject): void {
  describe(title, () => {
    describeManifests(subject);
    describeDeletion(subject);
    describeBlobs(subject);
    describeTagsAndReferrers(subject);
    describeCopies(subject);
  });
}

function describeManifests(subject: () => ContractSubject): void {
  test("a manifest comes back byte for byte, with its media type, by tag and by digest", async () => {
    const { registry, name } = subject();
    const image = name("bytes");
    // Odd white space and key order: whoever parses and writes it again changes the digest.
    const text = JSON.stringify(await pushContent(registry, image, "a"), null, 3).replace("{", "{ \n");
    const bytes = new TextEncoder().encode(text);
    const digest = await registry.putManifest(image, "one", { mediaType: mediaType.ociManifest, bytes });
    expect(digest).toBe(digestOf(bytes));
    for (const reference of ["one", digest]) {
      const read = await registry.getManifest(image, reference);
      expect(read).toEqual({ mediaType: mediaType.ociManifest, digest, bytes: expect.anything() });
      expect(Buffer.from(read?.bytes ?? []).equals(bytes)).toBe(true);
      expect(await registry.headManifest(image, reference)).toEqual({
        digest,
        mediaType: mediaType.ociManifest,
        size: bytes.length,
      });
    }
  });

  test("Docker's media types are kept", async () => {
    const { registry, name } = subject();
    const image = name("docker");
    const manifest = { ...(await pushContent(registry, image, "d")), mediaType: mediaType.dockerManifest };
    const digest = await push(registry, image, "d", manifest);
    expect((await registry.getManifest(image, digest))?.mediaType).toBe(mediaType.dockerManifest);
  });

  test("what is not there is undefined, in a name that is there and in one that is not", async () => {
    const { registry, name } = subject();
    const image = name("absent");
    const nobody = digestOf("nobody has this");
    await pushContent(registry, image, "a");
    for (const asked of [image, name("never-pushed-to")]) {
      expect(await registry.getManifest(asked, "nope")).toBeUndefined();
      expect(await registry.getManifest(asked, nobody)).toBeUndefined();
      expect(await registry.headManifest(asked, "nope")).toBeUndefined();
      expect(await registry.hasBlob(asked, nobody)).toBe(false);
      expect(await registry.deleteManifest(asked, nobody)).toBe(false);
    }
  });

  test("a tag that is put again moves, and the old manifest stays under its digest", async () => {
    const { registry, name } = subject();
    const image = name("moves");
    const first = await push(registry, image, "latest", await pushContent(registry, image, "a"));
    const second = await push(registry, image, "latest", await pushContent(registry, image, "b"));
    expect(second).not.toBe(first);
    expect((await registry.headManifest(image, "latest"))?.digest).toBe(second);
    expect((await registry.headManifest(image, first))?.digest).toBe(first);
  });

  test("a manifest whose blobs are not there is not stored", async () => {
    const { registry, name, lacks = [] } = subject();
    const image = name("dangling");
    const layers = [{ mediaType: "application/octet-stream", digest: digestOf("not pushed"), size: 10 }];
    const manifest: Manifest = { ...(await pushContent(registry, image, "a")), layers };
    if (lacks.includes("validates")) {
      await push(registry, image, "x", manifest);
      return;
    }
    await expect(push(registry, image, "x", manifest)).rejects.toMatchObject({ code: "failed" });
    expect(await registry.headManifest(image, "x")).toBeUndefined();
  });

  test("a deleted manifest is gone, and its tags with it", async () => {
    const { registry, name, lacks = [] } = subject();
    const image = name("deleted");
    const kept = await push(registry, image, "kept", await pushContent(registry, image, "k"));
    const digest = await push(registry, image, "gone", await pushContent(registry, image, "g"));
    expect(await registry.deleteManifest(image, digest)).toBe(true);
    if (lacks.includes("untags")) {
      expect((await registry.headManifest(image, "gone"))?.digest).toBe(digest);
      expect(await registry.deleteManifest(image, "gone")).toBe(true);
    }
    expect(await registry.getManifest(image, "gone")).toBeUndefined();
    expect(await registry.deleteManifest(image, digest)).toBe(false);
    expect((await registry.headManifest(image, "kept"))?.digest).toBe(kept);
  });
}

function describeDeletion(subject: () => ContractSubject): void {
  test("what is deleted for good is gone by its digest and by its tag", async () => {
    const { registry, name } = subject();
    const image = name("pruned");
    await push(registry, image, "kept", await pushContent(registry, image, "k"));
    const digest = await push(registry, image, "pruned", await pushContent(registry, image, "p"));
    const deleteManifest = makeManifestDeleter({ host: { sleep: () => Promise.resolve() }, registry });
    expect(await deleteManifest(image, digest, "pruned")).toBe("deleted");
    expect(await registry.headManifest(image, digest)).toBeUndefined();
    expect(await registry.headManifest(image, "pruned")).toBeUndefined();
    expect(await registry.headManifest(image, "kept")).toBeDefined();
    expect(await deleteManifest(image, digest, "pruned")).toBe("gone");
  });

  test("whether a name can be pushed to is asked without leaving anything", async () => {
    const { registry, name } = subject();
    const image = name("asked");
    await registry.checkPush(image);
    expect(await registry.listTags(image)).toEqual([]);
  });
}

function describeBlobs(subject: () => ContractSubject): void {
  test.each([
    ["nothing", 0],
    ["one byte", 1],
    ["one chunk exactly", 1000],
    ["a chunk and a byte", 1001],
    ["many chunks", 4321],
  ])("a blob of %s comes back as it was", async (_, size) => {
    const { registry, name } = subject();
    const image = name("any-size");
    const bytes = makeBytes(size, 7);
    const stored = await registry.putBlob(image, bytes);
    expect(stored).toEqual({ digest: digestOf(bytes), size });
    expect(await registry.hasBlob(image, stored.digest)).toBe(true);
    expect(Buffer.from(await registry.getBlob(image, stored)).equals(bytes)).toBe(true);
  });

  test("a blob that is there already is not sent again", async () => {
    const { registry, name } = subject();
    const image = name("twice");
    const bytes = makeBytes(3000, 8);
    await registry.putBlob(image, bytes);
    const before = registry.stats();
    await registry.putBlob(image, bytes);
    expect(registry.stats().bytesWritten).toBe(before.bytesWritten);
    expect(registry.stats().requests).toBe(before.requests + 1);
  });

  test("a blob is pushed from a source that is read in pieces", async () => {
    const { registry, name } = subject();
    const image = name("source");
    const bytes = makeBytes(2500, 9);
    const digest = digestOf(bytes);
    await registry.putBlob(image, {
      digest,
      size: bytes.length,
      open: async function* (offset) {
        for (let at = offset; at < bytes.length; at += 333) yield await Promise.resolve(bytes.subarray(at, at + 333));
      },
    });
    expect(Buffer.from(await registry.getBlob(image, { digest, size: bytes.length })).equals(bytes)).toBe(true);
  });

  test("a source whose bytes are not those of its digest is not stored", async () => {
    const { registry, name } = subject();
    const image = name("liar");
    const digest = digestOf("something else");
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(makeBytes(20, 1));
    };
    await expect(registry.putBlob(image, { digest, size: 20, open })).rejects.toThrow(
      /did not take the upload: 400 Bad Request \((?:DIGEST_INVALID|BLOB_UPLOAD_INVALID)/,
    );
    expect(await registry.hasBlob(image, digest)).toBe(false);
  });

  test("a blob is mounted from another name, and one that is not there is not", async () => {
    const { registry, name, lacks = [] } = subject();
    const [from, to] = [name("mount-from"), name("mount-to")];
    const blob = await registry.putBlob(from, makeBytes(50, 3));
    const { digest } = blob;
    if (lacks.includes("mounts")) {
      expect(await registry.mountBlob(to, digest, from)).toBe(false);
      await registry.copyBlob(from, to, blob);
    } else expect(await registry.mountBlob(to, digest, from)).toBe(true);
    expect(await registry.hasBlob(to, digest)).toBe(true);
    expect(await registry.mountBlob(to, digestOf("nobody has this"), from)).toBe(false);
  });
}

function describeTagsAndReferrers(subject: () => ContractSubject): void {
  test("all tags are listed, each once; a name without any has none", async () => {
    const { registry, name } = subject();
    const image = name("tags");
    expect(await registry.listTags(image)).toEqual([]);
    const manifest = await pushContent(registry, image, "t");
    const tags = ["1.0.0", "1.0", "latest", "fp-0123", "A_b.c-d"];
    for (const tag of tags) await push(registry, image, tag, manifest);
    expect([...(await registry.listTags(image))].toSorted()).toEqual(tags.toSorted());
  });

  test("what refers to a manifest is listed, all of it or by artifact type", async () => {
    const { registry, name } = subject();
    const image = name("referrers");
    const base = await pushContent(registry, image, "subject");
    const subjectDigest = await push(registry, image, "subject", base);
    expect(await registry.listReferrers(image, subjectDigest)).toEqual([]);
    const size = encode(base).length;
    const refer = (type: string): Promise<Digest> => {
      const manifest = {
        ...base,
        artifactType: type,
        subject: { mediaType: base.mediaType, digest: subjectDigest, size },
        annotations: { made: type },
      };
      return push(registry, image, digestOf(encode(manifest)), manifest);
    };
    // At once: where the registry keeps no list, the client's own entries must not overwrite each other.
    const [first, second] = await Promise.all([refer("application/vnd.test.one"), refer("application/vnd.test.two")]);
    const all = await registry.listReferrers(image, subjectDigest);
    expect(all.map((entry) => entry.digest).toSorted()).toEqual([first, second].toSorted());
    const [only, ...others] = await registry.listReferrers(image, subjectDigest, "application/vnd.test.two");
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      digest: second,
      artifactType: "application/vnd.test.two",
      mediaType: mediaType.ociManifest,
      annotations: { made: "application/vnd.test.two" },
    });
  });
}

function describeCopies(subject: () => ContractSubject): void {
  test("an index is copied with everything under it, to another name of the same registry", async () => {
    const { registry, name } = subject();
    const [from, to] = [name("tree-from"), name("tree-to")];
    const children = [await pushContent(registry, from, "x"), await pushContent(registry, from, "y")];
    const manifests = await Promise.all(
      children.map(async (child) => {
        const digest = await push(registry, from, digestOf(encode(child)), child);
        return { mediaType: child.mediaType, digest, size: encode(child).length };
      }),
    );
    const index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
    const digest = await push(registry, from, "tree", index);
    const copied = await registry.copyManifestTree(from, digest, to);
    expect(copied.digest).toBe(digest);
    for (const each of [digest, ...manifests.map((child) => child.digest)]) {
      expect((await registry.headManifest(to, each))?.digest).toBe(each);
    }
    for (const layer of children.flatMap((child) => child.layers)) {
      expect(await registry.hasBlob(to, layer.digest)).toBe(true);
    }
    expect(await registry.listTags(to)).toEqual([]);
  });

  test("images that share a blob are copied at once, however often", async () => {
    const { registry, name } = subject();
    const from = name("shared-from");
    const manifests = await Promise.all(
      ["a", "b", "c", "d"].map(async (seed) => {
        const child = await pushContent(registry, from, seed);
        return push(registry, from, digestOf(encode(child)), child);
      }),
    );
    for (let round = 0; round < 30; round++) {
      const to = name(`shared-to-${round}`);
      await Promise.all(manifests.map((digest) => registry.copyManifestTree(from, digest, to)));
    }
  });
}

/** Pushes a small layer and the empty configuration; gives the manifest over them, not pushed yet. */
async function pushContent(registry: Registry, name: ImageName, seed: string): Promise<Manifest> {
  const layer = await registry.putBlob(name, new TextEncoder().encode(`layer ${seed}`));
  await registry.putBlob(name, emptyConfig.bytes);
  return {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: emptyConfig.descriptor,
    layers: [{ mediaType: "application/octet-stream", ...layer }],
  };
}

function push(registry: Registry, name: ImageName, reference: string, content: { mediaType: string }): Promise<Digest> {
  return registry.putManifest(name, reference, { mediaType: content.mediaType, bytes: encode(content) });
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function makeBytes(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed * 17 + (index >> 8)) & 255);
}
