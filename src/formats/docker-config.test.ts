import { expect, test } from "vitest";
import { dockerConfigFolder, emptyDockerConfig, findLogin, parseDockerConfig } from "./docker-config.ts";

test.each([
  ["", emptyDockerConfig],
  ["{}", emptyDockerConfig],
  ["[]", emptyDockerConfig],
  [
    '{"auths":{"quay.io":{"auth":"x"},"odd":1},"credHelpers":{"ecr.test":"ecr"},"credsStore":"desktop","proxies":{"default":{"noProxy":"a"}}}',
    {
      auths: { "quay.io": { auth: "x" }, odd: {} },
      credHelpers: { "ecr.test": "ecr" },
      credsStore: "desktop",
      proxies: { default: { noProxy: "a" } },
    },
  ],
])("%s is a configuration", (text, config) => {
  expect(parseDockerConfig(text).config).toMatchObject(config);
});

test.each([
  ['{"auths": s3cret', "it is not JSON"],
  ['{"auths":["s3cret"]}', "it is no Docker configuration (auths)"],
  ['{"credHelpers":{"a":{"s3cret":1}}}', "it is no Docker configuration (credHelpers)"],
])("%s is none, and the reason quotes nothing of it", (text, because) => {
  expect(parseDockerConfig(text)).toEqual({ config: undefined, because });
});

test("a registry's entry is found by its own keys first, then by any key of its host", () => {
  const entries = { "https://Reg.test/v2/": "c", "https://reg.test": "b", "https://index.docker.io/v1/": "hub" };
  expect([findLogin({ ...entries, "reg.test": "a" }, "reg.test"), findLogin(entries, "reg.test")]).toEqual(["a", "b"]);
  expect(findLogin({ "https://Reg.test/v2/": "c" }, "reg.test")).toBe("c");
  expect([findLogin(entries, "docker.io"), findLogin({ "registry-1.docker.io": "hub" }, "docker.io")]).toEqual([
    "hub",
    "hub",
  ]);
  expect(findLogin(entries, "other.test")).toBeUndefined();
});

test.each([
  [{ DOCKER_CONFIG: "/d", HOME: "/h" }, "/d"],
  [{ DOCKER_CONFIG: "", HOME: "/h" }, "/h/.docker"],
  [{ USERPROFILE: "/u" }, "/u/.docker"],
  [{}, undefined],
])("the folder for %j is %j", (env, folder) => {
  expect(dockerConfigFolder(env)).toBe(folder);
});
