import { describe, expect, test } from "vitest";
import type { Builder } from "./builder.ts";
import { readBuilderPlace } from "./builder-place.ts";
import { type BuilderDemands, type BuilderPlace, checkBuilder, missingPlatforms } from "./check-builder.ts";
import { type DockerAnswer, inOrder, makeFakeDocker } from "../testing/docker/fake-docker.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { platformOf } from "./testing/request.ts";

const builder: Builder = {
  name: "pool",
  driver: "docker-container",
  endpoint: "unix:///var/run/docker.sock",
  nodes: ["pool0"],
  buildkit: "v0.25.1",
  platforms: [platformOf("linux/amd64")],
  exportsCaches: true,
  pushesByDigest: true,
  usesHostNetwork: false,
  nodeVersions: [],
  settings: undefined,
};
const place: BuilderPlace = { network: "own", emulated: [], plainRegistries: undefined };
const demands: BuilderDemands = { solves: [], keepsImages: true, loopback: [], plainBases: [] };
const onArm = [
  { service: "api", runsOn: [platformOf("linux/arm64")] },
  { service: "web", runsOn: [platformOf("linux/amd64"), platformOf("linux/arm64")] },
];
const local = { loopback: ["127.0.0.1:5000"] };
const plain = { plainBases: ["r.example"] };
const docker = { driver: "docker", pushesByDigest: false } as const;

describe("before the first build", () => {
  test.each<[string, Partial<Builder>, Partial<BuilderPlace>, Partial<BuilderDemands>]>([
    ["nothing is asked", {}, {}, {}],
    ["its platforms are all that run", {}, {}, { solves: [{ service: "api", runsOn: [platformOf("linux/amd64")] }] }],
    ["the machine emulates what it lacks", {}, { emulated: ["arm64"] }, { solves: onArm }],
    ["a container with the machine's network reaches loopback", {}, { network: "machine" }, local],
    ["nobody knows where a remote builder runs", { driver: "remote" }, { network: "unknown" }, local],
    ["a classic image store does for what is left", { ...docker, exportsCaches: false }, {}, { keepsImages: false }],
    ["a container's settings name the registry", { settings: '[registry."r.example"]\n  http = true' }, {}, plain],
    ["the engine's settings name the registry", docker, { plainRegistries: ["r.example"] }, plain],
    ["the engine does not tell its settings", docker, {}, plain],
    ["a remote builder does not tell its settings", { driver: "remote" }, {}, plain],
  ])("nothing stands against a builder: %s", (_, its, where, asked) => {
    expect(checkBuilder({ ...builder, ...its }, { ...place, ...where }, { ...demands, ...asked })).toEqual([]);
  });

  test.each<
    [string, Partial<Builder>, Partial<BuilderPlace>, Partial<BuilderDemands>, message: RegExp, hint: RegExp, boolean]
  >([
    [
      "RUN for a platform that it lacks",
      {},
      {},
      { solves: onArm },
      /^the builder "pool" cannot run linux\/arm64, and RUN of api, web needs it \(it has linux\/amd64\)$/,
      /^install emulation: docker run .*--install arm64; or build on a machine of that platform/,
      false,
    ],
    [
      "RUN for a platform that a remote one lacks",
      { driver: "remote" },
      {},
      { solves: onArm },
      /cannot run linux\/arm64/,
      /^install emulation on the builder's machine/,
      false,
    ],
    [
      "RUN for arm on arm64, which may or may not run it",
      { platforms: [platformOf("linux/arm64")] },
      {},
      { solves: [{ service: "api", runsOn: [platformOf("linux/arm/v7")] }] },
      /cannot run linux\/arm\/v7/,
      /--install arm;/,
      true,
    ],
    [
      "a registry on loopback, and a container with a network of its own",
      {},
      {},
      local,
      /^the builder "pool" has a loopback of its own, where 127\.0\.0\.1:5000 is not this machine's registry$/,
      /--driver docker-container --driver-opt network=host$/,
      false,
    ],
    [
      "a registry on loopback, and a cluster",
      { driver: "kubernetes" },
      {},
      local,
      /has a loopback of its own/,
      /^name the registry by an address/,
      false,
    ],
    [
      "a classic image store",
      { ...docker, exportsCaches: false },
      {},
      {},
      /^the builder "pool" uses the engine's classic image store/,
      /docker buildx create --use --driver docker-container; .*containerd-snapshotter/,
      false,
    ],
    [
      "Podman",
      { driver: "podman" },
      {},
      {},
      /^the builder "pool" \(driver podman\) is Podman's/,
      /--driver remote/,
      false,
    ],
    [
      "a driver of tomorrow",
      { driver: "orbit" },
      {},
      {},
      /\(driver orbit\) has a driver that Slipway does not know/,
      /create/,
      true,
    ],
    [
      "bases over plain HTTP, and an engine that was not told",
      docker,
      { plainRegistries: ["other.example"] },
      plain,
      /^the builder "pool" does not know that r\.example speaks plain HTTP/,
      /^add "insecure-registries": \["r\.example"\] to \/etc\/docker\/daemon\.json/,
      false,
    ],
    [
      "bases over plain HTTP, and a container with settings for another registry",
      { settings: '[registry."r.example"]\n  mirrors = ["x"]\n[registry."s.example"]\n  http = true' },
      {},
      plain,
      /does not know that r\.example speaks plain HTTP/,
      /\[registry\."r\.example"\] with http = true: docker buildx create --buildkitd-config/,
      true,
    ],
  ])("what cannot work is said in one line: %s", (_, its, where, asked, message, hint, isGuess) => {
    const faults = checkBuilder({ ...builder, ...its }, { ...place, ...where }, { ...demands, ...asked });
    expect(faults).toEqual([
      { message: expect.stringMatching(message) as string, hint: expect.stringMatching(hint) as string, isGuess },
    ]);
    expect(faults[0]?.message).not.toContain("\n");
  });
});

