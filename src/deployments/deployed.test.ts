import { describe, expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { makePlatform } from "../model/platform.ts";
import { type ComparedRelease, matchDeployed } from "./match-deployed.ts";
import { readDeployed } from "./read-deployed.ts";

const [a, b, c] = [digestOf("a"), digestOf("b"), digestOf("c")];

describe("what runs is read from", () => {
  test("pods, by what the nodes report, else by what the pods say", () => {
    const pod = (spec: unknown, status: unknown) => ({
      kind: "Pod",
      metadata: { annotations: { x: c } },
      spec,
      status,
    });
    const pods = {
      kind: "List",
      items: [
        pod(
          {
            containers: [{ name: "api", image: "ghcr.io/acme/api:1.0" }],
            initContainers: [{ name: "init", image: "busybox:1" }],
          },
          {
            containerStatuses: [
              { name: "api", imageID: `ghcr.io/acme/api@${a}`, containerID: `containerd://${"0".repeat(64)}` },
            ],
          },
        ),
        pod({ containers: [{ name: "web", image: `ghcr.io/acme/web@${b}` }] }, {}),
        pod(
          { containers: [{ name: "api", image: "x" }] },
          { containerStatuses: [{ name: "api", imageID: `docker-pullable://acme/api@${a}` }] },
        ),
      ],
    };
    expect(readDeployed(JSON.stringify(pods))).toEqual({
      images: [
        { name: "ghcr.io/acme/api", digest: a },
        { name: "ghcr.io/acme/web", digest: b },
        { name: "acme/api", digest: a },
      ],
      unpinned: ["busybox:1"],
    });
    expect(readDeployed(JSON.stringify(pods.items[1])).images).toEqual([{ name: "ghcr.io/acme/web", digest: b }]);
  });

  test("a Compose file", () => {
    const file = `services:\n  api: { image: "ghcr.io/acme/api:1.0@${a}" }\n  db: { image: postgres:17 }\n  x: { build: . }\n# ${c}\n`;
    expect(readDeployed(file)).toEqual({
      images: [{ name: "ghcr.io/acme/api:1.0", digest: a }],
      unpinned: ["postgres:17"],
    });
  });

  test.each([
    [
      `ghcr.io/acme/api@${a}\n${b}\tx\n`,
      [
        ["ghcr.io/acme/api", a],
        [null, b],
      ],
    ],
    [`image: r.test:5000/acme/api:1.0@${a}, twice r.test:5000/acme/api:1.0@${a}`, [["r.test:5000/acme/api:1.0", a]]],
    [JSON.stringify({ images: [`x/y@${a}`] }), [["x/y", a]]],
    [`${a}0 sha256:12 ${a.slice(7)}`, []],
    ["", []],
  ])("a text", (text, images) => {
    expect(readDeployed(text).images.map(({ name, digest }) => [name, digest])).toEqual(images);
  });
});

describe("what runs is", () => {
  const amd64 = makePlatform({ os: "linux", architecture: "amd64" });
  const service = (name: string, content: string) => ({
    service: name,
    digest: digestOf(content),
    platforms: [{ platform: amd64, digest: digestOf(`${content} amd64`), fingerprint: digestOf(""), size: 1 }],
  });
  const releases: readonly ComparedRelease[] = [
    { release: "1.2.0", services: [service("api", "api 2"), service("web", "web 1")] },
    { release: "1.1.0", services: [service("api", "api 1"), service("web", "web 1")] },
    { release: "1.0.0", services: [service("api", "api 1"), service("web", "web 0")] },
  ];

  test.each<[string, string[], object]>([
    ["one release, exactly", ["api 2", "web 1"], { state: "exactly", releases: ["1.2.0"], missing: [], unknown: [] }],
    [
      "one release, by the digests of its platforms",
      ["api 2 amd64", "web 1"],
      { state: "exactly", releases: ["1.2.0"] },
    ],
    [
      "one release beside images of others",
      ["api 2", "web 1", "postgres"],
      { state: "exactly", unknown: [digestOf("postgres")] },
    ],
    [
      "a part of the releases that ship it",
      ["web 1"],
      { state: "partly", releases: ["1.2.0", "1.1.0"], missing: ["api"] },
    ],
    ["mixed of two releases", ["api 2", "web 0"], { state: "mixed", releases: [], missing: [] }],
    ["mixed while a service changes over", ["api 1", "api 2", "web 1"], { state: "mixed", releases: [] }],
    ["unknown", ["postgres"], { state: "unknown", releases: [], services: [] }],
    ["nothing", [], { state: "nothing" }],
  ])("%s", (_, contents, found) => {
    const images = contents.map((content) => ({ name: null, digest: digestOf(content) }));
    expect(matchDeployed({ images, unpinned: [] }, releases)).toMatchObject(found);
  });

  test("told by service, with the releases of each", () => {
    const images = ["api 2", "web 1"].map((content) => ({ name: null, digest: digestOf(content) }));
    expect(matchDeployed({ images, unpinned: ["x:1"] }, releases)).toMatchObject({
      services: [
        { service: "api", releases: ["1.2.0"] },
        { service: "web", releases: ["1.2.0", "1.1.0"] },
      ],
      unpinned: ["x:1"],
      compared: 3,
    });
  });
});
