import * as fc from "fast-check";
import { stringify } from "yaml";
import { describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { discoverExample, faultsOf, nonDefaults, serviceOf } from "./testing/repository.ts";

const dockerfiles = { "api/Dockerfile": "FROM scratch\n", "web/Dockerfile": "FROM scratch\n" };

describe("a Dockerfile", () => {
  const files = { "app/dockerfile": "FROM scratch\n", "compose.yaml": "services: { app: { build: app } }\n" };

  test("may be written in small letters, where there is none in capitals", async () => {
    const project = await discoverExample({ files });
    expect(serviceOf(project, "app").dockerfile).toBe("app/dockerfile");
    expect(project.leftOut).toEqual([]);
    const both = await discoverExample({ files: { ...files, "app/Dockerfile": "FROM scratch\n" } });
    expect(serviceOf(both, "app").dockerfile).toBe("app/Dockerfile");
  });

  test("that is named otherwise is taken by its name", async () => {
    const named = { "compose.yaml": "services: { app: { build: { context: app, dockerfile: api.Dockerfile } } }\n" };
    const faults = await faultsOf({ files: { ...named, "app/api.dockerfile": "FROM scratch\n" } });
    expect(faults).toEqual([expect.stringContaining('the Dockerfile "app/api.Dockerfile" is not there')]);
  });
});

describe("slipway.yaml", () => {
  test("lists the services where an entry says where it lies", async () => {
    const project = await discoverExample({
      files: {
        ...dockerfiles,
        "lib/x": "",
        "slipway.yaml": `
platforms: [linux/arm64, linux/x86_64]
labels: { vendor: Acme, shared: yes }
services:
  Api:
    context: api
    target: runtime
    args: { A: 1, B: { value: b, stamp: true }, C: , D: { env: HOME_OF_D, value: fallback } }
    labels: { shared: "no" }
    contexts:
      lib: ./lib
      base: { service: web }
      alpine: docker-image://alpine:3
      other: https://github.com/acme/other.git#v1
    secrets: ["id=npm,env=NPM_TOKEN", { id: rc, file: .npmrc }]
    ssh: default
    generated: api/dist/**
    bases: hold
    refresh: 12h
    cache: [registry]
    network: none
    extraHosts: ["db:10.0.0.2"]
    ulimits: ["nofile=1:2"]
    shmSize: 64m
    tags: { branch: [edge] }
    images: [ghcr.io/acme/api, "docker.io/acme/{service}"]
  web:
    dockerfile: web/Dockerfile
    refresh: never
    cache: none
    group: site
groups: { site: { tag: "site/{version}" } }
releases: ghcr.io/acme/shop/all-releases
`,
      },
      host: { env: { C: "from the environment" } },
    });
    expect(nonDefaults(serviceOf(project, "api"))).toEqual({
      name: "api",
      context: "api",
      dockerfile: "api/Dockerfile",
      target: "runtime",
      platforms: ["linux/amd64", "linux/arm64"],
      args: {
        A: { value: "1", stamp: false },
        B: { value: "b", stamp: true },
        C: { value: "from the environment", stamp: false },
        D: { value: "fallback", stamp: false },
      },
      labels: { vendor: "Acme", shared: "no" },
      contexts: {
        lib: { kind: "folder", path: "lib" },
        base: { kind: "service", service: "web" },
        alpine: { kind: "image", reference: "alpine:3" },
        other: { kind: "git", url: "https://github.com/acme/other.git#v1" },
      },
      needs: ["web"],
      secrets: [
        { id: "npm", from: { kind: "env", name: "NPM_TOKEN" } },
        { id: "rc", from: { kind: "file", path: ".npmrc" } },
      ],
      ssh: ["default"],
      generated: ["api/dist/**"],
      bases: "hold",
      refreshSeconds: 43_200,
      cache: ["registry"],
      settings: { network: "none", extraHosts: ["db:10.0.0.2"], ulimits: ["nofile=1:2"], shmSize: "64m" },
      tags: { version: ["{version}", "{major}.{minor}", "{major}", "latest"], branch: ["edge"] },
      images: ["ghcr.io/acme/api", "docker.io/acme/api"],
    });
    expect(nonDefaults(serviceOf(project, "web"))).toMatchObject({ context: "web", cache: [], group: "site" });
    expect(serviceOf(project, "web").refreshSeconds).toBeUndefined();
    expect(project.groups).toEqual([
      { name: "default", services: ["api"], tag: "v{version}" },
      { name: "site", services: ["web"], tag: "site/{version}" },
    ]);
    expect([project.source, project.releases]).toEqual(["slipway.yaml", "ghcr.io/acme/shop/all-releases"]);
  });

  test("changes settings of services that were found, and keeps the others", async () => {
    const project = await discoverExample({
      files: { ...dockerfiles, "slipway.yml": "services: { web: { target: x } }\nbases: hold\n" },
    });
    expect(project.services.map(({ name, target, bases }) => [name, target, bases])).toEqual([
      ["api", undefined, "hold"],
      ["web", "x", "hold"],
    ]);
    expect(project.source).toBe("Dockerfiles");
  });

  test("that is empty changes nothing", async () => {
    const empty = await discoverExample({ files: { ...dockerfiles, "slipway.yaml": "# nothing\n" } });
    expect(empty.services).toEqual((await discoverExample({ files: dockerfiles })).services);
  });

  test("has every fault told at once, where it is, with the nearest valid key", async () => {
    const files = {
      ...dockerfiles,
      "slipway.yaml": `platfroms: [linux/amd64]
services:
  crt: {}
  web:
    platforms: [linux amd64]
    images: "Foo Bar"
    tags: { version: ["{vers}"], brunch: [x] }
    args:
      NPM_TOKEN: { value: hunter2, stmp: true }
      A: [1]
    refresh: 30x
    cache: foo
    needs: [apj]
    bases: flow
    secrets: [{ id: a, fiel: b }]
    contexts: { x: { service: wbe }, y: ./nowhere, z: ../out }
groups:
  g: { services: [wep], tag: fixed }
`,
    };
    const faults = await faultsOf({ files });
    expect(faults).toEqual([
      'slipway.yaml:1:1: unknown key "platfroms", did you mean "platforms"?',
      'slipway.yaml:3:3: there is no service "crt"; services are api, web',
      'slipway.yaml:5:17: "linux amd64" is no platform; write one like "linux/amd64"',
      'slipway.yaml:6:13: "Foo Bar" is no image name; write one like "ghcr.io/owner/repo/{service}", without a tag',
      'slipway.yaml:7:23: "{vers}" uses {vers}; known are {version} {major} {minor} {patch} {branch} {sha} {service} {group}',
      'slipway.yaml:7:34: unknown key "brunch", did you mean "branch"?',
      'slipway.yaml:9:7: the build arg "NPM_TOKEN" of "web" is refused, its name looks like a secret\'s; pass it as a secret ("secrets" and RUN --mount=type=secret), or say in "allow" why it is not a secret',
      'slipway.yaml:9:36: unknown key "stmp", did you mean "stamp"?',
      'slipway.yaml:10:10: "A" must be a value, or a map with the keys value, env, stamp, allow',
      'slipway.yaml:11:14: "30x" is no duration; write "30d", "12h", "2w" or "never"',
      'slipway.yaml:12:12: "cache" must be auto, none, or a list of gha, registry, latest, inline',
      'slipway.yaml:13:13: there is no service "apj", did you mean "api"?',
      'slipway.yaml:14:12: "bases" must be follow or hold, not "flow"',
      'slipway.yaml:15:24: unknown key "fiel", did you mean "file"?',
      'slipway.yaml:16:20: there is no service "wbe", did you mean "web"?',
      'slipway.yaml:16:41: the folder "nowhere" of the context "y" is not there',
      'slipway.yaml:16:55: "../out" lies outside of the repository',
      'slipway.yaml:18:19: there is no service "wep", did you mean "web"?',
      'slipway.yaml:18:30: "fixed" must hold {version}, and beside it only {group} and text',
    ]);
    expect(faults.join("\n")).not.toContain("hunter2");
  });

  test.each([
    ["a: [", ["slipway.yaml:1:5: Flow sequence in block collection must be sufficiently indented and end with a ]"]],
    ["- x", ["slipway.yaml:1:1: must be a map of settings"]],
    ["bases: hold\nbases: follow", ["slipway.yaml:2:1: Map keys must be unique"]],
    ["bases: hold\n---\nbases: hold", ["slipway.yaml:3:1: a second document starts here; write one"]],
    [
      "services: { api: { context: api }, web: {} }",
      [
        'slipway.yaml:1:36: "web" needs a "context" or a "dockerfile"; other entries of the file have one of them, so the file lists the services',
      ],
    ],
    [
      "services: { api: { context: apo }, web: { dockerfile: web/Dockerfil } }",
      [
        'slipway.yaml:1:29: the context "apo" is not there',
        'slipway.yaml:1:55: the Dockerfile "web/Dockerfil" is not there, did you mean "web/Dockerfile"?',
      ],
    ],
    ["services: { api: { context: ../api } }", ['slipway.yaml:1:29: "../api" must be a path inside the repository']],
    ["services: { api: {}, API: {} }", ['slipway.yaml:1:22: a second entry for the service "api"']],
    [
      "images: ghcr.io/acme/all",
      [
        'web/Dockerfile:1:1: "web" and "api" would both be ghcr.io/acme/all:{version}; put {service} into the image name or the tag',
      ],
    ],
    [
      "releases: ghcr.io/acme/shop/api",
      [
        'slipway.yaml:1:11: "ghcr.io/acme/shop/api" holds the release manifests and is the image of "api"; write another "releases"',
      ],
    ],
    [
      "images: ['ghcr.io/acme/{servce}', 'ghcr.io/{service}/{branch}']",
      [
        'slipway.yaml:1:10: "ghcr.io/acme/{servce}" uses {servce}; an image name may use {service}',
        'slipway.yaml:1:35: "ghcr.io/{service}/{branch}" uses {branch}; an image name may use {service}',
      ],
    ],
    [
      "previews: ghcr.io/acme/{service}:7",
      [
        'slipway.yaml:1:11: "ghcr.io/acme/{service}:7" is no image name; write one like "ghcr.io/owner/repo/{service}-preview"',
      ],
    ],
    [
      "previews: ghcr.io/acme/shop/{service}\nimages: ghcr.io/acme/shop/{service}",
      [
        'slipway.yaml:1:11: "ghcr.io/acme/shop/api" is the image of "api"; previews need a name that is never released',
        'slipway.yaml:1:11: "ghcr.io/acme/shop/web" is the image of "web"; previews need a name that is never released',
      ],
    ],
    [
      "previews: ghcr.io/acme/shop/preview\nservices: { api: { context: apo }, web: { context: web } }",
      [
        'slipway.yaml:1:11: "api" and "web" would both be ghcr.io/acme/shop/preview; put {service} into the name',
        'slipway.yaml:2:29: the context "apo" is not there',
      ],
    ],
    [
      "previews: ghcr.io/acme/shop/{service}-x\nreleases: ghcr.io/acme/shop/api-x",
      ['slipway.yaml:1:11: "ghcr.io/acme/shop/api-x" holds the release manifests; write another "previews"'],
    ],
    [
      "from: componse",
      [
        'slipway.yaml:1:7: "componse" is neither bake, compose, skaffold, dockerfiles nor a file, did you mean "compose"?',
      ],
    ],
    [
      "groups: { a: { services: [api] }, b: { services: [api, web], tag: 'a-v{version}' } }",
      [
        'slipway.yaml:1:51: "api" is in the group "a" already',
        'slipway.yaml:1:67: the groups "a" and "b" have the same git tag "a-v{version}"; put {group} into it',
      ],
    ],
    [
      "services: { api: { needs: web }, web: { needs: api } }",
      ["api/Dockerfile:1:1: services need each other in a circle: api -> web -> api"],
    ],
  ])("%j is refused", async (text, faults) => {
    expect(await faultsOf({ files: { ...dockerfiles, "slipway.yaml": text } })).toEqual(faults);
  });

  test("that was asked for and is not there is a fault", async () => {
    expect(await faultsOf({ files: dockerfiles, configFile: "other.yaml" })).toEqual([
      'reading the configuration: "other.yaml" is not there',
    ]);
  });

  test("allows an arg that looks like a secret, with a reason", async () => {
    const text = 'services: { api: { args: { TOKEN_NAME_X_TOKEN: { value: shop, allow: "a public name" } } } }';
    const project = await discoverExample({ files: { ...dockerfiles, "slipway.yaml": text } });
    expect(serviceOf(project, "api").args).toEqual({ TOKEN_NAME_X_TOKEN: { value: "shop", stamp: false } });
  });

  test("warns of args that change with every commit, unless they are stamps", async () => {
    const warningsOf = async (arg: string) =>
      (await discoverExample({ files: { ...dockerfiles, "slipway.yaml": `services: { api: { args: { ${arg} } } }` } }))
        .warnings;
    expect(await warningsOf("GIT_SHA: abc")).toEqual([
      'api: the build arg "GIT_SHA" looks like it changes with every commit, which builds the image every time; write "stamp: true" for it in slipway.yaml',
    ]);
    expect(await warningsOf("GIT_SHA: { value: abc, stamp: true }")).toEqual([]);
  });

  test("of any shape ends in a project or in faults", async () => {
    const keys = ["services", "api", "images", "tags", "version", "args", "contexts", "groups", "from", "needs", "x"];
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom<unknown>(
          null,
          true,
          0,
          -1.5,
          "",
          "api",
          "linux/amd64",
          "ghcr.io/a/b",
          "{version}",
          "../x",
          "compose",
        ),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        const error = await discoverExample({ files: { ...dockerfiles, "slipway.yaml": stringify(value) } }).catch(
          (caught: unknown) => caught,
        );
        if (error instanceof Error) expect(error).toBeInstanceOf(SlipwayError);
      }),
      { numRuns: 300 },
    );
  });
});

