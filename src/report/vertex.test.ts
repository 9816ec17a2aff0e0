import { expect, test } from "vitest";
import { isInstruction, shortenVertex } from "./vertex.ts";

test.each([
  ["[internal] load build definition from Dockerfile", undefined, false],
  ["[auth] acme/shop:pull,push token for ghcr.io", undefined, false],
  ["[linux/amd64 internal] load metadata for docker.io/library/node:24", undefined, false],
  [
    "[1/3] FROM docker.io/library/node:24-slim@sha256:" + "a".repeat(64),
    "FROM docker.io/library/node:24-slim@sha256:aaaaaaaaaaaa",
    false,
  ],
  ["[build 3/7] RUN --mount=type=cache,target=/root/.npm --network=none npm ci", "RUN npm ci", true],
  ["[linux/arm64 build 3/7] COPY --chown=node:node --link src ./src", "COPY src ./src", true],
  ["[stage-1 2/2] RUN <<EOF (set -e...)", "RUN <<EOF (set -e...)", true],
  ["exporting to image", "exporting to image", false],
  [
    "importing cache manifest from ghcr.io/acme/cache:api",
    "importing cache manifest from ghcr.io/acme/cache:api",
    false,
  ],
  ["[lib] FROM docker-image://ghcr.io/acme/lib", "FROM docker-image://ghcr.io/acme/lib", false],
])("the vertex %j is shown as %j", (name, shown, counts) => {
  expect(shortenVertex(name)).toBe(shown);
  expect(isInstruction(name)).toBe(counts);
});