test.each<[has: string, wanted: string, missing: boolean]>([
  ["linux/amd64", "linux/386", false],
  ["linux/amd64", "linux/amd64/v2", false],
  ["linux/arm/v7", "linux/arm/v6", false],
  ["linux/arm/v6", "linux/arm/v7", true],
  ["linux/arm64", "linux/arm/v7", true],
  ["linux/amd64", "windows/amd64", true],
])("a builder of %s is asked for %s: it lacks it: %s", (has, wanted, missing) => {
  const solves = [{ service: "api", runsOn: [platformOf(wanted)] }];
  expect(missingPlatforms({ ...builder, platforms: [platformOf(has)] }, solves)).toHaveLength(missing ? 1 : 0);
});

describe("where a builder runs", () => {
  const print = (stdout: string, exitCode = 0): DockerAnswer => ({ stdout, exitCode });
  const read = async (runs: readonly DockerAnswer[], its: Partial<Builder>, asked: Partial<BuilderDemands>) => {
    const fake = makeFakeDocker({ answer: inOrder(...runs) });
    const host = makeTestHost({ run: (_program, args) => fake.run(args) });
    const found = await readBuilderPlace(host, { ...builder, ...its }, { ...demands, ...asked });
    return { found, asked: fake.calls.map(({ args }) => args.slice(0, 4).join(" ")) };
  };

  test("is not asked when nothing depends on it", async () => {
    expect((await read([], {}, {})).found).toEqual({ network: "unknown", emulated: [], plainRegistries: undefined });
  });

  test.each<[string, readonly DockerAnswer[], Partial<Builder>, BuilderPlace["network"]]>([
    ["a container's options say it", [], { usesHostNetwork: true }, "machine"],
    ["its container has the machine's network", [print("host\n")], {}, "machine"],
    ["its container has a bridge", [print("bridge\n")], {}, "own"],
    ["its container is elsewhere", [print("", 1)], {}, "unknown"],
    ["it is remote", [], { driver: "remote" }, "unknown"],
    ["it is the engine", [], docker, "unknown"],
    ["it is a cluster", [], { driver: "kubernetes" }, "own"],
  ])("is found from its network: %s", async (_, runs, its, network) => {
    expect((await read(runs, its, local)).found.network).toBe(network);
  });

  test.each<[string, DockerAnswer, readonly string[] | undefined]>([
    ["names", print('["127.0.0.0/8","::1/128"]\nr.example\n'), ["r.example"]],
    ["a range of addresses", print('["10.0.0.0/8","127.0.0.0/8"]\nr.example\n'), undefined],
    ["nothing, as it is down", print("", 1), undefined],
  ])("an engine tells its plain registries: %s", async (_, run, hosts) => {
    const { found, asked } = await read([run], { ...docker, name: "colima" }, plain);
    expect(found.plainRegistries).toEqual(hosts);
    expect(asked).toEqual(["--context colima info --format"]);
  });
});
