import { describe, expect, test } from "vitest";
import { discoverExample, faultsOf, nonDefaults } from "../testing/repository.ts";

const dockerfiles = Object.fromEntries(
  ["src/frontend", "src/cart/src", "src/base", "tool"].map((name) => [`${name}/Dockerfile`, "FROM scratch\n"]),
);

describe("Skaffold", () => {
  test("gives artifacts with a Dockerfile, also of the files it requires", async () => {
    const project = await discoverExample({
      files: {
        ...dockerfiles,
        "skaffold.yaml": `
apiVersion: skaffold/v4beta1
kind: Config
requires: [{ path: tool }, { configs: [app] }]
build:
  platforms: [linux/arm64]
  artifacts:
    - image: frontend
      context: src/frontend
      docker: { buildArgs: { A: "{{.A}}" }, network: host, secrets: [{ id: s, src: f }], ssh: default }
      requires: [{ image: base, alias: BASE }]
    - { image: "gcr.io/acme/cart", context: src/cart/src, platforms: [linux/amd64], kaniko: { target: x } }
    - { image: base, context: src/base }
    - { image: j, jib: {} }
---
apiVersion: skaffold/v4beta1
kind: Config
metadata: { name: app }
`,
        "tool/skaffold.yaml": "build: { artifacts: [{ image: tool }] }",
        "slipway.yaml": "allow: { ssh: true, network: host }",
      },
      host: { env: { A: "a" } },
    });
    expect(project.services.map(nonDefaults)).toEqual([
      {
        name: "base",
        context: "src/base",
        dockerfile: "src/base/Dockerfile",
        images: ["ghcr.io/acme/shop/base"],
        platforms: ["linux/arm64"],
      },
      {
        name: "cart",
        context: "src/cart/src",
        dockerfile: "src/cart/src/Dockerfile",
        target: "x",
        images: ["gcr.io/acme/cart"],
      },
      {
        name: "frontend",
        context: "src/frontend",
        dockerfile: "src/frontend/Dockerfile",
        images: ["ghcr.io/acme/shop/frontend"],
        platforms: ["linux/arm64"],
        args: { A: { value: "a", stamp: false }, BASE: { value: "base", stamp: false } },
        needs: ["base"],
        contexts: { base: { kind: "service", service: "base" } },
        secrets: [{ id: "s", from: { kind: "file", path: "f" } }],
        ssh: ["default"],
        settings: { network: "host" },
      },
      { name: "tool", context: "tool", dockerfile: "tool/Dockerfile", images: ["ghcr.io/acme/shop/tool"] },
    ]);
    expect(project.leftOut).toEqual([
      { path: "skaffold.yaml: j", because: "it is built by jib, without a Dockerfile" },
    ]);
  });

  test("has every fault told where it is", async () => {
    const text = `build:
  artifacts:
    - context: x
    - image: a
      context: src/nope
      requires: [{ image: b }]
      docker: { buildArgs: { A: "{{.NOT_SET}}", B: "{{cmd}}" } }
`;
    expect(await faultsOf({ files: { ...dockerfiles, "skaffold.yaml": text } })).toEqual([
      'skaffold.yaml:3:7: an artifact needs an "image"',
      'skaffold.yaml:5:16: the context "src/nope" is not there',
      'skaffold.yaml:6:27: no artifact has the image "b"',
      'skaffold.yaml:7:33: the environment variable "NOT_SET" is not set',
      'skaffold.yaml:7:52: the template "{{cmd}}" is not understood; only {{.VARIABLE}} is',
    ]);
  });
});
