import { expect, test } from "vitest";
import { SlipwayError } from "../../errors.ts";
import { digestOf } from "../../model/digest.ts";
import type { ReleasedPlatform } from "../../model/release.ts";
import { imageName } from "../../testing/image-name.ts";
import { testPlatform } from "../../testing/test-image.ts";
import { makeExpectations } from "./expectations.ts";
import type { ReleaseHistory } from "./release-history.ts";

const amd64 = testPlatform("linux/amd64");
const name = imageName("reg.test/shop/api");
const [image, attestation, fingerprint] = ["image", "attestation", "fingerprint"].map((text) => digestOf(text));
const wanted = { service: "api", name, platform: amd64, fingerprint: fingerprint ?? expect.unreachable() };

function historyOf(platform: Partial<ReleasedPlatform>): ReleaseHistory {
  const platforms = [{ platform: amd64, digest: image, fingerprint, size: 1, ...platform }];
  return { service: async () => ({ released: { images: [name], platforms } }) } as unknown as ReleaseHistory;
}

test.each([
  ["the image and its attestations, which the record names", { attestations: [attestation] }, [image, attestation]],
  ["nothing where the record names no attestations", {}, []],
  ["nothing where other inputs were released", { attestations: [attestation], fingerprint: digestOf("other") }, []],
  ["nothing of another platform", { attestations: [attestation], platform: testPlatform("linux/arm64") }, []],
])("a release expects %s", async (_, platform, expected) => {
  const history = historyOf(platform as Partial<ReleasedPlatform>);
  expect(await makeExpectations(history).manifests(wanted)).toEqual(expected);
});

test("nothing is expected under another image name", async () => {
  const history = historyOf({ attestations: [] });
  const other = { ...wanted, name: imageName("reg.test/copies/api") };
  expect(await makeExpectations(history).manifests(other)).toEqual([]);
});

test("a record that cannot be read lets it expect nothing, and an interruption ends it", async () => {
  const failing = (error: Error): ReleaseHistory =>
    ({ service: () => Promise.reject(error), manifests: () => Promise.reject(error) }) as unknown as ReleaseHistory;
  const unreadable = makeExpectations(failing(new SlipwayError("record-unreadable", "reading 1.0.0")));
  expect(await unreadable.manifests(wanted)).toEqual([]);
  expect(await unreadable.baseConfig(digestOf("base"))).toBeUndefined();
  const interrupted = makeExpectations(failing(new SlipwayError("interrupted", "interrupted")));
  await expect(interrupted.manifests(wanted)).rejects.toMatchObject({ kind: "interrupted" });
});
