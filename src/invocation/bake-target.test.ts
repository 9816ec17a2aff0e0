import { describe, expect, test } from "vitest";
import { readBakeDefinition, readBakeTarget } from "./bake-target.ts";
import { readBuildArguments } from "./read-build-arguments.ts";

/** As buildx 0.29 prints it. */
const app = {
  description: "the shop",
  annotations: ["index:a=b"],
  attest: [{ mode: "max", type: "provenance" }, { type: "sbom" }],
  context: "app",
  contexts: { base: "target:base", f: "./base", x: "docker-image://alpine" },
  dockerfile: "docker/Dockerfile",
  args: { A: "1, 2" },
  labels: { "a.b": "c,d" },
  tags: ["r.test/app:1"],
  "cache-from": [{ ref: "r.test/cache", type: "registry" }],
  "cache-to": ["type=inline"],
  target: "t",
  secret: [{ id: "e", env: "FOO" }],
  ssh: [{ id: "default", paths: ["/k"] }],
  platforms: ["linux/amd64", "linux/arm64"],
  output: [{ push: "true", type: "image", name: "a,b" }],
  pull: true,
  network: "host",
  "no-cache-filter": ["a"],
  "shm-size": "64m",
  ulimits: ["nofile=1:2"],
  call: "build",
  entitlements: ["network.host"],
  "extra-hosts": { h: "1.2.3.4" },
} as const;

describe("a target of a bake definition", () => {
  test("is the build that it stands for", () => {
    const { argv, ...target } = readBakeTarget("app", app, undefined);
    expect(target).toEqual({ name: "app", links: ["base"], tags: ["r.test/app:1"], unknown: [] });
    const invocation = readBuildArguments(argv, {});
    expect(invocation).toMatchObject({
      context: { kind: "folder", path: "app" },
      dockerfile: "app/docker/Dockerfile",
      target: "t",
      platforms: ["linux/amd64", "linux/arm64"],
      tags: ["r.test/app:1"],
      args: { A: "1, 2" },
      contexts: { base: "target:base", f: "./base", x: "docker-image://alpine" },
      ssh: ["default=/k"],
      labels: { "a.b": "c,d" },
      annotations: { "index:a": "b" },
      outputs: [{ type: "image", attributes: { push: "true", name: "a,b" } }],
      attestations: { provenance: { mode: "max" }, sbom: {} },
      pull: true,
      noCache: false,
      noCacheFilter: ["a"],
      call: "build",
      unknown: [],
    });
    expect(invocation.limits).toMatchObject({ network: "host", extraHosts: ["h:1.2.3.4"], shmSize: "64m" });
    expect(invocation.secrets).toHaveLength(1);
  });

  test.each([
    ["an inline Dockerfile", { context: ".", "dockerfile-inline": "FROM scratch" }, undefined, ["dockerfile-inline"]],
    ["a key of a newer buildx", { context: ".", teleport: true }, undefined, ["teleport"]],
    ["a value of another shape", { context: ".", args: ["A=1"] }, undefined, ["args"]],
    ["a folder beside what bake fetched", { context: "../x" }, "https://github.com/acme/shop.git#v1", ["context"]],
    ["a folder of an address without a commit", { context: "." }, "https://github.com/acme/shop.git", ["context"]],
    ["a folder of the caller", { contexts: { a: "cwd://a" } }, "https://github.com/acme/shop.git#v1", ["contexts"]],
    ["an address", { context: "https://github.com/acme/shop.git" }, "https://github.com/acme/shop.git", []],
  ])("with %s is left to bake where no arguments of a build say it", (_, target, remote, unknown) =>
    expect(readBakeTarget("app", target, remote).unknown).toEqual(unknown),
  );
});

test.each([
  [".", "https://github.com/acme/shop.git#v1", "https://github.com/acme/shop.git#v1"],
  ["app", "https://github.com/acme/shop.git#v1", "https://github.com/acme/shop.git#v1:app"],
  ["../app", "https://github.com/acme/shop.git#v1:sub", "https://github.com/acme/shop.git#v1:app"],
  [".", "https://github.com/acme/shop.git#v1:sub", "https://github.com/acme/shop.git#v1:sub"],
])("the folder %s of a definition that was fetched from %s is %s", (context, remote, url) => {
  const { argv, unknown } = readBakeTarget("app", { context, contexts: { lib: context } }, remote);
  expect(unknown).toEqual([]);
  expect(readBuildArguments(argv, {})).toMatchObject({
    context: { kind: "address", url },
    contexts: { lib: url },
    dockerfile: "Dockerfile",
  });
});

describe("a bake definition", () => {
  test("names what was asked for: groups are their targets, and linked targets are not among them", () => {
    const group = { default: { targets: ["all", "c"] }, all: { targets: ["a", "b"] } };
    const definition = readBakeDefinition({ group, target: { a: {}, b: {}, c: {}, linked: {} } });
    expect(definition?.requested).toEqual(["a", "b", "c"]);
    expect(Object.keys(definition?.targets ?? {})).toEqual(["a", "b", "c", "linked"]);
  });

  test("of one target without a group asks for all that it has", () =>
    expect(readBakeDefinition({ target: { app: {} } })?.requested).toEqual(["app"]));

  test.each([undefined, "text", {}, { target: [] }])("is no definition: %j", (value) =>
    expect(readBakeDefinition(value)).toBeUndefined(),
  );
});
