import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findSecrets, secretForms } from "../../buildkit/secret-forms.ts";
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
  expect((await shop.release({ version: "1.0.0" })).state).toBe("released");
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
