import { describe, expect, test } from "vitest";
import { discoverExample } from "../testing/repository.ts";

const plain = "FROM scratch AS dev\nFROM scratch AS runtime\n";
const dockerfiles = Object.fromEntries(
  ["api", "web", "base", "tests/e2e", ".github/lint"].map((folder) => [`${folder}/Dockerfile`, plain]),
);

const compose = (services: Readonly<Record<string, unknown>>): string => JSON.stringify({ services });

describe("what a definition builds for development, tests and CI", () => {
  const others = { web: { build: "./web" } };
  test.each([
    [{ build: { context: "api", target: "dev" } }, 'its target says "dev": for development'],
    [
      { build: { context: "api", target: "api-test" }, image: "ghcr.io/acme/api:test" },
      'its target says "test": for tests',
    ],
    [{ build: { context: "api", dockerfile: "Dockerfile.dev" } }, 'its Dockerfile\'s name says "dev": for development'],
    [{ build: "./tests/e2e" }, "its Dockerfile is in tests/, which holds tests"],
    [{ build: ".github/lint" }, "its Dockerfile is in .github/, which holds tooling of the repository"],
  ])("%j of Compose is left out", async (api, because) => {
    const files = { ...dockerfiles, "api/Dockerfile.dev": plain, "compose.yaml": compose({ api, ...others }) };
    const { services, leftOut } = await discoverExample({ files });
    expect(services.map(({ name }) => name)).toEqual(["web"]);
    expect(leftOut).toContainEqual({
      path: "compose.yaml: api",
      because: `${because}; to release it, name it under services in slipway.yaml`,
    });
  });

  test("is released where slipway.yaml names it, also with another target", async () => {
    const api = { build: { context: "api", target: "dev" } };
    const files = { ...dockerfiles, "compose.yaml": compose({ api, ...others }) };
    const asked = await discoverExample({ files: { ...files, "slipway.yaml": "services: { api: {} }" } });
    expect(asked.services.map(({ name, target }) => [name, target])).toEqual([
      ["api", "dev"],
      ["web", undefined],
    ]);
    const changed = await discoverExample({
      files: { ...files, "slipway.yaml": "services: { api: { target: runtime } }" },
    });
    expect(changed.services.map(({ name, target }) => [name, target])).toEqual([
      ["api", "runtime"],
      ["web", undefined],
    ]);
  });

  test("is kept where a released service starts from it", async () => {
    const web = { build: { context: "web", additional_contexts: { base: "service:base" } } };
    const base = { build: { context: "base", target: "dev", additional_contexts: { more: "service:api" } } };
    const api = { build: { context: "api", target: "test" } };
    const { services } = await discoverExample({
      files: { ...dockerfiles, "compose.yaml": compose({ web, base, api }) },
    });
    expect(services.map(({ name }) => name)).toEqual(["api", "base", "web"]);
  });

  test("leaves the repository's Dockerfiles, with a warning, where it is all that a definition builds", async () => {
    const files = {
      "api/Dockerfile": plain,
      "compose.yaml": compose({ api: { build: { context: "api", target: "dev" } } }),
    };
    const { services, source, warnings } = await discoverExample({ files });
    expect([source, services.map(({ name, target }) => [name, target])]).toEqual(["Dockerfiles", [["api", undefined]]]);
    expect(warnings.join()).toContain('compose.yaml gives no image to release (api: its target says "dev"');
  });
});

describe("one image under several names", () => {
  const build = { context: "api", target: "runtime" };
  test.each([
    ["ghcr.io/acme/api:1", "api"],
    ["shop-app", "web"],
  ])("(%s) is one service", async (image, name) => {
    const services = {
      web: { build, image },
      api: { build, image, command: "serve" },
      worker: { build: { ...build }, image },
    };
    const project = await discoverExample({ files: { ...dockerfiles, "compose.yaml": compose(services) } });
    expect(project.services.map((each) => each.name)).toEqual([name]);
    expect(project.leftOut.filter(({ because }) => because === `the same image as "${name}"`)).toHaveLength(2);
  });

  const spelled = "ghcr.io/a/w";
  test.each<[object, object]>([
    [{ image: spelled }, { image: `${spelled}:latest` }],
    [{ image: spelled }, { image: "GHCR.io/a/w" }],
    [{ image: "acme/w" }, { image: "docker.io/acme/w" }],
    [{ build: "api" }, { build: { context: "./api/", dockerfile: "./Dockerfile" } }],
    [{ build: { context: "api", args: { A: 1, B: 2 } } }, { build: { context: "api", args: ["B=2", "A=1"] } }],
  ])("is one service, whether written %j or %j", async (one, other) => {
    const all = { build: "api", image: spelled };
    const services = { w1: { ...all, ...one }, w2: { ...all, ...other } };
    const project = await discoverExample({ files: { ...dockerfiles, "compose.yaml": compose(services) } });
    expect(project.services.map(({ name }) => name)).toEqual(["w1"]);
    expect(project.leftOut).toContainEqual({ path: "compose.yaml: w2", because: 'the same image as "w1"' });
  });

  test("is several where the builds differ, or where slipway.yaml names them", async () => {
    const two = { web: { build, image: "app" }, api: { build: { ...build, args: { A: "1" } }, image: "app2" } };
    const files = { ...dockerfiles, "compose.yaml": compose(two) };
    expect((await discoverExample({ files })).services).toHaveLength(2);
    const same = compose({ web: { build, image: "app" }, api: { build, image: "app" }, job: { build, image: "app" } });
    const named = { ...dockerfiles, "compose.yaml": same, "slipway.yaml": "services: { web: {}, api: {} }" };
    expect((await discoverExample({ files: named })).services.map(({ name }) => name)).toEqual(["api", "web"]);
  });

  test("is found by each of its names as another service's context", async () => {
    const services = {
      api: { build, image: "app" },
      job: { build, image: "app" },
      web: { build: { context: "web", additional_contexts: { base: "service:job" } } },
    };
    const project = await discoverExample({ files: { ...dockerfiles, "compose.yaml": compose(services) } });
    expect(project.services.map(({ name, needs }) => [name, needs])).toEqual([
      ["api", []],
      ["web", ["api"]],
    ]);
  });
});
