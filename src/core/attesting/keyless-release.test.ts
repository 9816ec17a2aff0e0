import { expect, test } from "vitest";
import { failureOf } from "../../testing/failure-of.ts";
import { makeSignedShop } from "../testing/signed-shop.ts";

const predicates = (statements: readonly { readonly predicateType: string }[]): Record<string, number> =>
  Object.fromEntries(
    [...new Set(statements.map(({ predicateType }) => predicateType))].map((type) => [
      type,
      statements.filter(({ predicateType }) => predicateType === type).length,
    ]),
  );

test("a job signs without a key, and GitHub gets what it signed", async () => {
  const shop = await makeSignedShop();
  const result = await shop.release({ version: "1.0.0" }, await shop.job());
  expect(result.services.map(({ because, outcome }) => because ?? outcome)).toEqual(["built", "built", "built"]);
  expect(predicates((await shop.github.state()).attestations)).toEqual({
    "https://slsa.dev/provenance/v1": 3,
    "https://in-toto.io/attestation/release/v0.2": 1,
  });
  expect(shop.sigstore.count({ kind: "rekor", method: "POST" })).toBe(4);
});

test("a release where nothing changed signs itself alone", async () => {
  const shop = await makeSignedShop();
  await shop.release({ version: "1.0.0" }, await shop.job());
  shop.sigstore.clearLog();
  await shop.release({ version: "1.0.1" }, await shop.job());
  expect(shop.sigstore.count({ kind: "rekor", method: "POST" })).toBe(1);
});

test("GitHub's attestations are not needed: without the permission the release is made, and says so", async () => {
  const shop = await makeSignedShop();
  const result = await shop.release(
    { version: "1.0.0" },
    await shop.job({ permissions: { contents: "write", "id-token": "write" } }),
  );
  expect(result.services.map(({ because, outcome }) => because ?? outcome)).toEqual(["built", "built", "built"]);
  const warnings = shop.events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
  expect(warnings).toEqual([expect.stringContaining("`attestations: write`")]);
});

test("a job without id-token: write is refused before anything is built, and the permission is named", async () => {
  const shop = await makeSignedShop();
  const host = await shop.job({ permissions: { contents: "write" } });
  const error = await failureOf(shop.release({ version: "1.0.0" }, host));
  expect([error.kind, error.code, error.hint]).toEqual([
    "signing-denied",
    "credentials",
    expect.stringContaining("id-token: write"),
  ]);
  expect(shop.builds()).toEqual([]);
});

test.each([
  ["the certificate authority", "fulcio"],
  ["the log", "rekor"],
] as const)("an outage of %s fails the release with exit 5, and no tag moves", async (_, kind) => {
  const shop = await makeSignedShop();
  shop.sigstore.setFaults((request) => (request.kind === kind ? { kind: "status", status: 503 } : undefined));
  const result = await shop.release({ version: "1.0.0" }, await shop.job());
  expect(result.state).toBe("failed");
  expect(result.services.map(({ code }) => code)).toContain("unavailable");
  expect(shop.tags("shop/releases")).toEqual({});
});

test("a job that does not sign says why, once", async () => {
  const shop = await makeSignedShop({ sign: "sign: auto" });
  const job = await shop.job({ permissions: { contents: "write" } });
  await shop.release({ version: "1.0.0" }, job);
  expect(shop.events.filter(({ kind }) => kind === "notice")).toEqual([
    { kind: "notice", message: "signing: off, because the job has no `id-token: write`" },
  ]);
  expect(shop.sigstore.count({ kind: "fulcio" })).toBe(0);
});

test.each([
  ["signed-since: 1.0.0\n", ["gh", "cosign", "slipway"]],
  ["", []],
])("the notes of a release under `%s` have the commands that verify each image", async (since, tools) => {
  const shop = await makeSignedShop({ settings: `${since}trust: { roots: [trusted-root.json] }\n` });
  const { notes, releases } = await shop.release({ version: "1.0.0" }, await shop.job());
  const lines = (notes ?? "").split("\n");
  const services = releases.flatMap(({ manifest }) => manifest.services);
  expect(services.length).toBe(3);
  for (const { images, digest } of services) {
    const own = lines.filter((line) => /^(?:gh|cosign|slipway) /.test(line) && line.includes(`${images[0]}@${digest}`));
    expect(own.map((line) => line.split(" ")[0])).toEqual(tools);
    for (const line of own.slice(0, 2)) expect(line).toContain("trusted-root 'trusted-root.json'");
  }
});
