import { expect, test } from "vitest";
import { imageLabels } from "./labels.ts";

const facts = {
  service: "api",
  version: "1.2.0",
  revision: "4f0e",
  source: "https://github.com/acme/shop",
  createdAt: "2026-01-01T00:00:00.000Z",
};

test("labels carry OCI's predefined keys and the service", () => {
  expect(imageLabels({ ...facts, base: { name: "docker.io/library/node:24", digest: "sha256:1" } })).toEqual({
    "dev.slipway.service": "api",
    "org.opencontainers.image.base.digest": "sha256:1",
    "org.opencontainers.image.base.name": "docker.io/library/node:24",
    "org.opencontainers.image.created": "2026-01-01T00:00:00.000Z",
    "org.opencontainers.image.revision": "4f0e",
    "org.opencontainers.image.source": "https://github.com/acme/shop",
    "org.opencontainers.image.title": "api",
    "org.opencontainers.image.version": "1.2.0",
  });
});

test("what is not known has no label", () => {
  const labels = imageLabels({ ...facts, version: undefined, source: undefined });
  expect(Object.keys(labels)).toEqual([
    "dev.slipway.service",
    "org.opencontainers.image.created",
    "org.opencontainers.image.revision",
    "org.opencontainers.image.title",
  ]);
});