test("an entry with a context alone has its Containerfile, where there is no Dockerfile", async () => {
  const slipway = "services: { api: { context: api }, web: { context: web }, both: { context: both } }";
  const files = Object.fromEntries(
    ["api/Containerfile", "web/dockerfile", "both/Dockerfile", "both/Containerfile"].map((path) => [path, "FROM x"]),
  );
  const { services } = await discoverExample({ files: { ...files, "slipway.yaml": slipway } });
  expect(services.map(({ dockerfile }) => dockerfile)).toEqual([
    "api/Containerfile",
    "both/Dockerfile",
    "web/dockerfile",
  ]);
});

describe("image names", () => {
  test("need to be written where git's remote is not on GitHub", async () => {
    const files = { "api/Dockerfile": "FROM scratch" };
    expect(await faultsOf({ files, remote: "https://gitlab.com/acme/shop.git" })).toEqual([
      'api/Dockerfile:1:1: the image name of "api" is unknown, since https://gitlab.com/acme/shop.git is not on GitHub; write into slipway.yaml, for example: images: "registry.example.com/team/{service}"',
    ]);
    expect((await faultsOf({ files, remote: undefined }))[0]).toContain("git has no remote called origin");
  });

  const nothing = "FROM scratch\n";
  test.each([
    ["the only one", { "api/Dockerfile": nothing }, { api: "ghcr.io/acme/shop" }],
    ["the only one, at the root", { Dockerfile: nothing }, { shop: "ghcr.io/acme/shop" }],
    [
      "the one that is called like it",
      { Dockerfile: nothing, "web/Dockerfile": nothing },
      { shop: "ghcr.io/acme/shop", web: "ghcr.io/acme/shop/web" },
    ],
  ])("of a repository: %s is owner/repo, and releases lie below it", async (_, files, images) => {
    const project = await discoverExample({ files });
    expect(Object.fromEntries(project.services.map((each) => [each.name, each.images[0]]))).toEqual(images);
    expect(project.releases).toBe("ghcr.io/acme/shop/releases");
  });

  test.each([
    ["ghcr.io/acme/shop/{service}", "ghcr.io/acme/shop/releases"],
    ["127.0.0.1:5555/shop/{service}", "127.0.0.1:5555/shop/releases"],
    ["ghcr.io/acme/{service}", "ghcr.io/acme/shop-releases"],
    ["docker.io/acme/{service}", "docker.io/acme/shop-releases"],
    ["registry.example.com/a/b/{service}/image", "registry.example.com/a/b/releases"],
  ])("%s have their releases in %s", async (images, releases) => {
    const project = await discoverExample({ files: { ...dockerfiles, "slipway.yaml": `images: "${images}"` } });
    expect(project.releases).toBe(releases);
  });
});
