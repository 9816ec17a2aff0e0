import { describe, expect, test } from "vitest";
import type { Host } from "../host.ts";
import { makeNodeHost } from "../node-host.ts";
import { inspectBuilder, parseBuilder } from "./builder.ts";
import { type DockerAnswer, type FakeDocker, inOrder, makeFakeDocker } from "../testing/docker/fake-docker.ts";
import { makeTestHost } from "../testing/test-host.ts";

const containerdEngine = `Name:   default
Driver: docker

Nodes:
Name:             default
Endpoint:         default
Status:           running
BuildKit version: v0.25.1
Platforms:        linux/amd64, linux/amd64/v2, linux/386
Labels:
 org.mobyproject.buildkit.worker.containerd.namespace: moby
 org.mobyproject.buildkit.worker.snapshotter:          overlayfs
`;
const classicEngine = containerdEngine.replace(/^ org.+containerd.+\n/m, "");
const stopped = `Name:          pool
Driver:        docker-container

Nodes:
Name:     pool0
Endpoint: unix:///var/run/docker.sock
Status:   inactive
`;
const started = `${stopped.replace("inactive", "running")}BuildKit version: v0.25.0
Platforms: linux/amd64*, linux/arm64

Name:     pool1
Endpoint: ssh://build
Platforms: linux/arm64
`;

function print(stdout: string, stderr = "", exitCode = 0): DockerAnswer {
  return { stdout, stderr, exitCode };
}

function hostWith(docker: FakeDocker, env: Record<string, string> = {}): Host {
  return makeTestHost({ env, run: (_program, args, options) => docker.run(args, options) });
}

describe("a builder", () => {
  test("of an engine with the containerd image store exports caches, but does not push by digest", () => {
    expect(parseBuilder(containerdEngine)).toEqual({
      name: "default",
      driver: "docker",
      endpoint: "default",
      nodes: ["default"],
      buildkit: "v0.25.1",
      nodeVersions: ["v0.25.1"],
      platforms: ["linux/amd64", "linux/amd64/v2", "linux/386"],
      exportsCaches: true,
      pushesByDigest: false,
      usesHostNetwork: false,
      settings: undefined,
    });
  });

  test("of a classic engine exports no caches", () => {
    expect(parseBuilder(classicEngine)?.exportsCaches).toBe(false);
  });

  test("of several nodes has the platforms of all", () => {
    expect(parseBuilder(started)).toMatchObject({
      driver: "docker-container",
      platforms: ["linux/amd64", "linux/arm64"],
      exportsCaches: true,
      pushesByDigest: true,
    });
  });

  test("in a container tells its network and its settings", () => {
    const options = 'Driver Options:        network="host"\n';
    const file = 'File#buildkitd.toml:\n > \n > [registry."r.example"]\n >   http = true\n > \n';
    expect(parseBuilder(`${stopped}${options}${file}`)).toMatchObject({
      usesHostNetwork: true,
      settings: '\n[registry."r.example"]\n  http = true\n\n',
      nodes: ["pool0"],
    });
    expect(parseBuilder(stopped)).toMatchObject({ usesHostNetwork: false, settings: undefined });
  });

  test("that was never started is started, and asked again", async () => {
    const docker = makeFakeDocker({ answer: inOrder(print(stopped), print(started)) });
    expect((await inspectBuilder(hostWith(docker), "pool")).platforms).toContain("linux/arm64");
    expect(docker.calls.map(({ args }) => args.join(" "))).toEqual([
      "buildx inspect pool",
      "buildx inspect pool --bootstrap",
    ]);
  });
});

describe("a builder that is down", () => {
  const refused = "#1 ERROR: Error response from daemon: pull access denied\n";
  const remote = stopped
    .replace("docker-container", "remote")
    .replace("unix:///var/run/docker.sock", "tcp://10.0.0.9:1234");
  test.each<[string, readonly DockerAnswer[], RegExp, RegExp]>([
    [
      "in a container that does not start",
      [print(stopped), print("", refused, 1)],
      /^the builder "pool" does not start: Error response from daemon: pull access denied$/,
      /^see `docker logs buildx_buildkit_pool0`, create it again: docker buildx rm pool && docker buildx create --name pool/,
    ],
    [
      "elsewhere, which buildx cannot start",
      [print(remote)],
      /^the builder "pool" does not answer at tcp:\/\/10\.0\.0\.9:1234$/,
      /^start its buildkitd there, or choose another builder with --builder or BUILDX_BUILDER/,
    ],
    [
      "in a cluster",
      [print(stopped.replace("docker-container", "kubernetes")), print("", "ERROR: context deadline exceeded\n", 1)],
      /^the builder "pool" does not start: context deadline exceeded$/,
      /kubectl get pods/,
    ],
    [
      "whose node has a fault",
      [print(remote.replace("Status:   inactive", "Error: listing workers: connection refused"))],
      /^the builder "pool" does not answer at tcp:\/\/10\.0\.0\.9:1234: listing workers: connection refused$/,
      /buildkitd/,
    ],
  ])("is named, with what mends it: %s", async (_name, runs, message, hint) => {
    const docker = makeFakeDocker({ answer: inOrder(...runs) });
    await expect(inspectBuilder(hostWith(docker), "pool")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
    expect(docker.calls).toHaveLength(runs.length);
  });
});

describe("without a builder", () => {
  const noEngine = "Cannot connect to the Docker daemon at unix:///nope.sock. Is the docker daemon running?";
  test.each<[string, DockerAnswer, string, RegExp, RegExp]>([
    [
      "buildx is missing",
      print("", "docker: unknown command: docker buildx\n", 1),
      "unavailable",
      /no buildx plugin/,
      /docker-buildx/,
    ],
    [
      "an older docker has no buildx",
      print("", "docker: 'buildx' is not a docker command.\n", 1),
      "unavailable",
      /no buildx plugin/,
      /install/,
    ],
    [
      "no engine answers",
      print(`Name: default\nDriver:\nError:         ${noEngine}\n`),
      "unavailable",
      /no engine answers: Cannot connect .*nope\.sock/,
      /DOCKER_HOST/,
    ],
    [
      "the name is wrong",
      print("", 'ERROR: no builder "nope" found\n', 1),
      "configuration",
      /none named "nope"/,
      /buildx ls/,
    ],
    [
      "something else is wrong",
      print("", "ERROR: out of luck\n", 1),
      "unavailable",
      /docker buildx inspect: out of luck/,
      /by hand/,
    ],
  ])("it is told that %s, and what to do", async (_name, run, code, message, hint) => {
    const inspected = inspectBuilder(hostWith(makeFakeDocker({ answer: inOrder(run) })), "nope");
    await expect(inspected).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test("it is told that docker is not installed, and what to do", async () => {
    const inspected = inspectBuilder(makeNodeHost({ env: { PATH: "/nowhere" } }));
    await expect(inspected).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("docker is not installed"),
      hint: expect.stringContaining("install Docker Engine"),
    });
  });
});
