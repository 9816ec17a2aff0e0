import { describe, expect, test } from "vitest";
import { buildArguments, renderCacheEntry } from "./arguments.ts";
import { makeRequest, platformOf } from "./testing/request.ts";

const files = { metadata: "/tmp/metadata.json" };
const digest = `sha256:${"a".repeat(64)}`;

describe("the arguments of buildx", () => {
  test("for the smallest request push from the build cache without unpacking, without attestations", () => {
    expect(buildArguments(makeRequest(), files)).toEqual([
      "build",
      "--progress=rawjson",
      "--metadata-file",
      "/tmp/metadata.json",
      "--platform",
      "linux/amd64",
      "--file",
      "/contexts/api/Dockerfile",
      "--provenance=false",
      "--sbom=false",
      "--output",
      "type=image,name=registry.example/shop/api:build-1-linux-amd64,push=true,store=false,unpack=false,oci-mediatypes=true,oci-artifact=false",
      "/contexts/api",
    ]);
  });

  test("for everything at once name everything, maps in code unit order", () => {
    const request = makeRequest({
      platform: platformOf("linux/arm/v7"),
      target: "run",
      args: { b: "2 = two", A: "1", BUILDKIT_SYNTAX: "docker/dockerfile:1" },
      stamps: { empty: "" },
      contexts: { "node:24-slim": `docker-image://docker.io/library/node@${digest}`, lib: "/contexts/lib" },
      secrets: [
        { id: "token", from: { kind: "env", name: "TOKEN" } },
        { id: "npmrc", from: { kind: "file", path: '/home/a, "b"/.npmrc' } },
      ],
      ssh: { default: "", git: "/run/agent.sock" },
      labels: { "org.opencontainers.image.title": 'api, the "first"' },
      annotations: { team: "shop" },
      settings: { network: "host", extraHosts: ["db:10.0.0.1"], ulimits: ["nofile=1:2"], shmSize: "64m" },
      cacheFrom: [{ tier: "gha", attributes: { type: "gha", scope: "slipway-api-linux-arm-v7" } }],
      cacheTo: [
        { tier: "registry", attributes: { mode: "max", type: "registry", ref: "registry.example/shop/api:cache" } },
        { tier: "inline", attributes: { type: "inline" } },
      ],
      provenance: "max",
      scanner: "docker.io/docker/scanner:1@sha256:0a",
      builder: "pool",
      frontend: `docker/dockerfile:1@${digest}`,
    });
    expect(buildArguments(request, files)).toEqual([
      "build",
      "--builder",
      "pool",
      "--progress=rawjson",
      "--metadata-file",
      "/tmp/metadata.json",
      "--platform",
      "linux/arm/v7",
      "--file",
      "/contexts/api/Dockerfile",
      "--target",
      "run",
      "--build-arg",
      "A=1",
      "--build-arg",
      `BUILDKIT_SYNTAX=docker/dockerfile:1@${digest}`,
      "--build-arg",
      "b=2 = two",
      "--build-arg",
      "empty=",
      "--build-context",
      "lib=/contexts/lib",
      "--build-context",
      `node:24-slim=docker-image://docker.io/library/node@${digest}`,
      "--secret",
      "id=token,env=TOKEN",
      "--secret",
      'id=npmrc,"src=/home/a, ""b""/.npmrc"',
      "--ssh",
      "default",
      "--ssh",
      "git=/run/agent.sock",
      "--label",
      'org.opencontainers.image.title=api, the "first"',
      "--annotation",
      "manifest:team=shop",
      "--network",
      "host",
      "--allow",
      "network.host",
      "--add-host",
      "db:10.0.0.1",
      "--ulimit",
      "nofile=1:2",
      "--shm-size",
      "64m",
      "--cache-from",
      "type=gha,scope=slipway-api-linux-arm-v7",
      "--cache-to",
      "type=registry,mode=max,ref=registry.example/shop/api:cache",
      "--cache-to",
      "type=inline",
      "--provenance=mode=max",
      "--sbom=generator=docker.io/docker/scanner:1@sha256:0a",
      "--output",
      "type=image,name=registry.example/shop/api:build-1-linux-amd64,push=true,store=false,unpack=false,oci-mediatypes=true,oci-artifact=false",
      "/contexts/api",
    ]);
  });

  test("tell BuildKit that the registry it pushes to speaks plain HTTP", () => {
    const output = { kind: "push", name: "r.example/api:build-1", plainHttp: true, asArtifacts: true } as const;
    const args = buildArguments(makeRequest({ output }), files);
    expect(args[args.indexOf("--output") + 1]).toBe(
      "type=image,name=r.example/api:build-1,push=true,store=false,unpack=false,oci-mediatypes=true,oci-artifact=true,registry.insecure=true",
    );
  });

  test.each([
    [{ kind: "layout", folder: "/tmp/a, b/base" } as const, '"dest=/tmp/a, b/base"'],
    [{ kind: "layout", folder: "/tmp/base" } as const, "type=oci,dest=/tmp/base,tar=false"],
    [{ kind: "none" } as const, "type=cacheonly"],
  ])("push nothing with %o", (output, written) => {
    const args = buildArguments(makeRequest({ output }), files);
    expect(args[args.indexOf("--output") + 1]).toContain(written);
    expect(args.join(" ")).not.toContain("push=true");
  });

  test("never hold a secret's value, only where it is", () => {
    const args = buildArguments(
      makeRequest({ secrets: [{ id: "token", from: { kind: "env", name: "TOKEN" } }] }),
      files,
    );
    expect(args).toContain("id=token,env=TOKEN");
  });

  test("take provenance min", () => {
    expect(buildArguments(makeRequest({ provenance: "min" }), files)).toContain("--provenance=mode=min");
  });
});

test("a cache entry without a type is of its tier's type", () => {
  expect(renderCacheEntry({ tier: "inline", attributes: {} })).toBe("type=inline");
});
