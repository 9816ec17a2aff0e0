import { expect, test } from "vitest";
import type { BuildInvocation } from "../model/build-invocation.ts";
import { readBuildArguments } from "./read-build-arguments.ts";

test.each<[string, readonly string[], Partial<BuildInvocation>]>([
  ["a folder", ["."], { context: { kind: "folder", path: "." }, unknown: [] }],
  [
    "an address",
    ["https://github.com/a/b.git#main"],
    { context: { kind: "address", url: "https://github.com/a/b.git#main" } },
  ],
  [
    "a git address over ssh",
    ["git@github.com:a/b.git"],
    { context: { kind: "address", url: "git@github.com:a/b.git" } },
  ],
  ["standard input", ["-f", "-", "-"], { context: { kind: "stdin" }, dockerfile: "-" }],
  [
    "a flag behind the context",
    [".", "--push"],
    { outputs: [{ type: "image", attributes: { push: "true" }, destination: undefined }] },
  ],
  ["a switch with a value", ["--push=false", "."], { outputs: [] }],
  [
    "flags of one letter",
    ["-qt", "a:1", "-fDockerfile.x", "-t=b:2", "."],
    { tags: ["a:1", "b:2"], dockerfile: "Dockerfile.x" },
  ],
  [
    "platforms in one value",
    ["--platform", "linux/amd64, linux/arm64", "."],
    { platforms: ["linux/amd64", "linux/arm64"] },
  ],
  ["the last of two targets", ["--target", "a", "--target=b", "."], { target: "b" }],
  [
    "args with and without a value",
    ["--build-arg", "A=1=2", "--build-arg", "HOME", "--build-arg", "NONE", "."],
    { args: { A: "1=2", HOME: "/home/me" } },
  ],
  ["labels", ["--label", "a=b", "--label", "c", "."], { labels: { a: "b", c: "" } }],
  [
    "annotations by what they are written on",
    ["--annotation", "index,manifest[linux/amd64]:k=a:b", "--annotation", "t=1", "."],
    { annotations: { "index:k": "a:b", "manifest[linux/amd64]:k": "a:b", t: "1" } },
  ],
  [
    "named contexts",
    ["--build-context", "base:latest=docker-image://a", "--build-context", "src=../src", "."],
    { contexts: { base: "docker-image://a", src: "../src" } },
  ],
  [
    "secrets by their source",
    [
      "--secret",
      "id=a,src=f",
      "--secret",
      "id=b,env=B",
      "--secret",
      "type=env,id=c,source=C",
      "--secret",
      "id=HOME",
      "--secret",
      "id=d",
      ".",
    ],
    {
      secrets: [
        { id: "a", from: { kind: "file", path: "f" } },
        { id: "b", from: { kind: "env", name: "B" } },
        { id: "c", from: { kind: "env", name: "C" } },
        { id: "HOME", from: { kind: "env", name: "HOME" } },
        { id: "d", from: { kind: "file", path: "d" } },
      ],
    },
  ],
  [
    "an output",
    ["-o", 'type=image,"name=a,b",push-by-digest=true,push=true', "."],
    {
      outputs: [
        { type: "image", attributes: { name: "a,b", "push-by-digest": "true", push: "true" }, destination: undefined },
      ],
    },
  ],
  [
    "a registry as the image that it stands for",
    ["--output=type=registry", "."],
    { outputs: [{ type: "image", attributes: { push: "true" }, destination: undefined }] },
  ],
  [
    "a push of an image that is written out",
    ["--push", "-o", "type=image,compression=zstd", "."],
    { outputs: [{ type: "image", attributes: { compression: "zstd", push: "true" }, destination: undefined }] },
  ],
  ["a folder to write into", ["-o", "out", "."], { outputs: [{ type: "local", attributes: {}, destination: "out" }] }],
  [
    "load beside push",
    ["--push", "--load", "."],
    {
      outputs: [
        { type: "image", attributes: { push: "true" }, destination: undefined },
        { type: "docker", attributes: {}, destination: undefined },
      ],
    },
  ],
  [
    "attestations",
    ["--attest", "type=provenance,mode=max,builder-id=x", "--sbom=true", "."],
    { attestations: { provenance: { mode: "max", "builder-id": "x" }, sbom: {} } },
  ],
  [
    "attestations that are switched off",
    ["--provenance", "false", "--attest", "type=sbom,disabled=true", "."],
    { attestations: { provenance: null, sbom: null } },
  ],
  [
    "limits",
    ["--add-host", "a:1,b:2", "-m", "1g", "--shm-size=2g", "--network", "host", "."],
    {
      limits: {
        network: "host",
        extraHosts: ["a:1", "b:2"],
        ulimits: [],
        shmSize: "2g",
        cgroupParent: undefined,
        resources: ["memory=1g"],
        allow: [],
      },
    },
  ],
  ["a check", ["--check", "."], { call: "check" }],
])("reads %s", (_, argv, expected) => {
  expect(readBuildArguments(argv, { HOME: "/home/me" })).toMatchObject(expected);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
  ["a flag of a later buildx", ["--teleport", "."], {}, "--teleport"],
  ["a flag of one letter", ["-Z", "."], {}, "-Z"],
  ["a flag without its value", ["--tag"], {}, "--tag"],
  ["a policy", ["--policy", "filename=a.rego", "."], {}, "--policy filename=a.rego"],
  ["two contexts", [".", "api"], {}, ". api"],
  ["a secret without an id", ["--secret", "src=key", "."], {}, "--secret"],
  ["a switch that is neither", ["--push=perhaps", "."], {}, "--push=perhaps"],
  ["a switch with a boolean of YAML", ["--push=yes", "."], {}, "--push=yes"],
  ["a switch in letters that Go does not read", ["--push=tRue", "."], {}, "--push=tRue"],
  ["a source policy", ["."], { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: "p.json" }, "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"],
  ["a variable of a later buildx", ["."], { BUILDX_TELEPORT: "1" }, "BUILDX_TELEPORT"],
])("does not understand %s", (_, argv, env, written) => {
  expect(readBuildArguments(argv, env).unknown.map((each) => each.written)).toContain(written);
});

test("takes a platform and an epoch from the environment as buildx does", () => {
  const env = { DOCKER_DEFAULT_PLATFORM: "linux/arm64", SOURCE_DATE_EPOCH: "0" };
  expect(readBuildArguments(["."], env)).toMatchObject({
    platforms: ["linux/arm64"],
    args: { SOURCE_DATE_EPOCH: "0" },
    unknown: [],
  });
});
