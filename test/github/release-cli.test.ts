import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type GitHub, type GitHubOptions, type Permissions, startGitHub } from "../../sandbox/github/index.ts";
import { runCli } from "../../src/cli/program.ts";
import type { Fetch } from "../../src/host.ts";
import { makeFetch } from "../../src/http/fetch.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { makeShop, type Shop } from "../../src/core/testing/shop.ts";

interface Rig {
  readonly world: Shop;
  readonly github: GitHub;
  /** Runs `slipway release` as a job of a workflow does, with these words. */
  release(...words: string[]): Promise<Ran>;
  /** Whether the images' tags are there. */
  isReleased(version: string): boolean;
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RigOptions extends Partial<GitHubOptions> {
  readonly permissions?: Permissions;
  readonly isFork?: boolean;
  readonly event?: string;
}

/** A repository with a registry in memory, and GitHub on loopback; `fetchGitHub` is how GitHub is reached. */
async function makeRig(options: RigOptions = {}, fetchGitHub: Fetch = makeFetch({})): Promise<Rig> {
  const { permissions = { contents: "write", packages: "write" }, isFork = false, event = "push", ...rest } = options;
  const world = await makeShop();
  const github = await startGitHub({ repository: "acme/shop", git: world.repository.root, ...rest });
  onTestFinished(() => github.close());
  world.env = await github.env({ permissions, isFork, event });
  const fetch: Fetch = (input, init) => {
    const { hostname } = new URL(input);
    return hostname === "reg.test" ? world.memory.fetch(input, init) : fetchGitHub(input, init);
  };
  return {
    world,
    github,
    release: async (...words) => {
      const host = { ...world.host(), fetch };
      return { exitCode: await runCli(host, ["release", ...words]), ...host.printed };
    },
    isReleased: (version) => version in world.tags("shop/api"),
  };
}

describe("slipway release, when GitHub refuses its release:", () => {
  test.each([
    ["a job without the permission", { permissions: { contents: "read" } }],
    ["a run of a fork, whose token only reads", { isFork: true }],
  ] as const)("%s ends with 4, names the permission, and leaves the images released", async (_who, options) => {
    const rig = await makeRig(options);
    const { exitCode, stderr } = await rig.release("1.0.0");
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      "error: writing the release v1.0.0 of acme/shop: GitHub said 403: Resource not accessible by integration\n",
    );
    expect(stderr).toContain("the token needs `contents: write`: in a workflow add it to the job's `permissions`");
    expect(stderr).toContain("the images are released; `slipway release 1.0.0` writes what is missing on GitHub");
    expect(rig.isReleased("1.0.0")).toBe(true);
    expect((await rig.github.state()).releases).toEqual([]);
  });

  test("a pull request releases nothing, on GitHub or elsewhere", async () => {
    const rig = await makeRig({ event: "pull_request" });
    const { exitCode, stderr } = await rig.release("1.0.0");
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining("a release does not run for a pull request")]);
    expect(rig.isReleased("1.0.0")).toBe(false);
    expect(rig.github.log).toEqual([]);
  });

  test("a token that has expired ends with 4", async () => {
    const rig = await makeRig();
    rig.world.env["GITHUB_TOKEN"] = "ghs_expired";
    const { exitCode, stderr } = await rig.release("1.0.0");
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("GitHub said 401: Bad credentials")]);
    expect(stderr).not.toContain("ghs_expired");
  });

  test("a private repository that the token does not see ends with 4", async () => {
    const rig = await makeRig({ isPrivate: true, permissions: {} });
    const { exitCode, stderr } = await rig.release("1.0.0");
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("the token needs `contents: write`")]);
  });

  test.each([
    ["a secondary rate limit that lasts", { kind: "secondary-rate-limit", retryAfter: "3600" }, "secondary rate limit"],
    ["a rate limit that lasts", { kind: "primary-rate-limit", resetsInSeconds: 3600 }, "API rate limit exceeded"],
    ["GitHub being down", { kind: "status", status: 503 }, "GitHub said 503"],
    ["GitHub being out of reach", { kind: "reset", when: "before" }, "GitHub was not reached"],
  ] as const)("%s ends with 5, and the same command finishes it later", async (_what, fault, message) => {
    const rig = await makeRig();
    rig.github.setFaults(() => fault);
    const { exitCode, stderr } = await rig.release("1.0.0");
    expect([exitCode, stderr]).toEqual([5, expect.stringContaining(message)]);
    expect(rig.isReleased("1.0.0")).toBe(true);
    rig.github.setFaults(undefined);
    const again = await rig.release("1.0.0", "--json");
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      state: "already",
      releases: [{ githubRelease: { state: "published" } }],
    });
  });

  test("a commit that GitHub does not have ends with 3, and says to push it", async () => {
    const elsewhere = await makeShop();
    const rig = await makeRig({ git: elsewhere.repository.root });
    await rig.world.repository.commit({ "api/src/main.txt": "not pushed" });
    const { exitCode, stderr } = await rig.release("1.0.0");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/the commit [0-9a-f]{7} is not in acme\/shop/);
    expect(stderr).toContain("git push");
  });
});

describe("slipway release in a repository without releases", () => {
  test("makes the first one, and prints where it is", async () => {
    const rig = await makeRig();
    const { exitCode, stdout } = await rig.release("1.0.0");
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("/acme/shop/releases/tag/v1.0.0\n")]);
  });

  test("makes none with --no-github-release, and asks GitHub for nothing", async () => {
    const rig = await makeRig();
    expect((await rig.release("1.0.0", "--no-github-release")).exitCode).toBe(0);
    expect([rig.isReleased("1.0.0"), rig.github.log]).toEqual([true, []]);
  });
});

test("a person's release goes to an Enterprise Server, through a proxy", async () => {
  const proxy = createServer();
  const asked: string[] = [];
  let port = "";
  proxy.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    const through = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(through).pipe(socket);
    });
    socket.on("error", () => through.destroy());
  });
  // A client may ask for http addresses without a tunnel (RFC 9112, 3.2.2, absolute-form).
  proxy.on("request", (request, response) => {
    const { host, pathname, search } = new URL(request.url ?? "");
    asked.push(`${host}:80`);
    const options = {
      port,
      host: "127.0.0.1",
      method: request.method,
      path: pathname + search,
      headers: request.headers,
    };
    const onward = httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((listening) => {
    proxy.listen(0, "127.0.0.1", listening);
  });
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  const proxyPort = typeof address === "object" && address !== null ? address.port : 0;
  const { fetch } = makeNodeHost({ env: { HTTP_PROXY: `http://127.0.0.1:${proxyPort}` } });

  const rig = await makeRig({}, fetch);
  port = new URL(rig.github.url).port;
  await rig.world.repository.git("remote", "add", "origin", "git@ghe.test:acme/shop.git");
  rig.world.env = {
    GITHUB_SERVER_URL: "http://ghe.test",
    GITHUB_API_URL: "http://ghe.test/api/v3",
    GH_TOKEN: rig.github.token("everything"),
  };
  expect(await rig.release("1.0.0")).toMatchObject({ exitCode: 0 });
  expect(asked).toContain("ghe.test:80");
  expect((await rig.github.state()).releases).toMatchObject([{ tag_name: "v1.0.0", draft: false }]);
});
