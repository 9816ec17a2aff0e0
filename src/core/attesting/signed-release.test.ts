import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { digestHex } from "../../model/digest.ts";
import { readAttachedBundles } from "../../images/attached-statements.ts";
import { readPublicKey } from "../../sigstore/signing-key.ts";
import { makeVerifier } from "../../sigstore/verifier.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";
import { parseDigest } from "../../model/digest.ts";
import type { ImageName } from "../../model/reference.ts";

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
  const verifier = await makeVerifier({ roots: [], keys: [readPublicKey(publicKey, "the test's")] });
  const { bundles } = await readAttachedBundles(world.registry(), name, parseDigest(digest) ?? fail());
  return bundles.flatMap(({ bundle }) => {
    const done = verifier.verify(bundle);
    return done.kind === "verified" ? [done.verified.statement] : [];
  });
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
