import * as fc from "fast-check";
import { stringify } from "yaml";
import { describe, expect, test } from "vitest";
import { SlipwayError } from "../../errors.ts";
import { discoverExample, faultsOf, nonDefaults, serviceOf } from "../testing/repository.ts";

const dockerfiles = Object.fromEntries(
  ["api", "web", "base", "inc"].map((name) => [`${name}/Dockerfile`, "FROM scratch\n"]),
);

describe("Compose", () => {
  test("gives services with a build, with variables, .env, include, extends, anchors and an override", async () => {
    const project = await discoverExample({
      files: {
        ...dockerfiles,
        "lib/x": "",
        "?.env": "TAG=1.2.3\nREG=ghcr.io/from-file\n",
        "compose.yaml": `
include: [inc/compose.yaml]
x-build: &shared
  args: { NODE_VERSION: 24 }
  platforms: [linux/amd64, linux/arm64]
services:
  api:
    image: \${REG}/api:\${TAG:-latest}
    build:
      <<: *shared
      context: api
      additional_contexts: { base: "service:base", lib: ./lib }
      secrets: [npm, { source: token, target: tok }]
      ssh: [default]
      labels: [a=b]
      network: none
      shm_size: 64m
      ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 }
      extra_hosts: ["db=10.0.0.2"]
      target: runtime
    depends_on: [db, web]
    environment: { X: "\${NOT_LOOKED_AT:?no}" }
  web: { extends: { file: common.yaml, service: w } }
  base: { build: ./base, profiles: [build], image: shop-base }
  dev: { build: ./base, profiles: [dev] }
  inline: { build: { dockerfile_inline: FROM scratch } }
  remote: { build: "https://github.com/acme/other.git" }
  db: { image: postgres }
secrets: { npm: { file: ./.npmrc }, token: { environment: TOKEN } }
`,
        "compose.override.yaml":
          "services: { api: { build: { args: [EXTRA=1], platforms: !override [linux/arm64], ssh: !reset [] } } }",
        "common.yaml":
          "services: { w: { extends: v, build: { tags: [docker.io/acme/web] } }, v: { build: { context: web } } }",
        "inc/compose.yaml": "services: { inc: { build: . } }",
        "other/Dockerfile": "FROM scratch",
      },
      host: { env: { REG: "ghcr.io/acme" } },
    });
    expect(project.services.map(nonDefaults)).toEqual([
      {
        name: "api",
        context: "api",
        dockerfile: "api/Dockerfile",
        target: "runtime",
        images: ["ghcr.io/acme/api"],
        tags: { version: ["{version}"], branch: ["{branch}", "sha-{sha}"] },
        args: { EXTRA: { value: "1", stamp: false }, NODE_VERSION: { value: "24", stamp: false } },
        platforms: ["linux/arm64"],
        contexts: { base: { kind: "service", service: "base" }, lib: { kind: "folder", path: "lib" } },
        needs: ["base"],
        secrets: [
          { id: "npm", from: { kind: "file", path: ".npmrc" } },
          { id: "tok", from: { kind: "env", name: "TOKEN" } },
        ],
        labels: { a: "b" },
        settings: { network: "none", shmSize: "64m", ulimits: ["nofile=1:2", "nproc=3"], extraHosts: ["db:10.0.0.2"] },
      },
      { name: "base", context: "base", dockerfile: "base/Dockerfile", images: ["ghcr.io/acme/shop/base"] },
      { name: "inc", context: "inc", dockerfile: "inc/Dockerfile", images: ["ghcr.io/acme/shop/inc"] },
      { name: "web", context: "web", dockerfile: "web/Dockerfile", images: ["docker.io/acme/web"] },
    ]);
    expect(project.leftOut).toEqual([
      { path: "compose.yaml: dev", because: "only in the profile dev" },
      {
        path: "compose.yaml: inline",
        because:
          "its Dockerfile is written inside the Compose file (dockerfile_inline); put it into a file to release it",
      },
      {
        path: "compose.yaml: remote",
        because: 'it is built from "https://github.com/acme/other.git", not from this repository',
      },
      { path: "other/Dockerfile", because: "no service in compose.yaml uses it" },
    ]);
    expect(project.warnings).toHaveLength(2);
    expect(project.source).toBe("compose.yaml");
  });

  test("takes an arg without a value from .env, and a variable of the shell before it", async () => {
    const files = {
      ...dockerfiles,
      "?.env": "EXP=from-dotenv\nBOTH=from-dotenv\nEMPTY=from-dotenv\n",
      "?inc/.env": "EXP=from-include\n",
      "compose.yaml": `
include: [inc/compose.yaml]
services: { api: { build: { context: api, args: [EXP, BOTH, EMPTY, NOWHERE] } }, web: { build: { context: web, args: { EXP: } } } }
`,
      "inc/compose.yaml": "services: { inc: { build: { context: ., args: [EXP] } } }",
    };
    const project = await discoverExample({ files, host: { env: { BOTH: "from-shell", EMPTY: "" } } });
    const values = (name: string) =>
      Object.entries(serviceOf(project, name).args).map(([arg, { value }]) => `${arg}=${value}`);
    expect(values("api")).toEqual(["BOTH=from-shell", "EMPTY=", "EXP=from-dotenv"]);
    expect(values("web")).toEqual(["EXP=from-dotenv"]);
    expect(values("inc")).toEqual(["EXP=from-dotenv"]);
  });

  test.each([
    ["build: { target: !reset null }", { target: undefined, args: ["A=1", "B=2"] }],
    ["build: { target: !reset }", { target: undefined, args: ["A=1", "B=2"] }],
    ["build: { target: !reset [], args: !reset {} }", { target: undefined, args: [] }],
    ["build: { args: { A: !reset null } }", { target: "x", args: ["B=2"] }],
    ["build: { args: !override { C: 3 } }", { target: "x", args: ["C=3"] }],
    ["build: { args: !override [C=3] }", { target: "x", args: ["C=3"] }],
    ["build: { args: { A: null, B: } }", { target: "x", args: [] }],
    ["build: { target: null, args: [A=5] }", { target: "x", args: ["A=5", "B=2"] }],
    ["build: !override { context: a }", { target: undefined, args: [] }],
    ["x-t: &t { target: !reset null }\nservices: { s1: { build: *t } }", { target: undefined, args: ["A=1", "B=2"] }],
    [
      "x-t: &t { target: !reset null }\nservices: { s1: { build: { <<: *t } } }",
      { target: undefined, args: ["A=1", "B=2"] },
    ],
  ])("merges the override %j as Compose does", async (override, expected) => {
    const files = {
      "a/Dockerfile": "FROM scratch",
      "compose.yaml":
        'services: { s1: { image: r.io/s1, build: { context: a, target: x, args: { A: "1", B: "2" } } } }',
      "compose.override.yaml": override.startsWith("x-") ? override : `services: { s1: { ${override} } }`,
    };
    const { target, args } = serviceOf(await discoverExample({ files }), "s1");
    expect({ target, args: Object.entries(args).map(([name, { value }]) => `${name}=${value}`) }).toEqual(expected);
  });

  test("loses a service, a build and all of a section by !reset", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml": "services: { api: { build: api }, web: { build: web }, base: { build: base, image: r.io/base } }",
      "compose.override.yaml":
        "services: { api: !reset null, web: { build: !reset }, base: { image: !override r.io/other } }",
    };
    const project = await discoverExample({ files });
    expect(project.services.map(({ name, images }) => [name, ...images])).toEqual([["base", "r.io/other"]]);
    const all = { ...files, "compose.override.yaml": "services: !override { inc: { build: inc } }" };
    expect((await discoverExample({ files: all })).services.map(({ name }) => name)).toEqual(["inc"]);
  });

  test("resets what a service would have from extends and include", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml": `
include: [inc/compose.yaml]
services:
  api: { extends: base, build: { target: !reset null, args: !override [C=3] } }
  base: { build: { context: api, target: x, args: [A=1] } }
  inc: { build: { args: { A: !reset null } } }
`,
      "inc/compose.yaml": "services: { inc: { build: { context: ., args: { A: 1, B: 2 } } } }",
    };
    const project = await discoverExample({ files });
    const { target, args } = serviceOf(project, "api");
    expect([target, Object.keys(args)]).toEqual([undefined, ["C"]]);
    expect(Object.keys(serviceOf(project, "inc").args)).toEqual(["B"]);
  });

  test("has its numbers read as Compose reads them, and those of slipway.yaml as they are written", async () => {
    const args = "{ BIG: 20261126225540123, OCT: 017, F: 1.10, GROUP: 1_000, YES: yes, T: True }";
    const compose = `services: { api: { build: { context: api, args: ${args}, labels: { l: 017 } } } }`;
    const values = async (files: Readonly<Record<string, string>>) =>
      Object.values(serviceOf(await discoverExample({ files: { ...dockerfiles, ...files } }), "api").args).map(
        ({ value }) => value,
      );
    expect(await values({ "compose.yaml": compose })).toEqual([
      "20261126225540123",
      "1.1",
      "1000",
      "15",
      "true",
      "yes",
    ]);
    const written = `services: { api: { context: api, args: ${args}, labels: { l: 017 }, shmSize: 0x10 } }`;
    expect(await values({ "slipway.yaml": written })).toEqual([
      "20261126225540123",
      "1.10",
      "1_000",
      "017",
      "True",
      "yes",
    ]);
    const { labels, settings } = serviceOf(
      await discoverExample({ files: { ...dockerfiles, "slipway.yaml": written } }),
      "api",
    );
    expect([labels["l"], settings.shmSize]).toEqual(["017", "0x10"]);
  });

  test("says which keys of a build it does not use, and refuses those that make another image", async () => {
    const build = (more: string) => ({
      ...dockerfiles,
      "compose.yaml": `services:\n  api:\n    build:\n      context: api\n${more}`,
    });
    const reported = build(
      "      no_cache: true\n      pull: true\n      privileged: false\n      x-mine: 1\n      frobnicate: 1\n",
    );
    expect((await discoverExample({ files: reported })).warnings).toEqual([
      'compose.yaml:5: "no_cache" of "api" is not used: a service is built when its inputs change; "refresh" in slipway.yaml sets how old an image may become',
      'compose.yaml:9: "frobnicate" of "api" is not used: Slipway does not know this key',
    ]);
    expect(await faultsOf({ files: build("      privileged: true\n") })).toEqual([
      'compose.yaml:5:7: "privileged" of "api": it cannot be passed on to a build; take it out, or list the services in slipway.yaml',
    ]);
  });

  test.each([
    ["${TAG:-latest}", "", "", ["{version}"]],
    ["${TAG:-latest}", "TAG=1.2.3", "2.0.0-rc.1", ["{version}"]],
    ["v${VERSION:?needed}-alpine", "", "", ["v{version}-alpine"]],
    ["${IMAGE_TAG:-${VERSION:-dev}}", "", "", ["{version}"]],
    ["${VERSION}-node${NODE_VERSION:-24}", "", "", ["{version}-node24"]],
    ["sha-${GIT_SHA:-dev}", "", "", ["{version}", "{major}.{minor}", "{major}", "latest"]],
    ["${PHP_VERSION:-8.3}-fpm", "", "", ["{version}", "{major}.{minor}", "{major}", "latest"]],
    ["${X}-${NODE_VERSION:-24}", "", "", ["{version}-24"]],
    ["x${X:-}-${TAG}", "", "", ["x-{version}"]],
    ["${X:-}x-${TAG}", "", "", ["x-{version}"]],
    ["${X:-}x-1.2.3", "", "", ["x-{version}"]],
    ["${X:-edge}", "", "", ["{version}", "{major}.{minor}", "{major}", "latest"]],
    ["${X:-8.3}-fpm", "", "", ["{version}", "{major}.{minor}", "{major}", "latest"]],
    ["1.2.3-rc.1", "", "", ["{version}"]],
    ["1.2.3-dev-alpine", "", "", ["{version}-alpine"]],
    ["1.2.3-alpine3", "", "", ["{version}-alpine3"]],
  ])("with the tag %j (.env: %j, TAG in the shell: %j) gives %j", async (tag, dotenv, shell, version) => {
    const files = {
      ...dockerfiles,
      "?.env": dotenv,
      "compose.yaml": `services: { api: { image: "r.io/api:${tag}", build: api } }`,
    };
    const project = await discoverExample({ files, host: { env: shell === "" ? {} : { TAG: shell } } });
    expect([serviceOf(project, "api").tags.version, project.warnings]).toEqual([version, []]);
  });

  test("of several documents is read as if they were files one over the other", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml":
        "services: { api: { build: { context: api, target: a } } }\n---\nservices: { api: { build: { target: b } } }\n",
    };
    expect(serviceOf(await discoverExample({ files }), "api").target).toBe("b");
  });

  test("gives each image name its own tags, unless slipway.yaml gives them tags", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml":
        "services: { api: { image: 'r.io/hub/api:latest', build: { context: api, tags: ['r.io/ghcr/api:1.2.3'] } } }",
    };
    const branch = ["{branch}", "sha-{sha}"];
    expect(serviceOf(await discoverExample({ files }), "api")).toMatchObject({
      images: ["r.io/hub/api", "r.io/ghcr/api"],
      tags: { version: ["latest"], branch },
      imageTags: { "r.io/ghcr/api": { version: ["{version}"], branch } },
    });
    const reordered = { ...files, "slipway.yaml": "images: [r.io/ghcr/api, r.io/hub/api]\ntags: { branch: [edge] }" };
    expect(serviceOf(await discoverExample({ files: reordered }), "api")).toMatchObject({
      tags: { version: ["{version}"], branch: ["edge"] },
      imageTags: { "r.io/hub/api": { version: ["latest"], branch: ["edge"] } },
    });
    const shared = { ...files, "slipway.yaml": "tags: { version: ['{version}'] }" };
    expect(serviceOf(await discoverExample({ files: shared }), "api")).not.toHaveProperty("imageTags");
  });

  test("whose images Slipway cannot build is refused, and no Dockerfile takes their place", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml": "services:\n  api: { build: { dockerfile_inline: FROM scratch } }\n  db: { image: x }\n",
    };
    expect(await faultsOf({ files })).toEqual([
      'compose.yaml:2:10: "api" cannot be released: its Dockerfile is written inside the Compose file (dockerfile_inline); put it into a file to release it; to release the Dockerfiles of the repository instead, write "from: dockerfiles" into slipway.yaml',
    ]);
    const chosen = await discoverExample({ files: { ...files, "slipway.yaml": "from: dockerfiles" } });
    expect(chosen.source).toBe("Dockerfiles");
  });

  test("whose builds are all of a profile that is off says so where Dockerfiles take their place", async () => {
    const files = { ...dockerfiles, "compose.yaml": "services: { api: { build: api, profiles: [dev] } }" };
    const project = await discoverExample({ files });
    expect([project.source, project.warnings]).toEqual([
      "Dockerfiles",
      [
        'compose.yaml gives no image to release (api: only in the profile dev), so the services come from Dockerfiles; write "from" into slipway.yaml to choose',
      ],
    ]);
    expect(project.leftOut).toContainEqual({ path: "compose.yaml: api", because: "only in the profile dev" });
  });

  test("without a build leaves the Dockerfiles", async () => {
    const project = await discoverExample({
      files: { ...dockerfiles, "compose.yaml": "services: { db: { image: x } }" },
    });
    expect(project.source).toBe("Dockerfiles");
  });

  test("that is asked for and builds nothing is a fault", async () => {
    const files = { ...dockerfiles, "compose.yaml": "services: { db: { image: x } }", "slipway.yaml": "from: compose" };
    expect(await faultsOf({ files })).toEqual(["looking for services: compose.yaml builds no image"]);
  });

  test("with an override that git does not track is read without it", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml": "services: { api: { build: api } }",
      "?compose.override.yaml": "services: { api: { build: { target: dev } } }",
    };
    expect(serviceOf(await discoverExample({ files }), "api").target).toBeUndefined();
  });

  test("is passed over where slipway.yaml says so, and read from the files it names", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml": "services: { api: { build: api } }",
      "deploy/prod.yaml": "services: { api: { build: { context: ../api, target: prod } } }",
    };
    const from = async (text: string) =>
      (await discoverExample({ files: { ...files, "slipway.yaml": text } })).services.map(({ name, target }) => [
        name,
        target,
      ]);
    expect(await from("from: dockerfiles")).toHaveLength(4);
    expect(await from("from: compose")).toEqual([["api", undefined]]);
    expect(await from("from: deploy/prod.yaml")).toEqual([["api", "prod"]]);
    expect(await from("from: compose\nservices: { api: { context: web, target: t } }")).toEqual([["api", "t"]]);
  });

  test("names an image that another Dockerfile starts from", async () => {
    const files = {
      "base/Dockerfile": "FROM scratch",
      "api/Dockerfile": "FROM shop-base",
      "web/Dockerfile": "FROM local/base:dev",
      "compose.yaml":
        "services: { base: { build: base }, api: { build: api }, web: { build: web }, b: { build: base, image: 'local/base:dev' } }",
    };
    const project = await discoverExample({ files });
    expect([serviceOf(project, "api").needs, serviceOf(project, "web").needs]).toEqual([["base"], ["b"]]);
  });

  test("keeps marks of slipway.yaml on args that Compose gives", async () => {
    const files = {
      ...dockerfiles,
      "compose.yaml":
        "services: { api: { build: { context: api, args: { GIT_SHA: '${SHA:-dev}', FROM_ENV: , UNSET: } } } }",
      "slipway.yaml": "services: { api: { args: { GIT_SHA: { stamp: true } } } }",
    };
    const project = await discoverExample({ files, host: { env: { SHA: "abc", FROM_ENV: "x" } } });
    expect(serviceOf(project, "api").args).toEqual({
      FROM_ENV: { value: "x", stamp: false },
      GIT_SHA: { value: "abc", stamp: true },
    });
    expect(project.warnings).toEqual([]);
  });

  test("warns of variables that are not set", async () => {
    const files = { ...dockerfiles, "compose.yaml": "services:\n  api:\n    build: { context: api, target: $T }\n" };
    expect((await discoverExample({ files })).warnings).toEqual([
      "compose.yaml:3: the variable T is not set and counts as empty",
    ]);
  });

  test.each([
    ["services: { api: { build: ../api } }", ['compose.yaml:1:27: "../api" lies outside of the repository']],
    [
      "services: { api: { build: { context: [x] } } }",
      [
        'compose.yaml:1:38: "context" must be text',
        'compose.yaml:1:20: the Dockerfile "Dockerfile" is not there, did you mean "api/Dockerfile"?',
      ],
    ],
    ["services: { api: { build: apo } }", ['compose.yaml:1:27: the context "apo" is not there']],
    [
      "services: { api: { build: { context: api, target: '${T:?write T}' } } }",
      ["compose.yaml:1:51: the variable T is required: write T"],
    ],
    ["services: { api: { build: api, image: '${R}/api' } }", ['compose.yaml:1:39: "/api" is no image name']],
    [
      "services: { a: { extends: b }, b: { extends: a } }",
      ["compose.yaml:1:46: services extend each other in a circle: compose.yaml:a -> compose.yaml:b -> compose.yaml:a"],
    ],
    [
      "services: { a: { extends: { service: apx } }, apy: { build: api } }",
      ['compose.yaml:1:38: there is no service "apx" to extend, did you mean "apy"?'],
    ],
    [
      "include: [compose.yaml]\nservices: { api: { build: api } }",
      ["compose.yaml:1:11: files include each other in a circle: compose.yaml -> compose.yaml"],
    ],
    [
      "services: { api: { build: { context: api, secrets: [x], network: mine } } }",
      [
        'compose.yaml:1:53: there is no secret "x" in the Compose file',
        'compose.yaml:1:66: a build cannot use the network "mine"; write default, none or host',
      ],
    ],
    [
      "services: { api: { build: { context: api, args: { NPM_TOKEN: x } } } }",
      [
        'compose.yaml:1:62: the build arg "NPM_TOKEN" of "api" is refused, its name looks like a secret\'s; pass it as a secret ("secrets" and RUN --mount=type=secret), or say in "allow" why it is not a secret',
      ],
    ],
    [
      "services: { api: { build: api }, API: { build: web } }",
      ['compose.yaml:1:34: a second service is called "api"; the first is in compose.yaml:1'],
    ],
    [
      "services: { api: { build: { context: api, args: { D: 2026-11-26 } } } }",
      ["compose.yaml:1:54: Compose takes 2026-11-26 for a point in time and refuses it here; put it into quotes"],
    ],
    [
      "services: &s { api: { build: *s } }",
      ["compose.yaml:1:1: values are nested more than 200 deep, or hold themselves"],
    ],
    [
      "services: [",
      ["compose.yaml:1:12: Flow sequence in block collection must be sufficiently indented and end with a ]"],
    ],
  ])("%j is refused", async (text, faults) => {
    expect((await faultsOf({ files: { ...dockerfiles, "compose.yaml": text } })).sort()).toEqual(faults.toSorted());
  });

  test("of any shape ends in a project or in faults", async () => {
    const keys =
      "services api build context args secrets extends file service include path profiles additional_contexts ulimits image";
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.constantFrom<unknown>(null, true, 0, "", "api", "service:api", "${X}", "../x", "compose.yaml", "a=b"),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys.split(" ")), tie("tree"), { maxKeys: 4 }),
      ),
    }));
    const service = fc.record({ build: tree, image: tree, extends: tree, profiles: tree }, { requiredKeys: [] });
    const file = fc.record({
      services: fc.oneof(tree, fc.record({ api: service, web: service })),
      include: tree,
      secrets: tree,
    });
    await fc.assert(
      fc.asyncProperty(file, async (value) => {
        const files = {
          ...dockerfiles,
          "compose.yaml": stringify(value),
          "skaffold.yaml": stringify({ build: value }),
        };
        const error = await discoverExample({ files }).catch((caught: unknown) => caught);
        if (error instanceof Error) expect(error).toBeInstanceOf(SlipwayError);
      }),
      { numRuns: 300 },
    );
  });
});

test("services that are tags of one image get branch tags of their own, and say their versions as the tags do", async () => {
  const image = (name: string): string => `\${IMAGE_NAME}:\${DEMO_VERSION}-${name}`;
  const services = Object.fromEntries(["cart", "ad"].map((name) => [name, { image: image(name), build: "api" }]));
  const project = await discoverExample({
    files: {
      ...dockerfiles,
      "compose.yaml": JSON.stringify({ services }),
      ".env": "IMAGE_NAME=ghcr.io/acme/demo\nDEMO_VERSION=latest\n",
    },
  });
  expect(project.services.map(({ name, images, tags }) => [name, images, tags])).toEqual(
    ["ad", "cart"].map((name) => [
      name,
      ["ghcr.io/acme/demo"],
      { version: [`{version}-${name}`], branch: [`{branch}-${name}`, `sha-{sha}-${name}`] },
    ]),
  );
});

test.each(
  ["V", "APP_V", "BUILD", "X", "IMAGE_VERSION", "DEMO_VERSION"].flatMap((name) =>
    [undefined, "", "1.0", "1.2.3", "latest", "edge", "8"].map((value) => [name, value] as const),
  ),
)("a variable %s that begins a tag is the version, also where the shell or .env holds %j", async (name, value) => {
  const services = Object.fromEntries(
    ["cart", "ad"].map((each) => [each, { image: `ghcr.io/acme/demo:\${${name}}-${each}`, build: "api" }]),
  );
  const files = { ...dockerfiles, "compose.yaml": JSON.stringify({ services }) };
  const dotenv = value === undefined ? {} : { ".env": `${name}=${value}\n` };
  for (const example of [
    { files, host: { env: value === undefined ? {} : { [name]: value } } },
    { files: { ...files, ...dotenv } },
  ]) {
    const project = await discoverExample(example);
    expect(project.services.map((each) => each.tags.version)).toEqual([["{version}-ad"], ["{version}-cart"]]);
  }
});

test.each([undefined, "", "8.3", "8.3.1", "edge"])(
  "a variable that another one precedes, or that has a default of its own kind, is what it holds: %j",
  async (value) => {
    const tag = "${VERSION}-php${PHP_VERSION:-8.3}";
    const files = {
      ...dockerfiles,
      "compose.yaml": JSON.stringify({ services: { api: { image: `r.io/api:${tag}`, build: "api" } } }),
    };
    const dotenv = value === undefined ? {} : { ".env": `PHP_VERSION=${value}\n` };
    const project = await discoverExample({ files: { ...files, ...dotenv } });
    expect(serviceOf(project, "api").tags.version).toEqual([`{version}-php${value || "8.3"}`]);
  },
);
