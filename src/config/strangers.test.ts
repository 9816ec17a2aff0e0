import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { buildTag, cacheTag } from "../cache/names.ts";
import { parsePlatform } from "../model/platform.ts";
import { longestServiceName } from "./project/names.ts";
import { bakeHost } from "./testing/bake-host.ts";
import { discoverExample, faultsOf, serviceOf } from "./testing/repository.ts";

describe("a service's name", () => {
  test("that is too long for tags is refused where it is read, with the limit", async () => {
    const name = "a".repeat(240);
    expect(
      await faultsOf({ files: { "compose.yaml": `services: { ${name}: { build: . } }`, Dockerfile: "FROM scratch" } }),
    ).toEqual([
      `compose.yaml:1:13: "${"a".repeat(20)}…" is a name of 240 letters; a service's name has at most 80, since it is part of tags`,
    ]);
    const longest = "a".repeat(longestServiceName);
    const files = { "compose.yaml": `services: { ${longest}: { build: . } }`, Dockerfile: "FROM scratch" };
    expect((await discoverExample({ files })).services.map((service) => service.name)).toEqual([longest]);
  });

  test("of the greatest length leaves room for everything else in a tag", () => {
    const name = "a".repeat(longestServiceName);
    const platform = parsePlatform("linux/mips64le");
    if (platform === undefined) throw new Error("linux/mips64le is a platform");
    const tags = [`pr-999999999.${buildTag("01234567", name, platform)}`, cacheTag(name, platform)];
    expect(Math.max(...tags.map((tag) => tag.length))).toBeLessThanOrEqual(128);
  });
});

describe("the address of a git context", () => {
  test.each(["ext::sh -c x", "--upload-pack=x", "/srv/shop.git", "file:///srv/shop.git", "../shop"])(
    "in slipway.yaml is refused before git runs: %s",
    async (git) => {
      const files = {
        "api/Dockerfile": "FROM scratch\n",
        "slipway.yaml": `contexts:\n  x: ${JSON.stringify({ git })}\n`,
      };
      expect(await faultsOf({ files })).toEqual([
        `slipway.yaml:2:6: ${JSON.stringify(git)} is no address that git may fetch from; write https://, ssh://, git:// or user@host:path`,
      ]);
    },
  );

  test("in a Compose file is refused before git runs", async () => {
    const files = {
      Dockerfile: "FROM scratch\n",
      "compose.yaml":
        "services:\n  api:\n    build:\n      additional_contexts: { x: ssh://-oProxyCommand=x/shop.git }\n",
    };
    expect((await faultsOf({ files })).join()).toContain("compose.yaml:4:");
    expect((await faultsOf({ files })).join()).toContain('"ssh://-oProxyCommand=x/shop.git" is no address');
  });
});

describe("a secret from a variable that buildx or BuildKit reads itself", () => {
  const text = (name: string) =>
    `the secret "s" is from the variable ${name}, which buildx or BuildKit reads itself and which may change the build; give the variable another name`;

  test.each([
    "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY",
    "BUILDX_NEW",
    "BUILDKIT_SYNTAX",
    "SOURCE_DATE_EPOCH",
    "DOCKER_BUILDKIT",
  ])("is refused in slipway.yaml, where it is written: %s", async (name) => {
    const written = [`{ id: s, env: ${name} }`, `"id=s,env=${name}"`, `"id=s,type=env,src=${name}"`];
    for (const secret of written) {
      const config = `secrets:\n  - id=t,env=TOKEN\n  - ${secret}\n`;
      expect(await faultsOf({ files: { Dockerfile: "FROM scratch\n", "slipway.yaml": config } })).toEqual([
        `slipway.yaml:3:5: ${text(name)}`,
      ]);
    }
  });

  test("is refused in a Compose file, unless slipway.yaml says other secrets", async () => {
    const files = {
      Dockerfile: "FROM scratch\n",
      "compose.yaml":
        "services:\n  api:\n    build: { context: ., secrets: [s] }\nsecrets: { s: { environment: BUILDKIT_SYNTAX } }\n",
    };
    expect((await faultsOf({ files })).join()).toMatch(`compose.yaml:2:3: ${text("BUILDKIT_SYNTAX")}`);
    expect((await discoverExample({ files: { ...files, "slipway.yaml": "secrets: []\n" } })).services).toHaveLength(1);
  });
});

const dockerfile = { Dockerfile: "FROM scratch\nARG T\n" };
const leak = "services: { api: { build: { context: ., args: { T: '${aws_session:-none}' } } } }";

