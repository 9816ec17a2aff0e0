import { describe, expect, test } from "vitest";
import { deriveNeeds, findCycle } from "../project/derive-needs.ts";
import { parseImageName } from "../../model/reference.ts";
import { scanDockerfile } from "./scan-dockerfile.ts";
import { discoverExample, faultsOf, nonDefaults, serviceOf } from "../testing/repository.ts";

const plain = "FROM scratch\nCOPY . .\n";

describe("Dockerfiles that git tracks", () => {
  test.each([
    ["api/Dockerfile", "api"],
    ["cart/src/Dockerfile", "cart"],
    ["services/cart/docker/Dockerfile", "cart"],
    ["Dockerfile", "shop"],
    ["docker/Dockerfile", "shop"],
    ["docker/api.Dockerfile", "api"],
    ["docker/Dockerfile.api", "api"],
    ["Dockerfile.worker", "worker"],
    ["cart/Dockerfile.migrate", "cart-migrate"],
    ["cart/Dockerfile.prod", "cart"],
    ["cart/cart.Dockerfile", "cart"],
    ["My Service/Dockerfile", "my-service"],
    ["apps/web/.docker/Dockerfile", "web"],
    ["api/Containerfile", "api"],
    ["docker/Containerfile.api", "api"],
    ["docker/api.Containerfile", "api"],
    ["Dockerfile-worker", "worker"],
    ["docker/Dockerfile_web", "web"],
    ["cart/Dockerfile-prod", "cart"],
    ["images/nginx/rootfs/Dockerfile", "nginx"],
    ["postgres/16/Dockerfile", "postgres-16"],
    ["images/node/22/alpine3.20/Dockerfile", "node-22-alpine3.20"],
    ["16/Dockerfile", "shop-16"],
    ["docker/alpine/Dockerfile", "shop-alpine"],
  ])("%s is the service %s", async (path, name) => {
    const { services } = await discoverExample({ files: { [path]: "FROM scratch\n" } });
    expect(services.map((service) => service.name)).toEqual([name]);
  });

  test.each([
    ["tests/Dockerfile", "in tests/, which holds tests"],
    ["api/examples/x/Dockerfile", "in examples/, which holds examples"],
    ["vendor/x/Dockerfile", "in vendor/, which holds code of others"],
    [".devcontainer/Dockerfile", "in .devcontainer/, which holds a development container"],
    ["api/Dockerfile.dev", 'its name says "dev": for development'],
    ["api/dev.Dockerfile", 'its name says "dev": for development'],
    ["api/Dockerfile.alpine.test", 'its name says "test": for tests'],
    ["api/Dockerfile.windows", 'its name says "windows": for another architecture or system'],
    ["api/Dockerfile.j2", 'its name says "j2": a template'],
    ["icons/dockerfile.svg", 'its name says "svg": no Dockerfile'],
    ["api/Containerfile.dev", 'its name says "dev": for development'],
    ["api/Dockerfile-dev", 'its name says "dev": for development'],
    ["api/Dockerfile_arm64", 'its name says "arm64": for another architecture or system'],
    ["src/dockerfile_parser.py", 'its name says "py": no Dockerfile'],
  ])("%s is left out: %s", async (path, because) => {
    const { leftOut, services } = await discoverExample({ files: { [path]: plain, "api/Dockerfile": plain } });
    expect(services.map(({ name }) => name)).toEqual(["api"]);
    expect(leftOut).toEqual([{ path, because }]);
  });

  test.each(["api/Dockerfile.dockerignore", "api/Dockerfiles", "api/MyDockerfile", "?api/Dockerfile"])(
    "%s is none",
    async (path) => {
      expect(await faultsOf({ files: { [path]: plain } })).toEqual([
        "looking for services: there is no Dockerfile to ship",
      ]);
    },
  );

  test.each([
    ["a README about Dockerfiles\nFROM the start\n", 'it begins with "A", not with FROM, so it is no Dockerfile'],
    ["# nothing\n", "it has no instruction, so it is no Dockerfile"],
    ["{{ if x }}\nFROM x\n{{ end }}\n", 'it begins with "{{", not with FROM, so it is no Dockerfile'],
  ])("by their names alone are left out: %j", async (text, because) => {
    const { leftOut, services } = await discoverExample({ files: { "a/Dockerfile": text, "api/Dockerfile": plain } });
    expect(services.map(({ name }) => name)).toEqual(["api"]);
    expect(leftOut).toEqual([{ path: "a/Dockerfile", because }]);
  });

  test("that would have one name get the folders around them, and a warning says so", async () => {
    const { services, warnings } = await discoverExample({
      files: { "a/api/Dockerfile": plain, "b/api/src/Dockerfile": plain, "c/web/Dockerfile": plain },
    });
    expect(services.map(({ name, dockerfile }) => [name, dockerfile])).toEqual([
      ["a-api", "a/api/Dockerfile"],
      ["b-api", "b/api/src/Dockerfile"],
      ["web", "c/web/Dockerfile"],
    ]);
    expect(warnings).toEqual([
      'several Dockerfiles would be called "api": a/api/Dockerfile is "a-api", b/api/src/Dockerfile is "b-api"; list the services in slipway.yaml to name them yourself',
    ]);
  });

  test("one inside the other still get two names", async () => {
    const { services } = await discoverExample({ files: { "cart/Dockerfile": plain, "cart/src/Dockerfile": plain } });
    expect(services.map(({ name }) => name)).toEqual(["cart", "cart-src"]);
  });

  test("that slipway.yaml ignores are left out", async () => {
    const { leftOut } = await discoverExample({
      files: { "api/Dockerfile": plain, "lab/x/Dockerfile": plain, "slipway.yaml": "ignore: lab/**\n" },
    });
    expect(leftOut).toEqual([{ path: "lab/x/Dockerfile", because: "slipway.yaml ignores it" }]);
  });
});

