import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { digestHex } from "../../model/digest.ts";
import { readAttachedBundles } from "../../images/attached-statements.ts";
import { readPublicKey } from "../../sigstore/signing-key.ts";
import { makeVerifier } from "../../sigstore/verifier.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";
import { parseDigest } from "../../model/digest.ts";
import type { ImageName } from "../../model/reference.ts";
import { failureOf } from "../../testing/failure-of.ts";
import { imageName } from "../../testing/image-name.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const privateKey = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const publicKey = pair.publicKey.export({ format: "pem", type: "spki" }).toString();

async function makeSigned(more = ""): Promise<Shop> {
  const world = await makeShop({ "slipway.yaml": `${settings}sign: { with: key, key: "env:KEY" }\n${more}` });
  world.env = { KEY: privateKey };
  return world;
}

/** Predicate types and subjects of what is attached to a digest and verifies with the key. */
async function attached(world: Shop, name: ImageName, digest: string) {
  const verifier = await makeVerifier({ roots: async () => [], keys: [readPublicKey(publicKey, "the test's")] });
  const { bundles } = await readAttachedBundles(world.registry(), name, parseDigest(digest) ?? fail());
  const done = await Promise.all(bundles.map(({ bundle }) => verifier.verify(bundle)));
  return done.flatMap((each) => (each.kind === "verified" ? [each.verified.statement] : []));
}

function fail(): never {
  throw new Error("no digest");
}

test("a release signs each image that it built, and itself", async () => {
  const world = await makeSigned();
  const result = await world.release({ version: "1.0.0" });
  expect(result.state).toBe("released");
  for (const service of ["api", "base", "web"]) {
    const digest = world.digest(result, service);
    const [statement, ...others] = await attached(world, world.image(service), digest);
    expect(others).toEqual([]);
    expect(statement?.predicateType).toBe("https://slsa.dev/provenance/v1");
    expect(statement?.subject.map((each) => each.digest.sha256)).toContain(digestHex(parseDigest(digest) ?? fail()));
  }
  const record = world.tags("shop/releases")["1.0.0"] ?? "";
  const [statement] = await attached(world, world.image("releases"), record);
  expect(statement?.predicateType).toBe("https://in-toto.io/attestation/release/v0.2");
  expect(statement?.subject).toHaveLength(1 + 3 * 2);
});

test("a copy in another image name carries the signatures, also where the copy was there before", async () => {
  const world = await makeSigned();
  const names = settings.replace(
    "images: reg.test/shop/{service}",
    'images: ["reg.test/shop/{service}", "reg.test/copy/{service}"]',
  );
  const write = async (sign: string): Promise<void> =>
    void (await world.repository.commit({ "slipway.yaml": `${names}${sign}\n` }));
  await write("sign: off");
  const unsigned = await world.release({ version: "1.0.0", only: ["web"] });
  expect(await attached(world, imageName("reg.test/copy/web"), world.digest(unsigned, "web"))).toEqual([]);
  await write('sign: { with: key, key: "env:KEY" }');
  const signed = await world.release({ version: "1.0.1", force: ["web"], only: ["web"] });
  const digest = world.digest(signed, "web");
  expect(await attached(world, imageName("reg.test/copy/web"), digest)).toHaveLength(1);
  const [platform] = signed.releases[0]?.manifest.services[0]?.platforms ?? [];
  expect(await attached(world, imageName("reg.test/copy/web"), platform?.digest ?? "")).toHaveLength(1);
});

test("an image of before that nothing vouches for is released with a warning; once releases are signed it is refused if it is kept, else built anew", async () => {
  const world = await makeSigned();
  const write = async (sign: string): Promise<void> =>
    void (await world.repository.commit({ "slipway.yaml": `${settings}${sign}\n` }));
  const keyed = 'sign: { with: key, key: "env:KEY" }';
  await write("sign: off");
  await world.release({ version: "1.0.0" });
  world.forget();
  await write(keyed);
  expect((await world.release({ version: "1.0.1" })).state).toBe("released");
  const warnings = world.events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
  expect(warnings.filter((each) => each.includes("is released without proof"))).toHaveLength(3);
  await write(`${keyed}\nsigned-since: 1.1.0`);
  const error = await failureOf(world.release({ version: "1.1.0", only: ["web"] }));
  expect([error.kind, error.code]).toEqual(["not-proven", "refused"]);
  expect(world.tags("shop/releases")).not.toHaveProperty("1.1.0");
  world.forget();
  expect((await world.release({ version: "1.1.0" })).state).toBe("released");
});

test("a build with the content of the released image keeps that one only if it is proven, and binds it to the new inputs", async () => {
  const world = await makeSigned();
  world.docker.plan = () => ({ holds: "the same" });
  const first = await world.release({ version: "1.0.0", only: ["web"] });
  await world.repository.commit({ "web/index.html": "web 2" });
  const second = await world.release({ version: "1.0.1", only: ["web"] });
  expect(world.digest(second, "web")).toBe(world.digest(first, "web"));
  const [platform] = second.releases[0]?.manifest.services[0]?.platforms ?? [];
  const types = (await attached(world, world.image("web"), platform?.digest ?? "")).map((each) => each.predicateType);
  expect(types.toSorted()).toEqual(["https://slipway.dev/attestation/binding/v1", "https://slsa.dev/provenance/v1"]);
});