/** A folder with a repository's untracked files in `shop` and somebody's own beside it. */
async function makeMachine(): Promise<string> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "slipway-test-")));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  await mkdir(join(base, "home"));
  await mkdir(join(base, "shop", ".git"), { recursive: true });
  await writeFile(join(base, "home", "credentials"), "aws_session=stolen\n");
  await writeFile(join(base, "shop", ".git", "config"), "[http]\n\taws_session = stolen\n");
  await symlink(join(base, "home"), join(base, "shop", "untracked"));
  return base;
}

describe("a file outside of the repository", () => {
  const included = (env_file: string) => ({
    ...dockerfile,
    "compose.yaml": `include: [{ path: inc.yaml, env_file: ${env_file} }]`,
    "inc.yaml": leak,
    tracked: { link: "../home" },
    "deep/tracked": { link: "../tracked/credentials" },
    "inside.env": { link: "deep/../real.env" },
    "real.env": "aws_session=inside\n",
  });

  test.each([
    "../home/credentials",
    "tracked/credentials",
    "deep/tracked",
    "untracked/credentials",
    ".git/config",
    "./.GIT/config",
    "deep/../../home/credentials",
  ])("is not read as a file of variables: %s", async (path) => {
    const base = await makeMachine();
    const root = join(base, "shop");
    const faults = await faultsOf({ root, files: included(path) });
    expect(faults.join()).toMatch(/outside of the repository|which is git's own/);
    expect(faults.join()).not.toContain("stolen");
    expect(faults).toHaveLength(1);
  });

  test("is not read by its absolute path either", async () => {
    const base = await makeMachine();
    const path = join(base, "home/credentials");
    const faults = await faultsOf({ root: join(base, "shop"), files: included(path) });
    expect(faults).toEqual([
      `${path}: this path leads to "${path}", outside of the repository; slipway.yaml can name it: "allow: { files: ["${path}"] }"`,
    ]);
  });

  test("is read where slipway.yaml names it, and a link within the repository needs nothing", async () => {
    const base = await makeMachine();
    const root = join(base, "shop");
    const argOf = async (env_file: string, allow: string): Promise<unknown> => {
      const files = { ...included(env_file), "slipway.yaml": allow };
      return serviceOf(await discoverExample({ root, files, host: { env: { HOME: join(base, "home") } } }), "api").args[
        "T"
      ];
    };
    expect(await argOf("inside.env", "")).toEqual({ value: "inside", stamp: false });
    for (const allow of ["../home", "~/credentials", join(base, "home/credentials")]) {
      expect(await argOf("tracked/credentials", `allow: { files: ${JSON.stringify(allow)} }`)).toEqual({
        value: "stolen",
        stamp: false,
      });
    }
  });

  test.each([
    ["slipway.yaml", {}],
    ["compose.yaml", {}],
    [".env", { "compose.yaml": leak }],
    ["skaffold.yaml", {}],
    ["docker-bake.hcl", {}],
    ["docker-bake.override.hcl", { "docker-bake.hcl": "" }],
    ["Dockerfile", {}],
    ["base.yaml", { "compose.yaml": "services: { api: { extends: { file: base.yaml, service: api } } }" }],
    ["inc.yaml", { "compose.yaml": "include: [inc.yaml]" }],
    ["other.yaml", { "skaffold.yaml": "requires: [{ path: other.yaml }]" }],
    ["lib", { "compose.yaml": "services: { api: { build: { context: ., additional_contexts: { lib: ./lib } } } }" }],
    ["ctx", { "compose.yaml": "services: { api: { build: ctx } }" }],
  ])("is not read through a link that git tracks: %s", async (path, files) => {
    const base = await makeMachine();
    const root = join(base, "shop");
    const faults = await faultsOf({
      root,
      files: { ...dockerfile, ...files, [path]: { link: "../home/credentials" } },
    });
    expect(faults.join("\n")).toContain(`leads to "${join(base, "home/credentials")}", outside of the repository`);
  });

  test.each([
    ["compose.yaml", "include: [{ path: inc.yaml, env_file: ../home/credentials }]"],
    ["compose.yaml", "include: [{ path: [../home/credentials] }]"],
    ["docker-compose.yml", "services: { api: { env_file: [{ path: tracked/credentials }] } }"],
    ["compose.yaml", "services: { api: { extends: { file: tracked/credentials, service: x } } }"],
    ["compose.yaml", "include: ['${HOME}/credentials']"],
    ["compose.yaml", "include: [inc.yaml]"],
  ])("is not read by bake either, which is not started: %s %s", async (path, text) => {
    const base = await makeMachine();
    const faults = await faultsOf({
      root: join(base, "shop"),
      files: {
        ...dockerfile,
        "docker-bake.hcl": "",
        [path]: text,
        tracked: { link: "../home" },
        "inc.yaml": "services: { api: { env_file: ../home/credentials } }",
      },
    });
    expect(faults.join()).toMatch(/outside of the repository|cannot be checked for bake/);
  });
});

describe("what a build gets beyond the repository", () => {
  const composeOf = (build: string, secrets = "{}") => ({
    ...dockerfile,
    "compose.yaml": `services: { api: { build: { context: ., ${build} } } }\nsecrets: ${secrets}\n`,
  });
  const secret = (path: string) => composeOf("secrets: [s]", `{ s: { file: ${path} } }`);

  test("is refused where a definition asks for it, and the fault names the setting", async () => {
    const base = await makeMachine();
    const root = join(base, "shop");
    const place = join(base, "home/credentials");
    const at = "compose.yaml:1:13";
    expect(await faultsOf({ root, files: secret("../home/credentials") })).toEqual([
      `${at}: the file "../home/credentials" of the secret "s" of "api" leads to "${place}", outside of the repository; slipway.yaml can name it: "allow: { files: ["${place}"] }"`,
    ]);
    expect(await faultsOf({ root, files: secret(".git/config") })).toEqual([
      `${at}: the file ".git/config" of the secret "s" of "api" leads to ".git/config", which is git's own`,
    ]);
    expect(await faultsOf({ root, files: composeOf("ssh: [default]") })).toEqual([
      `${at}: "api" asks for the ssh agent or keys ("default"), which a definition gets only where slipway.yaml allows it: "allow: { ssh: true }"`,
    ]);
    expect(await faultsOf({ root, files: composeOf("network: host") })).toEqual([
      `${at}: "api" asks for the builder's network ("host"), which a definition gets only where slipway.yaml allows it: "allow: { network: host }"`,
    ]);
    const keys = { ...composeOf("ssh: [k=../home/credentials]"), "slipway.yaml": "allow: { ssh: true }" };
    expect((await faultsOf({ root, files: keys })).join()).toContain(
      `the ssh key "../home/credentials" of "api" leads to`,
    );
  });

  test("is given where slipway.yaml allows it to definitions, or says it itself", async () => {
    const base = await makeMachine();
    const root = join(base, "shop");
    const discover = async (files: Record<string, string>) => serviceOf(await discoverExample({ root, files }), "api");
    const path = "../home/credentials";
    const allowed = await discover({ ...secret(path), "slipway.yaml": `allow: { files: ${path} }` });
    expect(allowed.secrets).toEqual([{ id: "s", from: { kind: "file", path } }]);
    const both = composeOf("ssh: [default], network: host");
    const settings = await discover({ ...both, "slipway.yaml": "allow: { ssh: true, network: host }" });
    expect([settings.ssh, settings.settings]).toEqual([["default"], { network: "host" }]);
    const own = `services: { api: { ssh: default, network: host, secrets: [{ id: s, file: ${path} }] } }`;
    expect(await discover({ ...composeOf(""), "slipway.yaml": own })).toMatchObject({
      ssh: ["default"],
      settings: { network: "host" },
      secrets: [{ from: { path } }],
    });
    const quieter = "services: { api: { ssh: [], network: none, secrets: [] } }";
    await expect(discover({ ...both, "slipway.yaml": quieter.replace("ssh: [], ", "") })).rejects.toThrow(
      "allow: { ssh: true }",
    );
  });

  test("is within the repository without being asked for", async () => {
    const service = serviceOf(await discoverExample({ files: secret("./conf/.npmrc") }), "api");
    expect(service.secrets).toEqual([{ id: "s", from: { kind: "file", path: "conf/.npmrc" } }]);
  });

  test("never holds what runs with the machine's own rights", async () => {
    const bake = { target: { api: { context: ".", entitlements: ["network.host", "security.insecure"] } } };
    const host = bakeHost(() => ({ json: { group: { default: { targets: ["api"] } }, ...bake } }));
    expect(await faultsOf({ files: { ...dockerfile, "docker-bake.hcl": "" }, host })).toEqual([
      'docker-bake.hcl: the target "api" asks for "security.insecure", which cannot be passed on to a build; take it out',
    ]);
  });
});

describe("a variable that looks like a credential", () => {
  const env = { MY_DEPLOY_TOKEN: "s3cret", PGPASSWORD: "s3cret", CI_DATABASE: "postgres://u:p4ss@db/x", PLAIN: "seen" };
  const host = { env };

  test.each([
    "${MY_DEPLOY_TOKEN}",
    "${MY_DEPLOY_TOKEN:-x}",
    "a${PGPASSWORD:+y}",
    "$CI_DATABASE",
    "${PLAIN:+$PGPASSWORD}",
  ])("is not given to a Compose file: %s", async (text) => {
    const compose = `services: { api: { build: { context: ., args: { T: '${text}' } } } }`;
    const [fault = "", ...more] = await faultsOf({ files: { ...dockerfile, "compose.yaml": compose }, host });
    expect(fault).toMatch(
      /^compose\.yaml:1:52: the variable [A-Z_]+ looks like a credential, which definitions do not get/,
    );
    expect([fault, ...more].join()).not.toMatch(/s3cret|p4ss/);
  });

  test("does not come from a file of variables under another name", async () => {
    const files = {
      ...dockerfile,
      ".env": "T=x${MY_DEPLOY_TOKEN}\nDB_PASSWORD=p4ss\n",
      "compose.yaml": "services: { api: { build: { context: ., args: { T: '${T}' } } } }",
    };
    expect(serviceOf(await discoverExample({ files, host }), "api").args["T"]).toEqual({ value: "x", stamp: false });
    const other = { ...files, "compose.yaml": files["compose.yaml"].replace("${T}", "${DB_PASSWORD}") };
    expect((await faultsOf({ files: other, host })).join()).toContain(
      "the variable DB_PASSWORD looks like a credential",
    );
  });

  test("is refused as an arg without a value, from the environment and from a file of variables", async () => {
    const text = "services: { api: { build: { context: ., args: [PGPASSWORD] } } }";
    const files = { ...dockerfile, "compose.yaml": text };
    const refused = /the build arg "PGPASSWORD" of "api" is refused, its value is that of PGPASSWORD, which looks/;
    expect((await faultsOf({ files, host })).join()).toMatch(refused);
    expect((await faultsOf({ files: { ...files, ".env": "PGPASSWORD=p4ss" } })).join()).toMatch(refused);
    const allowed = { ...files, "slipway.yaml": "args: { PGPASSWORD: { allow: 'a test database' } }" };
    expect(serviceOf(await discoverExample({ files: allowed, host }), "api").args["PGPASSWORD"]).toEqual({
      value: "s3cret",
      stamp: false,
      confidential: true,
    });
  });

  test("is not given to bake, which is given the others", async () => {
    const seen: Readonly<Record<string, string | undefined>>[] = [];
    const baking = bakeHost((_args, given) => {
      seen.push(given);
      return { json: { group: { default: { targets: ["api"] } }, target: { api: { context: "." } } } };
    });
    const files = { ...dockerfile, "docker-bake.hcl": 'variable "MY_DEPLOY_TOKEN" {}' };
    const { warnings } = await discoverExample({ files, host: { env, ...baking } });
    expect(seen.length).toBeGreaterThan(0);
    for (const given of seen) {
      expect(Object.entries(given)).toEqual(
        expect.arrayContaining(["MY_DEPLOY_TOKEN", "PGPASSWORD", "CI_DATABASE"].map((name) => [name, undefined])),
      );
      expect(Object.keys(given)).not.toContain("PLAIN");
    }
    expect(warnings.join()).toContain("docker-bake.hcl: the variable MY_DEPLOY_TOKEN looks like a credential");
  });

  test("is not given to Skaffold", async () => {
    const text =
      "build: { artifacts: [{ image: api, context: ., docker: { buildArgs: { T: '{{.MY_DEPLOY_TOKEN}}' } } }] }";
    expect((await faultsOf({ files: { ...dockerfile, "skaffold.yaml": text }, host })).join()).toContain(
      "the variable MY_DEPLOY_TOKEN looks like a credential",
    );
  });

  test("is refused as a build arg of another name, unless slipway.yaml says why; then it is marked", async () => {
    const files = (arg: string) => ({ ...dockerfile, "slipway.yaml": `args: { T: ${arg} }` });
    expect(await faultsOf({ files: files("{ env: MY_DEPLOY_TOKEN }"), host })).toEqual([
      'slipway.yaml:1:9: the build arg "T" of "shop" is refused, its value is that of MY_DEPLOY_TOKEN, which looks like a credential; pass it as a secret ("secrets" and RUN --mount=type=secret), or say in "allow" why it is not a secret',
    ]);
    const project = await discoverExample({ files: files('{ env: MY_DEPLOY_TOKEN, allow: "it is public" }'), host });
    expect(serviceOf(project, "shop").args["T"]).toEqual({ value: "s3cret", stamp: false, confidential: true });
  });
});
