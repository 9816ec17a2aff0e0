import { expect, test } from "vitest";
import { sbom } from "../../index.ts";
import { makeSpdx, type WrittenPackage } from "../../sbom/testing/spdx.ts";
import type { FakeBuild } from "../../testing/docker/fake-build.ts";
import type { FakeOutcome } from "../../testing/docker/fake-docker.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";

type Packages = readonly (string | WrittenPackage)[];

/** Builds `base` of one layer, and `api` of that and one more, each with these packages. */
function building(base: Packages, api: Packages): (build: FakeBuild) => FakeOutcome {
  const layer = (content: string): { content: string; createdBy: string } => ({ content, createdBy: "RUN make" });
  const os = layer(`a file system with ${JSON.stringify(base)}`);
  return ({ service, content }) => {
    const [packages, layers] = service === "base" ? [base, [os]] : [api, [os, layer(content)]];
    return { sbom: makeSpdx(packages), layers };
  };
}

async function released(base: Packages, api: Packages): Promise<Shop> {
  const shop = await makeShop();
  shop.docker.plan = building(base, api);
  await shop.release({ version: "1.0.0" });
  return shop;
}

const list = (shop: Shop, options: Parameters<typeof sbom>[1] = {}): ReturnType<typeof sbom> =>
  sbom("api", { ...options, host: shop.host() });

test("the packages of an image are listed, those of its base as the base's", async () => {
  const shop = await released(
    ["pkg:deb/debian/libc6@1"],
    ["pkg:deb/debian/libc6@1", { purl: "pkg:npm/a@1", license: "MIT" }],
  );
  const { packages, exported } = await list(shop);
  expect(exported).toBeNull();
  expect(packages).toMatchObject({
    service: "api",
    platform: "linux/amd64",
    release: "1.0.0",
    tool: "syft-1.57.1",
    base: { kind: "known", reference: "reg.test/shop/base" },
    packages: [
      { id: "pkg:deb/debian/libc6", version: "1", from: "base" },
      { id: "pkg:npm/a", version: "1", license: "MIT", from: "service" },
    ],
    changes: null,
    notes: [],
  });
});

test("two releases are compared, what the base brought apart", async () => {
  const shop = await released(["pkg:deb/debian/libc6@1"], ["pkg:deb/debian/libc6@1", "pkg:npm/a@1"]);
  await shop.repository.commit({ "base/lib.txt": "lib 2", "api/src/main.txt": "api 2" });
  shop.docker.plan = building(["pkg:deb/debian/libc6@2"], ["pkg:deb/debian/libc6@2", "pkg:npm/a@1", "pkg:npm/b@1"]);
  await shop.release({ version: "1.1.0" });
  expect((await list(shop, { diff: "1.0.0" })).packages.changes).toMatchObject({
    since: "1.0.0",
    service: { added: [{ id: "pkg:npm/b" }], removed: [], changed: [] },
    base: { added: [], removed: [], changed: [{ id: "pkg:deb/debian/libc6", before: ["1"], after: ["2"] }] },
  });
});

test("the whole document is given as SPDX and as CycloneDX", async () => {
  const shop = await released([], ["pkg:npm/a@1"]);
  const spdx = (await list(shop, { format: "spdx" })).exported ?? "";
  expect(JSON.parse(spdx)).toEqual(makeSpdx(["pkg:npm/a@1"]));
  const cyclonedx = (await list(shop, { format: "cyclonedx" })).exported ?? "";
  expect(JSON.parse(cyclonedx)).toMatchObject({ specVersion: "1.6", components: [{ purl: "pkg:npm/a@1" }] });
});

test.each<[string, () => Promise<Shop>, object]>([
  [
    "an image without an SBOM",
    () => makeShop({ "slipway.yaml": `sbom: off\n${settings}` }),
    { kind: "sbom-missing", message: expect.stringContaining("no SBOM is attached") },
  ],
])("%s is an error that names the image", async (_, make, wanted) => {
  const shop = await make();
  await shop.release({ version: "1.0.0" });
  await expect(list(shop)).rejects.toMatchObject(wanted);
});

test("a release that there is not is refused", async () => {
  const shop = await released([], []);
  await expect(list(shop, { diff: "9.0.0" })).rejects.toMatchObject({ code: "usage" });
});