describe("the context of a Dockerfile", () => {
  test.each([
    ["its own folder", "FROM x\nCOPY . .\n", ["api/main.go"], "api"],
    ["its own folder, without COPY", "FROM x\n", [], "api"],
    ["the root, where its sources are", "FROM x\nCOPY api/main.go lib ./\n", ["api/main.go", "lib/a"], "."],
    ["its own folder, where its sources are in both", "FROM x\nCOPY lib ./\n", ["api/lib/a", "lib/a"], "api"],
    ["its own folder, where its sources are nowhere", "FROM x\nCOPY dist ./\n", ["api/main.go"], "api"],
    ["the root, by a pattern", "FROM x\nCOPY api/*.json ./\n", ["api/package.json"], "."],
    ["its own folder, by a pattern", "FROM x\nCOPY package*.json ./\n", ["api/package.json", "package.json"], "api"],
    ["the root, by the JSON form", 'FROM x\nADD ["lib/a b", "/x"]\n', ["lib/a b"], "."],
    ["not moved by other stages", "FROM x AS b\nFROM y\nCOPY --from=b lib /\n", ["lib/a"], "api"],
    ["not moved by URLs", "FROM x\nADD https://example.com/lib /x\n", ["lib/a"], "api"],
  ])("is %s", async (_what, text, files, context) => {
    const others = Object.fromEntries(files.map((path) => [path, ""]));
    const project = await discoverExample({ files: { ...others, "api/Dockerfile": text } });
    expect(serviceOf(project, "api").context).toBe(context);
  });

  test("is around a folder that holds nothing but Dockerfiles", async () => {
    const project = await discoverExample({ files: { "docker/api.Dockerfile": plain, "main.go": "" } });
    expect(nonDefaults(serviceOf(project, "api"))).toEqual({
      name: "api",
      context: ".",
      dockerfile: "docker/api.Dockerfile",
      images: ["ghcr.io/acme/shop"],
    });
  });
});

