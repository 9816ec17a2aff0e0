import { expect, test } from "vitest";
import { imageLabels } from "../../buildkit/labels.ts";
import { predefinedAnnotations } from "../../model/oci-annotations.ts";
import { fillTexts } from "./fill-texts.ts";

const facts = { service: "api", group: "shop", source: "https://github.com/acme/shop" };

function filled(texts: Readonly<Record<string, string>>): { texts: Record<string, string>; warnings: string[] } {
  const warnings: string[] = [];
  return { texts: fillTexts("labels", texts, facts, warnings), warnings };
}

test.each([
  ["{service} of {group}", "api of shop"],
  ["{source}/tree/main/{service}", "https://github.com/acme/shop/tree/main/api"],
  ['{"features":{"service":1}}', '{"features":{"service":1}}'],
  ["plain", "plain"],
])("a label %j is %j", (value, wanted) => {
  expect(filled({ "dev.acme.a": value })).toEqual({ texts: { "dev.acme.a": wanted }, warnings: [] });
});

test("a placeholder that changes with each commit stays as it is, and is warned of", () => {
  expect(filled({ a: "build {revision}" })).toEqual({
    texts: { a: "build {revision}" },
    warnings: [expect.stringContaining('{revision} in labels "a" is not filled')],
  });
});

test("a key that looks like one of the image-spec and is none is warned of, with the nearest", () => {
  expect(filled({ "org.opencontainers.image.license": "MIT" }).warnings).toEqual([
    'api: labels "org.opencontainers.image.license" is no key of the OCI image-spec; did you mean "org.opencontainers.image.licenses"?',
  ]);
  expect(filled(Object.fromEntries(predefinedAnnotations.map((key) => [key, "a"]))).warnings).toEqual([]);
});

test("every label that Slipway adds under OCI's prefix is a key of its list", () => {
  const base = { name: "a", digest: "b" };
  const labels = imageLabels({ service: "a", version: "1", revision: "b", source: "c", createdAt: "d", base });
  const own = Object.keys(labels).filter((key) => key.startsWith("org.opencontainers."));
  expect(own.filter((key) => !predefinedAnnotations.includes(key))).toEqual([]);
});
