import { describe, expect, test } from "vitest";
import type { Host } from "../host.ts";
import { findGitHub, type GitHubContext } from "./context.ts";
import { makeRun } from "./run.ts";

function find(env: Host["env"], remote: string | undefined): GitHubContext | undefined {
  return findGitHub(makeRun(env, undefined), remote);
}

const shop = { owner: "acme", name: "shop" };

describe("where a repository is on GitHub", () => {
  test.each([
    ["https://github.com/acme/shop.git", "https://api.github.com"],
    ["https://github.com/acme/shop/", "https://api.github.com"],
    ["https://user:tok@en@github.com/acme/shop.git", "https://api.github.com"],
    ["git@github.com:acme/shop.git", "https://api.github.com"],
    ["ssh://git@ssh.github.com:443/acme/shop.git", "https://api.github.com"],
    ["https://acme.ghe.com/acme/shop", "https://api.acme.ghe.com"],
  ])("is told by the remote %s", (remote, apiUrl) => {
    expect(find({}, remote)).toMatchObject({ server: { apiUrl }, repository: shop, token: undefined });
  });

  test.each([undefined, "https://gitlab.com/acme/shop.git", "/srv/git/shop.git", "https://github.com/acme"])(
    "is not known from the remote %s",
    (remote) => expect(find({}, remote)).toBeUndefined(),
  );

  test("is an Enterprise Server where GH_HOST names it", () => {
    const remote = "git@ghe.acme.test:acme/shop.git";
    expect(find({}, remote)).toBeUndefined();
    const found = find({ GH_HOST: "ghe.acme.test", GH_ENTERPRISE_TOKEN: "t" }, remote);
    expect(found).toMatchObject({
      server: { url: "https://ghe.acme.test", apiUrl: "https://ghe.acme.test/api/v3" },
      repository: shop,
    });
    expect(found?.token?.reveal()).toBe("t");
  });

  test("is what the runner says, in a job", () => {
    const env = {
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_SERVER_URL: "http://127.0.0.1:8080",
      GITHUB_API_URL: "http://127.0.0.1:8080/api/v3/",
      GITHUB_TOKEN: "job",
    };
    const found = find(env, "https://github.com/somebody/fork");
    expect(found).toMatchObject({
      server: { url: "http://127.0.0.1:8080", apiUrl: "http://127.0.0.1:8080/api/v3" },
      repository: shop,
    });
    expect(found?.token?.reveal()).toBe("job");
  });
});

describe("the token", () => {
  const remote = "https://github.com/acme/shop";

  test.each([
    [{ GH_TOKEN: "a", GITHUB_TOKEN: "b" }, "a"],
    [{ GH_TOKEN: "", GITHUB_TOKEN: "b" }, "b"],
    [{ GH_ENTERPRISE_TOKEN: "c" }, undefined],
  ])("of %o is %s", (env, token) => {
    expect(find(env, remote)?.token?.reveal()).toBe(token);
  });
});