describe("a Dockerfile that names another service's image", () => {
  const images = new Map(
    ["ghcr.io/acme/shop/base", "base-local"].flatMap((text) => {
      const name = parseImageName(text);
      return name === undefined ? [] : [[name, "base"] as const];
    }),
  );
  test.each([
    ["FROM ghcr.io/acme/shop/base:latest", { "ghcr.io/acme/shop/base:latest": "base" }],
    ["FROM --platform=$BUILDPLATFORM ghcr.io/acme/shop/base AS b", { "ghcr.io/acme/shop/base": "base" }],
    ["from base-local\n", { "base-local": "base" }],
    ["ARG R=ghcr.io/acme\nARG B=${R}/shop/base\nFROM $B", { "ghcr.io/acme/shop/base": "base" }],
    ["ARG T\nFROM ghcr.io/acme/shop/base:${T:-main}", { "ghcr.io/acme/shop/base:main": "base" }],
    ["FROM x\nCOPY --from=ghcr.io/acme/shop/base /a /b", { "ghcr.io/acme/shop/base": "base" }],
    [
      "FROM x\nRUN --mount=type=bind,from=ghcr.io/acme/shop/base,target=/b \\\n  # why\n  ls",
      { "ghcr.io/acme/shop/base": "base" },
    ],
    ["FROM ghcr.io/acme/shop/base:1.2.0", {}],
    [`FROM ghcr.io/acme/shop/base@sha256:${"a".repeat(64)}`, {}],
    ["FROM x AS base-local\nFROM base-local", {}],
    ["FROM ghcr.io/acme/shop/base:$TAG", {}],
    ["# FROM base-local\nFROM x", {}],
    ["FROM x\nRUN <<EOF\nFROM base-local\nEOF\n", {}],
    ["FROM x\nCOPY --from=0 /a /b", {}],
  ])("%j", (text, needs) => {
    expect(Object.fromEntries(deriveNeeds({ text, args: {}, target: undefined }, images))).toEqual(needs);
  });

  const two =
    "FROM base-local AS a\nFROM x AS b\nCOPY --from=base-local:main / /\nFROM b AS c\nRUN --mount=from=a true\nFROM scratch";
  test.each([
    [undefined, []],
    ["a", ["base-local"]],
    ["B", ["base-local:main"]],
    ["c", ["base-local:main", "base-local"]],
    ["0", ["base-local"]],
    ["none", ["base-local", "base-local:main"]],
  ])("counts where the target %s reaches it", (target, references) => {
    expect([...deriveNeeds({ text: two, args: {}, target }, images).keys()]).toEqual(references);
  });

  test("in a stage that no target reaches, and back, is no circle", async () => {
    const { services } = await discoverExample({
      files: {
        "base/Dockerfile": "FROM ghcr.io/acme/shop/api AS debug\nFROM scratch",
        "api/Dockerfile": "FROM ghcr.io/acme/shop/base",
      },
    });
    expect(services.map(({ name, needs }) => [name, needs])).toEqual([
      ["api", ["base"]],
      ["base", []],
    ]);
  });

  test("by an arg that is given", () => {
    const built = { text: "ARG B=x\nFROM $B", args: { B: "base-local" }, target: undefined };
    expect([...deriveNeeds(built, images)]).toEqual([["base-local", "base"]]);
  });

  test("needs it, and gets it as a named context", async () => {
    const project = await discoverExample({
      files: { "base/Dockerfile": "FROM scratch", "api/Dockerfile": "FROM ghcr.io/acme/shop/base:latest" },
    });
    expect(nonDefaults(serviceOf(project, "api"))).toMatchObject({
      needs: ["base"],
      contexts: { "ghcr.io/acme/shop/base:latest": { kind: "service", service: "base" } },
    });
  });

  test("in a circle is refused, with the circle spelled out", async () => {
    const files = {
      "base/Dockerfile": "FROM ghcr.io/acme/shop/api",
      "api/Dockerfile": "FROM ghcr.io/acme/shop/base",
    };
    expect(await faultsOf({ files })).toEqual([
      "api/Dockerfile:1:1: services need each other in a circle: api -> base -> api",
    ]);
  });

  test("which is its own, from an earlier release, does not need itself", async () => {
    const project = await discoverExample({
      files: { "api/Dockerfile": "FROM x\nCOPY --from=ghcr.io/acme/shop/api /a /" },
    });
    expect(serviceOf(project, "api").needs).toEqual([]);
  });
});

test("a circle that is not reached from the first service is found", () => {
  const needs = new Map([
    ["a", ["b"]],
    ["b", ["c"]],
    ["c", ["d"]],
    ["d", ["b"]],
  ]);
  expect(findCycle(needs)).toEqual(["b", "c", "d", "b"]);
  expect(
    findCycle(
      new Map([
        ["a", ["b", "c"]],
        ["b", ["c"]],
        ["c", []],
      ]),
    ),
  ).toBeUndefined();
});

test("a Dockerfile of Windows, with its own escape, is scanned", () => {
  const text = "# escape=`\r\nFROM x\r\nCOPY a `\r\n  b c:\\\r\nCOPY d e\r\n";
  expect(scanDockerfile(text).sources).toEqual(["a", "b", "d"]);
});
