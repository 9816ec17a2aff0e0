import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verify } from "../../index.ts";
import { attachedTo, attachStatement, readAttachedBundles } from "../../images/attached-statements.ts";
import { digestHex } from "../../model/digest.ts";
import type { VerifyDocument } from "../../model/verification.ts";
import { fieldsOf, parseJson, textField } from "../../formats/json.ts";
import { makeSignedShop, type SignedShop } from "../testing/signed-shop.ts";

/** A shop with one version, whose bundles GitHub has. */
async function released(settings = ""): Promise<SignedShop> {
  const shop = await makeSignedShop({ settings });
  await shop.release({ version: "1.0.0" }, await shop.job());
  return shop;
}

async function verified(shop: SignedShop, options: Parameters<typeof verify>[0] = {}): Promise<VerifyDocument> {
  return verify({ ...options, host: await shop.job({ event: "schedule" }) });
}

const reasons = ({ missing, images }: VerifyDocument): string[] => [
  ...missing,
  ...images.flatMap((image) => [...image.missing, ...image.distrusted]),
];

test("a release that its workflow signed is proven: who built each image, from which commit, of what", async () => {
  const shop = await released();
  const document = await verified(shop);
  expect([document.isProven, reasons(document)]).toEqual([true, []]);
  expect(document.images.map(({ service }) => service)).toEqual(["api", "base", "web"]);
  const [statement] = document.images.find(({ service }) => service === "web")?.statements ?? [];
  expect(statement?.signer).toMatchObject({
    kind: "workflow",
    subject: "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main",
    runner: "github-hosted",
  });
  expect(statement?.madeFrom.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["context", "pkg:docker/reg.test/os@1?platform=linux%2Famd64"]),
  );
});

test.each([
  [
    "another workflow",
    { workflow: "other" },
    "trust: { workflows: .github/workflows/release.yml }",
    "not .github/workflows/release.yml",
  ],
  ["a branch that is not trunk", { ref: "refs/heads/feature" }, "", 'on "refs/heads/feature"'],
] as const)(
  "an image that %s built is not proven, with its twin of trunk proven",
  async (_, job, settings, because) => {
    const shop = await makeSignedShop({ settings: `${settings}\n` });
    await shop.release({ version: "1.0.0", only: ["web"] }, await shop.job());
    expect((await verified(shop)).isProven).toBe(true);
    await shop.repository.commit({ "web/index.html": "web 2" });
    await shop.build({ services: ["web"] }, await shop.job(job));
    const built = shop.events.flatMap((event) =>
      event.kind === "service-ended" && event.outcome.kind === "built" ? [event.outcome.digest] : [],
    );
    const document = await verified(shop, { what: `reg.test/shop/web@${built.at(-1) ?? ""}` });
    expect(document.isProven).toBe(false);
    expect(reasons(document).join("\n")).toContain(because);
  },
);

test("a signature of another repository, a changed statement and a stripped one prove nothing", async () => {
  const shop = await released();
  const registry = shop.registry();
  const name = shop.image("web");
  const tag = shop.tags("shop/web")["1.0.0"];
  if (tag === undefined) throw new Error("web is not released");
  const [own] = (await readAttachedBundles(registry, name, tag)).bundles;
  const text = new TextDecoder().decode(own?.bundle);
  const planted = await registry.putManifest(name, "planted", {
    mediaType: "application/vnd.oci.image.index.v1+json",
    bytes: new TextEncoder().encode(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    ),
  });
  const raw = await registry.getManifest(name, planted);
  if (raw === undefined) throw new Error("it is not there");
  expect(reasons(await verified(shop, { what: `${name}:planted` }))).toEqual([
    expect.stringContaining("nothing says who built it"),
  ]);
  const envelope = fieldsOf(fieldsOf(parseJson(text))["dsseEnvelope"]);
  const statement = Buffer.from(textField(envelope, "payload"), "base64").toString();
  const changed = statement.replaceAll(digestHex(tag), digestHex(planted));
  const bundle = JSON.stringify({
    ...fieldsOf(parseJson(text)),
    dsseEnvelope: { ...envelope, payload: Buffer.from(changed).toString("base64") },
  });
  await attachStatement(registry, name, attachedTo(raw), { statement: JSON.parse(changed) as never, bundle });
  const document = await verified(shop, { what: `${name}:planted` });
  expect([document.isProven, reasons(document).at(-1)]).toEqual([
    false,
    expect.stringContaining("a statement does not verify"),
  ]);
});

test("bundles in a file are enough, without a registry, and one that is missing is told", async () => {
  const shop = await released("trust: { roots: trusted-root.json }\n");
  const { attestations } = await shop.github.state();
  const lines = attestations.map(({ bundle }) => JSON.stringify(bundle));
  const file = join(shop.repository.root, "..", `bundles-${process.pid}.jsonl`);
  writeFileSync(file, lines.join("\n"));
  shop.sigstore.clearLog();
  shop.memory.clearLog();
  expect((await verified(shop, { offline: file })).isProven).toBe(true);
  expect([shop.sigstore.log.length, shop.memory.log.length]).toEqual([0, 0]);
  writeFileSync(file, lines.filter((line) => !line.includes(lines[0]?.slice(0, 400) ?? "")).join("\n"));
  expect((await verified(shop, { offline: file })).isProven).toBe(false);
  writeFileSync(
    file,
    lines.map((line, at) => (at === 0 ? line.replace('"payload":"', '"payload":"AAAA') : line)).join("\n"),
  );
  const images = (await verified(shop, { offline: file })).images.filter(({ isProven }) => !isProven);
  expect(images.map(({ distrusted }) => distrusted)).toEqual(
    images.map(() => [expect.stringContaining("a statement does not verify")]),
  );
  expect(images.length).toBeGreaterThan(0);
  await expect(verified(shop, { offline: "none.jsonl" })).rejects.toMatchObject({
    message: expect.stringContaining("reading the bundles none.jsonl: ENOENT"),
    hint: "--offline takes a file with one Sigstore bundle in JSON on each line",
  });
});
