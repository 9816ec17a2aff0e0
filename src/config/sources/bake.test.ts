import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { bakeHost } from "../testing/bake-host.ts";
import { discoverExample, faultsOf, nonDefaults, serviceOf } from "../testing/repository.ts";

const files = {
  "docker-bake.hcl": 'group "default" {}\n\ntarget "api" {\n}\n  target "base" {\n}\n',
  "api/Dockerfile": "FROM base\n",
  "base/Dockerfile": "FROM scratch\n",
  "lib/x": "",
  "slipway.yaml": "allow: { ssh: true, network: host }\n",
};

/** As buildx 0.29 prints it. */
const printed = {
  group: { default: { targets: ["api", "web", "bin", "inline"] }, web: { targets: ["web-a"] } },
  target: {
    api: {
      annotations: ["index:org.x=1", "manifest:a=1", "y=2"],
      context: ".",
      contexts: {
        base: "target:base",
        g: "https://github.com/a/b.git#v1",
        img: "docker-image://alpine:3",
        lib: "./lib",
      },
      dockerfile: "api/Dockerfile",
      args: { A: "1", B: "$${x}" },
      labels: { a: "b" },
      tags: ["ghcr.io/acme/api:latest", "ghcr.io/acme/api:1.2.3"],
      secret: [
        { id: "tok", env: "TOK" },
        { id: "f", src: "./f" },
      ],
      ssh: [{ id: "default" }, { id: "key", paths: ["a"] }],
      platforms: ["linux/amd64", "linux/arm64"],
      output: [{ push: "true", type: "image" }],
      network: "host",
      "shm-size": "128m",
      ulimits: ["nofile=1024:1024"],
      "extra-hosts": { h: "1.2.3.4" },
    },
    base: { context: "base", dockerfile: "Dockerfile", output: [{ type: "cacheonly" }] },
    "web-a": { context: "/nowhere/shop/base", dockerfile: "Dockerfile", args: { V: "a" } },
    bin: { context: ".", dockerfile: "api/Dockerfile", output: [{ type: "local", dest: "out" }] },
    inline: { context: ".", dockerfile: "Dockerfile", "dockerfile-inline": "FROM scratch\n" },
  },
};

