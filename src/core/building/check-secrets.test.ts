import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findSecrets, secretForms } from "../../buildkit/secret-forms.ts";
import { renderTar } from "../../formats/tar-archive.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";

const token = "s3cr3t+token/for=npm";

async function withSecret(): Promise<Shop> {
  const shop = await makeShop({
    "slipway.yaml": settings.replace("  web:\n", '  web:\n    secrets: ["id=npm,env=NPM_VALUE"]\n'),
    "web/Dockerfile": "FROM reg.test/os:1\nRUN --mount=type=secret,id=npm make\nCOPY index.html /\n",
  });
  shop.env = { NPM_VALUE: token };
  return shop;
}

test.each<[string, string]>([
  ["as it is", token],
  ["as base64", Buffer.from(token).toString("base64")],
  ["in a URL", encodeURIComponent(token)],
])(
  "a secret in the SBOM, %s, fails the service: no tag moves, nothing is published, and the value is not said",
  async (_, text) => {
    const shop = await withSecret();
    shop.docker.plan = ({ service }) =>
      service === "web"
        ? { sbom: { spdxVersion: "SPDX-2.3", packages: [{ name: `left ${text} behind` }] } }
        : undefined;
    const result = await shop.release({ version: "1.0.0" });
    expect(result.state).toBe("failed");
    const web = result.services.find(({ service }) => service === "web");
    expect(web).toMatchObject({
      outcome: "failed",
      because: 'web linux/amd64: the attestation https://spdx.dev/Document holds the value of the secret "npm"',
    });
    expect(Object.keys(shop.tags("shop/web")).filter((tag) => !tag.startsWith("build-"))).toEqual([]);
    expect(JSON.stringify([result, shop.events])).not.toContain(text);
  },
);

test("a secret in a label, and so in the configuration, is found", async () => {
  const shop = await withSecret();
  shop.docker.plan = ({ service }) =>
    service === "web" ? { layers: [{ content: "x", createdBy: `RUN echo ${token}` }] } : undefined;
  const result = await shop.release({ version: "1.0.0" });
  expect(result.services.find(({ service }) => service === "web")?.because).toBe(
    'web linux/amd64: its configuration holds the value of the secret "npm"',
  );
});

test("a build that keeps its secret is released", async () => {
  const shop = await withSecret();
  const layers = [{ content: renderTar([{ path: "a.txt", content: new Uint8Array() }]), createdBy: "COPY a.txt /" }];
  shop.docker.plan = ({ service }) => (service === "web" ? { layers } : undefined);
  expect((await shop.release({ version: "1.0.0" })).state).toBe("released");
  expect(shop.events.filter(({ kind }) => kind === "warning")).toEqual([]);
});

test("a secret in the name of a file is found", async () => {
  const shop = await withSecret();
  const path = `cache/${encodeURIComponent(token)}`;
  const layers = [{ content: renderTar([{ path, content: new Uint8Array() }]), createdBy: "RUN make" }];
  shop.docker.plan = ({ service }) => (service === "web" ? { layers } : undefined);
  const result = await shop.release({ version: "1.0.0" });
  expect(result.services.find(({ service }) => service === "web")?.because).toBe(
    'web linux/amd64: the name of a file holds the value of the secret "npm"',
  );
});

test("a layer whose names cannot be searched is said", async () => {
  const shop = await withSecret();
  shop.docker.plan = ({ service }) => (service === "web" ? { layers: [{ content: "x", createdBy: "" }] } : undefined);
  expect((await shop.release({ version: "1.0.0" })).state).toBe("released");
  const warnings = shop.events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
  expect(warnings).toEqual([
    expect.stringMatching(
      /^the names in layer sha256:[0-9a-f]{64} could not all be searched for secrets: it ends within/,
    ),
  ]);
});

test("a value is found in each of its forms wherever it stands, and in no other text", () => {
  const secret = fc.string({ minLength: 8, maxLength: 60 }).filter((text) => text.trim().length >= 8);
  const around = fc.string({ maxLength: 20 });
  fc.assert(
    fc.property(secret, around, around, (value, left, right) => {
      const sought = [{ id: "a", forms: secretForms(value) }];
      const shown = [
        value.trim(),
        JSON.stringify(value.trim()).slice(1, -1),
        Buffer.from(value).toString("base64"),
        encodeURIComponent(value.trim()),
      ];
      for (const text of shown) expect(findSecrets(`${left}${text}${right}`, sought)).toEqual(["a"]);
      expect(findSecrets("", sought)).toEqual([]);
    }),
    { numRuns: Number(process.env["SLIPWAY_CASES"] ?? 100) },
  );
});

test.each(["", "short", "   x   "])("a value that may be anywhere by chance is not looked for: %j", (value) => {
  expect(secretForms(value)).toEqual([]);
});
