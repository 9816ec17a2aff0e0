import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type GitHub, startGitHub } from "../../sandbox/github/index.ts";
import type { Event } from "../../src/event.ts";
import { makeGitHubClient, type GitHubClient } from "../../src/github/client.ts";
import { upsertComment } from "../../src/github/comments.ts";
import { readGitHubContext } from "../../src/github/context.ts";
import { githubFault } from "../../src/github/fault.ts";
import { deletePackageVersion } from "../../src/github/packages.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";

let github: GitHub;
let events: Event[] = [];

beforeAll(async () => {
  github = await startGitHub({ repository: "acme/shop" });
});
afterAll(() => github.close());
afterEach(() => {
  github.setFaults(undefined);
  events = [];
});

/** As a command makes it from the variables of a job. A second of waiting lasts a millisecond. */
async function connect(permissions: Record<string, "read" | "write">): Promise<GitHubClient> {
  const env = await github.env({ permissions });
  const context = readGitHubContext(env, undefined);
  if (context?.token === undefined) throw new Error("the job has no token");
  const host = makeTestHost({ fetch: globalThis.fetch });
  const { token, apiUrl, repository } = context;
  const emit = (event: Event): void => void events.push(event);
  return makeGitHubClient(host, { token, apiUrl, repository, emit, spacesWrites: false, secondMs: 1 });
}

async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("the client of GitHub's API", () => {
  const readRepository = ({ octokit, at }: GitHubClient) => octokit.rest.repos.get(at);

  test("asks again after a fault of the server", async () => {
    const client = await connect({ contents: "read" });
    github.setFaults(({ kind, nth }) => (kind === "api" && nth === 0 ? { kind: "status", status: 502 } : undefined));
    await expect(readRepository(client)).resolves.toMatchObject({ data: { full_name: "acme/shop" } });
  });

  test("waits for a secondary rate limit, and says so", async () => {
    const client = await connect({ contents: "read" });
    let refused = 0;
    github.setFaults(({ kind }) => (kind === "api" && refused++ === 0 ? { kind: "secondary-rate-limit" } : undefined));
    await readRepository(client);
    expect(events).toMatchObject([{ kind: "waiting", message: "a secondary rate limit of GitHub's API" }]);
  });

  test.each([
    [{ kind: "status", status: 500 }, "unavailable", "the same command may succeed later"],
    [{ kind: "status", status: 401 }, "credentials", "set GH_TOKEN"],
    [{ kind: "status", status: 403 }, "credentials", "`contents: write`"],
    [{ kind: "status", status: 404 }, "credentials", "`contents: write`"],
    [{ kind: "status", status: 422 }, "refused", "run the same command again"],
    [{ kind: "reset", when: "before" }, "unavailable", "was not reached"],
  ] as const)("tells a fault by what can be done: %o", async (fault, code, hint) => {
    const client = await connect({ contents: "read" });
    github.setFaults(({ kind }) => (kind === "api" ? fault : undefined));
    const error = githubFault(await faultOf(readRepository(client)), "reading acme/shop", "contents: write");
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^reading acme\/shop: /) });
    expect(error.hint).toContain(hint);
  });
});

describe("a comment on a pull request", () => {
  test("is written once, and brought up to date in its place", async () => {
    const number = await github.openPullRequest({ title: "Change api", head: "change" });
    const client = await connect({ "pull-requests": "write", issues: "write" });
    await client.octokit.rest.issues.createComment({ ...client.at, issue_number: number, body: "Nice!" });
    const comment = { number, marker: "slipway:preview" };
    const first = await upsertComment(client, { ...comment, body: "one" });
    const again = await upsertComment(client, { ...comment, body: "two" });
    expect(again).toBe(first);
    const { data } = await client.octokit.rest.issues.listComments({ ...client.at, issue_number: number });
    expect(data.map(({ body }) => body)).toEqual(["Nice!", "<!-- slipway:preview -->\ntwo"]);
  });

  test("without permission names what is missing", async () => {
    const client = await connect({ contents: "read" });
    const error = await faultOf(upsertComment(client, { number: 1, marker: "m", body: "b" }));
    expect(error).toMatchObject({
      code: "credentials",
      message: expect.stringContaining("commenting on pull request #1 of acme/shop"),
      hint: expect.stringContaining("`pull-requests: write`"),
    });
  });
});

describe("a version of a package", () => {
  const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

  test("is deleted by a tag of its, and the package with its last one", async () => {
    github.packages.addVersion("shop/api-preview", { digest: digest("1"), tags: ["pr-1"] });
    github.packages.addVersion("shop/api-preview", { digest: digest("2"), tags: ["pr-2"] });
    const client = await connect({ packages: "write" });
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-1")).toBe(true);
    expect(github.packages.versionsOf("shop/api-preview").map(({ tags }) => tags)).toEqual([["pr-2"]]);
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-1")).toBe(false);
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-2")).toBe(true);
    expect(github.packages.names()).toEqual([]);
  });
});