describe("a bake file", () => {
  test("gives the targets of its group default, and what they use as contexts without visible tags", async () => {
    const project = await discoverExample({ files, host: bakeHost(() => ({ json: printed })) });
    expect(project.services.map(nonDefaults)).toEqual([
      {
        name: "api",
        context: ".",
        dockerfile: "api/Dockerfile",
        args: { A: { value: "1", stamp: false }, B: { value: "${x}", stamp: false } },
        images: ["ghcr.io/acme/api"],
        tags: { version: ["latest", "{version}"], branch: ["{branch}", "sha-{sha}"] },
        needs: ["base"],
        platforms: ["linux/amd64", "linux/arm64"],
        contexts: {
          base: { kind: "service", service: "base" },
          g: { kind: "git", url: "https://github.com/a/b.git#v1" },
          img: { kind: "image", reference: "alpine:3" },
          lib: { kind: "folder", path: "lib" },
        },
        secrets: [
          { id: "tok", from: { kind: "env", name: "TOK" } },
          { id: "f", from: { kind: "file", path: "f" } },
        ],
        ssh: ["default", "key=a"],
        labels: { a: "b" },
        annotations: { a: "1", y: "2" },
        settings: { network: "host", extraHosts: ["h:1.2.3.4"], ulimits: ["nofile=1024:1024"], shmSize: "128m" },
      },
      {
        name: "base",
        context: "base",
        dockerfile: "base/Dockerfile",
        images: ["ghcr.io/acme/shop/base"],
        tags: { version: [], branch: [] },
      },
      {
        name: "web-a",
        context: "base",
        dockerfile: "base/Dockerfile",
        images: ["ghcr.io/acme/shop/web-a"],
        args: { V: { value: "a", stamp: false } },
      },
    ]);
    expect(project.leftOut).toEqual([
      { path: "docker-bake.hcl: bin", because: "its output is local, not an image" },
      {
        path: "docker-bake.hcl: inline",
        because: "its Dockerfile is written inside the bake file (dockerfile-inline); put it into a file to release it",
      },
    ]);
    expect(project.source).toBe("docker-bake.hcl");
  });

  describe("with variables in its tags", () => {
    interface Case {
      readonly variables: Readonly<Record<string, string>>;
      readonly tags: (values: Readonly<Record<string, string>>) => readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      readonly text?: string;
    }

    /** A docker that evaluates one target's tags as bake would: defaults, then the environment. */
    function variableHost({ variables, tags, env = {} }: Case, calls: string[] = []): Partial<Host> {
      const valuesIn = (run: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> =>
        Object.fromEntries(
          Object.entries(variables).map(([name, fallback]) => {
            const set = run !== undefined && name in run ? run[name] : env[name];
            return [name, set ?? fallback];
          }),
        );
      return {
        env,
        ...bakeHost((args, run) => {
          calls.push(args);
          const values = valuesIn(run);
          if (args.includes("type=variables")) {
            return { json: Object.entries(values).map(([name, value]) => ({ name, value })) };
          }
          if (values["STRICT_VERSION"]?.startsWith("79") === true) return { exitCode: 1, stderr: "ERROR: not valid\n" };
          return { json: { target: { api: { dockerfile: "api/Dockerfile", tags: tags(values) } } } };
        }),
      };
    }

    const made = async (given: Case) => {
      const definition = { ...files, "docker-bake.hcl": given.text ?? 'variable "VERSION" {}\ntarget "api" {}\n' };
      const { tags, imageTags } = serviceOf(
        await discoverExample({ files: definition, host: variableHost(given) }),
        "api",
      );
      const own = Object.entries(imageTags ?? {}).map(([name, each]) => [name, ...each.version]);
      return [tags.version, ...own];
    };

    test.each([
      ["latest", {}],
      ["0.0.0-dev", {}],
      ["", {}],
      ["latest", { VERSION: "2.0.0-rc.1" }],
      ["latest", { VERSION: "1.2.3" }],
    ])("says the same where VERSION is %j and the shell sets %j", async (fallback, env) => {
      const tags = ({ VERSION = "" }) => [
        `r.io/one:${VERSION}`,
        `r.io/one:${VERSION}-alpine`,
        `r.io/one:${VERSION.split(".").slice(0, 2).join(".")}`,
        ...(VERSION === "latest" ? [] : ["r.io/hub/one:latest"]),
      ];
      expect(await made({ variables: { VERSION: fallback }, tags, env })).toEqual([
        ["{version}", "{version}-alpine", "{major}.{minor}"],
        ["r.io/hub/one", "latest"],
      ]);
    });

    test.each<[string, Readonly<Record<string, string>>]>(
      ["V", "X"].flatMap((name) => [{}, { [name]: "1.0" }, { [name]: "edge" }].map((env) => [name, env] as const)),
    )("says the same where a variable %s begins a tag and the shell sets %j", async (name, env) => {
      const tags = (values: Readonly<Record<string, string>>) => [
        `r.io/one:${values[name] ?? ""}-${values["OS"] ?? ""}`,
      ];
      const text = `variable "${name}" {}\ntarget "api" { tags = ["r.io/one:\${${name}}-\${OS}"] }\n`;
      expect(await made({ variables: { [name]: "", OS: "" }, tags, env, text })).toEqual([["{version}-"]]);
    });

    test("takes no variable that is in an image's name for the version", async () => {
      const tags = ({ X = "" }) => [`r.io/${X}/one:${X}-1`, `r.io/two:${X}`];
      const text = 'target "api" { tags = ["r.io/${X}/one:${X}-1", "r.io/two:${X}"] }\n';
      expect(await made({ variables: { X: "" }, tags, text, env: { X: "1.2.3" } })).toEqual([
        ["{version}-1"],
        ["r.io/two", "{version}"],
      ]);
    });

    test("takes no variable that holds something else for the version", async () => {
      const variables = { CHANNEL: "edge", PHP: "8.3", OS: "" };
      const tags = (values: Readonly<Record<string, string>>) => [
        `r.io/one:${values["CHANNEL"] ?? ""}`,
        `r.io/one:${values["PHP"] ?? ""}-fpm`,
        `r.io/one:${values["OS"] ?? ""}x-1.2.3`,
      ];
      const text = 'variable "OS" {}\n# :${CHANNEL} :${PHP} :${OS}\n';
      expect(await made({ variables, tags, text })).toEqual([["edge", "8.3-fpm", "x-{version}"]]);
    });

    test("takes the version that comes first in a tag, and leaves other variables as they are", async () => {
      const variables = { VERSION: "latest", NODE_VERSION: "24.1.0", GIT_SHA: "", BRANCH: "main", CHANNEL: "edge" };
      const tags = (values: Readonly<Record<string, string>>) => [
        `r.io/one:${values["VERSION"] ?? ""}-node${values["NODE_VERSION"] ?? ""}`,
        `r.io/one:sha-${(values["GIT_SHA"] ?? "").slice(0, 7)}`,
        `r.io/one:${values["BRANCH"] ?? ""}`,
        `r.io/one:${values["CHANNEL"] ?? ""}`,
      ];
      expect(await made({ variables, tags })).toEqual([["{version}-node24.1.0", "sha-{sha}", "edge"]]);
    });

    test("takes a version that is written out beside it for the same version", async () => {
      const tags = ({ VERSION = "" }) => ["r.io/ghcr/one:1.2.3", `r.io/hub/one:${VERSION}`, "r.io/hub/one:1.2"];
      expect(await made({ variables: { VERSION: "latest" }, tags })).toEqual([
        ["{version}"],
        ["r.io/hub/one", "{version}", "{major}.{minor}"],
      ]);
    });

    test("leaves a variable alone that does not take another version", async () => {
      const tags = ({ VERSION = "", STRICT_VERSION = "" }) => [`r.io/one:${VERSION}`, `r.io/one:x-${STRICT_VERSION}`];
      expect(await made({ variables: { VERSION: "1.0.0", STRICT_VERSION: "5.0.0" }, tags })).toEqual([
        ["{version}", "x-5.0.0"],
      ]);
    });

    test("leaves out the variable of another version", async () => {
      const tags = ({ PHP_VERSION = "" }) => [`r.io/php:${PHP_VERSION}-fpm`];
      expect(await made({ variables: { PHP_VERSION: "8.3" }, tags })).toEqual([
        ["{version}", "{major}.{minor}", "{major}", "latest"],
      ]);
    });

    test("asks bake three times where a variable holds the version, and for all targets where the file has groups", async () => {
      const calls: string[] = [];
      const given: Case = { variables: { VERSION: "1.0.0" }, tags: ({ VERSION = "" }) => [`r.io/one:${VERSION}`] };
      await discoverExample({
        files: { ...files, "docker-bake.hcl": 'variable "VERSION" {}' },
        host: variableHost(given, calls),
      });
      expect(calls).toEqual([
        "docker buildx bake --print",
        "docker buildx bake --list type=variables,format=json",
        "docker buildx bake --print",
      ]);
      calls.length = 0;
      await discoverExample({ files, host: variableHost(given, calls) });
      expect(calls).toEqual(["docker buildx bake --print", "docker buildx bake --list type=targets,format=json"]);
    });
  });

  test("without a group default gives the targets that have tags", async () => {
    const calls: string[] = [];
    const host = bakeHost((args) => {
      calls.push(args);
      if (args.endsWith("--print")) return { exitCode: 1, stderr: "ERROR: failed to find target default\n" };
      if (args.includes("--list")) {
        return { json: [{ name: "api" }, { name: "base" }, { name: "_x" }, { name: "all", group: true }] };
      }
      const { api, base } = printed.target;
      return {
        json: {
          group: { default: { targets: ["api", "base"] } },
          target: { api: { ...api, contexts: {} }, base: { ...base, output: [] } },
        },
      };
    });
    const project = await discoverExample({ files, host });
    expect(project.services.map(({ name }) => name)).toEqual(["api"]);
    expect(project.leftOut).toEqual([
      { path: "base/Dockerfile", because: "no service in docker-bake.hcl uses it" },
      { path: "docker-bake.hcl: base", because: "it has no tags, and no service uses it" },
    ]);
    expect(calls).toEqual([
      "docker buildx bake --print",
      "docker buildx bake --list type=targets,format=json",
      "docker buildx bake --print api base",
    ]);
  });

  test("warns of keys that are not used, and refuses a policy", async () => {
    const { base } = printed.target;
    const json = (more: object) => ({
      target: { base: { ...base, ...more, output: [{ type: "image", push: "true" }] } },
    });
    const ignored = json({ attest: [{ type: "sbom" }], "no-cache": true, "no-cache-filter": [], pull: true });
    expect((await discoverExample({ files, host: bakeHost(() => ({ json: ignored })) })).warnings).toEqual([
      'docker-bake.hcl:5: "attest" of "base" is not used: every image gets BuildKit\'s provenance (mode=min), and an SBOM as `sbom` in slipway.yaml says',
      'docker-bake.hcl:5: "no-cache" of "base" is not used: a service is built when its inputs change; "refresh" in slipway.yaml sets how old an image may become',
    ]);
    const policy = json({ policy: [{ filename: "p" }] });
    expect(await faultsOf({ files, host: bakeHost(() => ({ json: policy })) })).toEqual([
      'docker-bake.hcl:5:3: "policy" of "base": source policies are not passed on to a build; take it out, or list the services in slipway.yaml',
    ]);
    const zstd = { target: { base: { ...base, output: [{ type: "image", compression: "zstd" }] } } };
    expect((await discoverExample({ files, host: bakeHost(() => ({ json: zstd })) })).warnings).toEqual([
      'docker-bake.hcl:5: "output" of "base" is not used: images are pushed as OCI images with BuildKit\'s own compression',
    ]);
  });

  test("that mounts an ssh agent is read without one", async () => {
    const sockets: string[] = [];
    const host = bakeHost((_args, env) => {
      const socket = env?.["SSH_AUTH_SOCK"];
      if (socket === undefined) return { exitCode: 1, stderr: "ERROR: make sure SSH_AUTH_SOCK is set\n" };
      sockets.push(`${existsSync(socket)}`);
      return { json: printed };
    });
    expect(serviceOf(await discoverExample({ files, host }), "api").ssh).toContain("default");
    expect(sockets).toEqual(["true", "true"]);
  });

  describe("with groups beside default", () => {
    const target = { context: ".", dockerfile: "api/Dockerfile" };
    const names = ["api", "web", "worker", "docs"];
    const host = bakeHost((args) => {
      if (args.includes("--list")) return { json: names.map((name) => ({ name })) };
      const [, words = ""] = args.split("--print");
      const asked = words.split(" ").filter((word) => word !== "");
      if (asked.includes("relase")) return { exitCode: 1, stderr: "ERROR: failed to find target relase\n" };
      const members = (word: string): string[] =>
        word === "default" ? ["api", "web"] : word === "release" ? ["api", "worker"] : [word];
      const all = (asked.length === 0 ? ["default"] : asked).flatMap(members);
      return {
        json: { group: { default: { targets: all } }, target: Object.fromEntries(all.map((name) => [name, target])) },
      };
    });
    const how = "to release it, name it under services in slipway.yaml, or a group that has it under bakeTargets";

    test.each([
      ["", ["api", "web"], ["docs", "worker"], "the group default"],
      ["services: { docs: {} }", ["api", "docs", "web"], ["worker"], "the group default"],
      ["bakeTargets: release", ["api", "worker"], ["docs", "web"], "the targets that slipway.yaml names"],
      ["bakeTargets: [release, docs]", ["api", "docs", "worker"], ["web"], "the targets that slipway.yaml names"],
    ])("%j in slipway.yaml releases %j", async (slipway, services, others, from) => {
      const project = await discoverExample({ files: { ...files, "slipway.yaml": slipway }, host });
      expect(project.services.map(({ name }) => name)).toEqual(services);
      const because = `it is not in ${from}; ${how}`;
      expect(project.leftOut.filter((each) => each.because === because).map(({ path }) => path)).toEqual(
        others.map((name) => `docker-bake.hcl: ${name}`),
      );
    });

    test("an unknown one is told with its place", async () => {
      expect(await faultsOf({ files: { ...files, "slipway.yaml": "bakeTargets: relase" }, host })).toEqual([
        'slipway.yaml:1:14: there is no target or group "relase"',
      ]);
    });

    test("bakeTargets is said to be unused where the services come from elsewhere", async () => {
      const { warnings } = await discoverExample({
        files: { "api/Dockerfile": "FROM scratch", "slipway.yaml": "bakeTargets: x" },
      });
      expect(warnings).toEqual(['slipway.yaml:1: "bakeTargets" is not used, since the services come from Dockerfiles']);
    });
  });

  test("whose targets are tags of one image gives each tags of its own", async () => {
    const reading = (version: string) => ({
      target: Object.fromEntries(
        ["alpine", "debian"].map((name) => [
          name,
          {
            context: ".",
            dockerfile: "api/Dockerfile",
            tags:
              name === "alpine"
                ? [`acme/app:${version}-alpine`, "acme/app:alpine"]
                : [`acme/app:${version}`, "acme/app:latest"],
          },
        ]),
      ),
    });
    const host = bakeHost((args, env) => {
      if (args.includes("type=variables")) return { json: [{ name: "VERSION", value: "1.0.0" }] };
      return { json: reading(env?.["VERSION"] ?? "1.0.0") };
    });
    const { services } = await discoverExample({
      files: { ...files, "docker-bake.hcl": 'variable "VERSION" {}' },
      host,
    });
    expect(services.map(({ name, images, tags }) => [name, images, tags])).toEqual([
      [
        "alpine",
        ["docker.io/acme/app"],
        { version: ["{version}-alpine", "alpine"], branch: ["{branch}-alpine", "sha-{sha}-alpine"] },
      ],
      ["debian", ["docker.io/acme/app"], { version: ["{version}", "latest"], branch: ["{branch}", "sha-{sha}"] }],
    ]);
  });

  test("that slipway.yaml names is read by its name", async () => {
    const calls: string[] = [];
    const host = bakeHost((args) => {
      calls.push(args);
      return { json: printed };
    });
    const named = {
      ...files,
      "ci/bake.hcl": "",
      "slipway.yaml": "from: ci/bake.hcl\nallow: { ssh: true, network: host }",
    };
    await discoverExample({ files: named, host });
    expect(calls).toEqual(["docker buildx bake --file ci/bake.hcl --print"]);
  });

  test("that does not parse is refused, with what bake says of it", async () => {
    const host = bakeHost(() => ({
      exitCode: 1,
      stderr: "#1 reading\ndocker-bake.hcl:3\nERROR: docker-bake.hcl:3,1-2: wrong\n",
    }));
    expect(await faultsOf({ files, host })).toEqual([
      "reading docker-bake.hcl: docker buildx bake --print ended with 1: docker-bake.hcl:3",
      "ERROR: docker-bake.hcl:3,1-2: wrong",
    ]);
  });

  test("has its faults told where the target is", async () => {
    const json = {
      group: { default: { targets: ["api", "base"] } },
      target: { api: { dockerfile: "nope" }, base: { context: "../x", args: { X: 1 } } },
    };
    expect(await faultsOf({ files, host: bakeHost(() => ({ json })) })).toEqual([
      'docker-bake.hcl:3:1: the Dockerfile "nope" is not there',
      'docker-bake.hcl:5:3: "../x" of the target "base" lies outside of the repository',
    ]);
  });

  test("without Docker says how to go on", async () => {
    const error: unknown = await discoverExample({
      files,
      host: {
        run: () =>
          Promise.reject(
            new SlipwayError("program-unavailable", "docker is not installed", { data: { program: "docker" } }),
          ),
      },
    }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "unavailable",
      message: "reading docker-bake.hcl: docker is not installed",
      hint: expect.stringContaining("from: dockerfiles"),
    });
  });

  test.each([
    [],
    null,
    { target: 1 },
    { target: { api: { contexts: [], tags: {}, output: 1, args: 1, secret: "x" } }, group: [] },
  ])("printed as %j ends in a project or in faults", async (json) => {
    const error: unknown = await discoverExample({ files, host: bakeHost(() => ({ json })) }).catch(
      (caught: unknown) => caught,
    );
    if (error instanceof Error) expect(error).toBeInstanceOf(SlipwayError);
  });
});
