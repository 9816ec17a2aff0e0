import { describe, expect, test } from "vitest";
import { attachedTo, attachStatement, readAttachedBundles } from "../../images/attached-statements.ts";
import { fingerprintTag } from "../../images/published.ts";
import { makeRawManifest } from "../../images/artifact.ts";
import { parseIndex } from "../../registry/content.ts";
import type { Digest } from "../../model/digest.ts";
import type { Index, RawManifest } from "../../model/oci.ts";
import { testPlatform, putImage } from "../../testing/test-image.ts";
import { makeSignedShop, type SignedShop } from "../testing/signed-shop.ts";

const trusting = "signed-since: 1.0.0\ntrust: { workflows: .github/workflows/release.yml }\n";

/** A shop whose `web` was released once, by trunk's workflow. */
async function released(more = trusting): Promise<SignedShop> {
  const shop = await makeSignedShop({ settings: more });
  await shop.release({ version: "1.0.0", only: ["web"] }, await shop.job());
  return shop;
}

/** Services that a release of the next version builds. */
async function builtNext(shop: SignedShop): Promise<string[]> {
  shop.forget();
  await shop.release({ version: "1.0.1", only: ["web"] }, await shop.job());
  return shop.builds();
}

/** The index under web's only `fp-` tag. */
async function fingerprintIndex(shop: SignedShop): Promise<{ readonly tag: string; readonly index: Index }> {
  const tag = Object.keys(shop.tags("shop/web")).find((each) => /^fp-[0-9a-f]{32}$/.test(each)) ?? "";
  const raw = await shop.registry().getManifest(shop.image("web"), tag);
  const index = raw === undefined ? undefined : parseIndex(raw.bytes);
  if (index === undefined) throw new Error("web is not published");
  return { tag, index };
}

/** Puts other content under web's fingerprint, as whoever may push can. */
async function plant(shop: SignedShop, change: (index: Index) => Index): Promise<RawManifest> {
  const { tag, index } = await fingerprintIndex(shop);
  const raw = makeRawManifest(change(index));
  await shop.registry().putManifest(shop.image("web"), tag, raw);
  return raw;
}

function withAnnotations(index: Index, annotations: Index["annotations"]): Index {
  return { ...index, ...(annotations === undefined ? {} : { annotations }) };
}

async function plantImage(shop: SignedShop): Promise<Digest> {
  const image = await putImage(shop.registry(), shop.image("web"), {
    content: "malware",
    platform: testPlatform("linux/amd64"),
  });
  await plant(shop, (index) => {
    const [own] = index.manifests;
    return { ...index, manifests: [{ ...own, ...image }] };
  });
  return image.digest;
}

describe("with signed-since an image is reused", () => {
  test("that trunk's workflow built from these inputs: nothing is built", async () => {
    expect(await builtNext(await released())).toEqual([]);
  });

  test("planted under its fingerprint, with the statement of the real one beside it, is built again", async () => {
    const shop = await released();
    const registry = shop.registry();
    const name = shop.image("web");
    const { index } = await fingerprintIndex(shop);
    const own = index.manifests[0]?.digest;
    if (own === undefined) throw new Error("web has no image");
    const [bundle] = (await readAttachedBundles(registry, name, own)).bundles;
    const planted = await registry.getManifest(name, await plantImage(shop));
    if (planted === undefined || bundle === undefined) throw new Error("nothing is planted");
    const statement = { predicateType: "https://slsa.dev/provenance/v1" } as never;
    const text = new TextDecoder().decode(bundle.bundle);
    await attachStatement(registry, name, attachedTo(planted), { statement, bundle: text });
    expect(await builtNext(shop)).toEqual(["web linux/amd64"]);
  });

  test("built by a run of a branch is built again", async () => {
    const shop = await makeSignedShop({ settings: trusting });
    await shop.build({ services: ["web"] }, await shop.job({ ref: "refs/heads/feature" }));
    expect(await builtNext(shop)).toEqual(["web linux/amd64"]);
  });

  test("under the fingerprint of other inputs is built again", async () => {
    const shop = await released();
    const { index, tag } = await fingerprintIndex(shop);
    await shop.repository.commit({ "web/index.html": "web 2" });
    const plan = await shop.planned(["web"]);
    const fingerprint = plan.steps[0]?.platforms[0]?.fingerprint;
    if (fingerprint == null) throw new Error("web has no fingerprint");
    expect(fingerprintTag(fingerprint)).not.toBe(tag);
    const annotations = { ...index.annotations, "dev.slipway.fingerprint": fingerprint };
    await shop
      .registry()
      .putManifest(
        shop.image("web"),
        fingerprintTag(fingerprint),
        makeRawManifest(withAnnotations(index, annotations)),
      );
    expect(await builtNext(shop)).toEqual(["web linux/amd64"]);
  });

  test("whose annotations make it look young is as old as its statement says", async () => {
    const shop = await released(`${trusting}refresh: 1d\n`);
    shop.advance(3 * 86_400_000);
    const builtAt = new Date(Date.parse("2026-01-01T00:00:00.000Z") + 3 * 86_400_000).toISOString();
    await plant(shop, (index) => ({
      ...index,
      annotations: { ...index.annotations, "dev.slipway.built-at": builtAt },
    }));
    expect(await builtNext(shop)).toEqual(["web linux/amd64"]);
  });
});

test("without signed-since an image is reused as before, whoever put it there", async () => {
  const shop = await released("");
  await plant(shop, (index) => ({ ...index, annotations: { ...index.annotations, planted: "yes" } }));
  expect(await builtNext(shop)).toEqual([]);
});
