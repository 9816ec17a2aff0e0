import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type GitHub, startGitHub } from "../../sandbox/github/index.ts";
import type { Event } from "../../src/event.ts";
import { makeGitHubClient, type GitHubClient } from "../../src/github/client.ts";
import { upsertComment } from "../../src/github/comments.ts";
import { findGitHub } from "../../src/github/context.ts";
import { makeRun } from "../../src/github/run.ts";
import { githubFault } from "../../src/github/fault.ts";
import { deletePackageVersion } from "../../src/github/packages.ts";
import { makeFetch } from "../../src/http/fetch.ts";
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

/** As a command makes it from the variables of a job. Waits end at once. */
async function connect(
  permissions: Record<string, "read" | "write">,
  host = makeTestHost({ fetch: makeFetch({}) }),
  at = github,
): Promise<GitHubClient> {
  const env = await at.env({ permissions });
  const context = findGitHub(makeRun(env, undefined), undefined);
  if (context?.token === undefined) throw new Error("the job has no token");
  const { token, server, repository } = context;
  const emit = (event: Event): void => void events.push(event);
  return makeGitHubClient(host, { token, server, repository, emit });
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

  test("waits as long as GitHub asks, by the host's clock", async () => {
    const host = makeTestHost({ fetch: makeFetch({}) });
    const client = await connect({ contents: "read" }, host);
    const faults = [
      { kind: "rate-limit", retryAfter: "7" },
      { kind: "status", status: 503 },
      { kind: "secondary-rate-limit", retryAfter: "30" },
    ] as const;
    let asked = 0;
    github.setFaults(({ kind }) => (kind === "api" ? faults[asked++] : undefined));
    await readRepository(client);
    expect(host.slept).toEqual([7000, 4000, 30_000]);
    expect(events).toMatchObject([
      { kind: "waiting", message: "GitHub's API asks to wait; trying again", seconds: 7 },
      { kind: "waiting", message: "GitHub's API has a fault; trying again", seconds: 4 },
      { kind: "waiting", message: "a secondary rate limit of GitHub's API", seconds: 30 },
    ]);
  });

  test.each([
    [{ kind: "rate-limit", retryAfter: "3600" }, "GitHub asks to wait 3600 seconds"],
    [{ kind: "secondary-rate-limit", retryAfter: "3600" }, "secondary rate limit"],
    [{ kind: "primary-rate-limit", resetsInSeconds: 3600 }, "API rate limit exceeded"],
  ] as const)("does not wait for an hour: %o", async (fault, message) => {
    const host = makeTestHost({ fetch: makeFetch({}) });
    const client = await connect({ contents: "read" }, host);
    github.setFaults(({ kind }) => (kind === "api" ? fault : undefined));
    const error = githubFault(await faultOf(readRepository(client)), "reading acme/shop", "contents: read");
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining(message) });
    expect(host.slept).toEqual([]);
  });

  test.each([
    ["while it waits", { kind: "secondary-rate-limit", retryAfter: "60" }],
    ["while it waits after a fault", { kind: "status", status: 502 }],
    ["before it asks", undefined],
  ] as const)("ends when it is interrupted %s", async (when, fault) => {
    const host = makeTestHost({ fetch: makeFetch({}) });
    const interrupting = { ...host, sleep: (milliseconds: number) => (host.interrupt(), host.sleep(milliseconds)) };
    const client = await connect({ contents: "read" }, interrupting);
    if (when === "before it asks") host.interrupt();
    github.setFaults(({ kind }) => (kind === "api" ? fault : undefined));
    const error = githubFault(await faultOf(readRepository(client)), "reading acme/shop", "contents: read");
    expect(error).toMatchObject({ code: "interrupted", message: "reading acme/shop: interrupted" });
  });

  test("names itself and its version, and tells its token to nobody but GitHub", async () => {
    const sent: Headers[] = [];
    const overSockets = makeFetch({});
    const host = makeTestHost({
      fetch: (input, init) => {
        sent.push(new Headers(init?.headers));
        return overSockets(input, init);
      },
    });
    const client = await connect({ contents: "read" }, host);
    const error = await faultOf(client.octokit.rest.repos.createRelease({ ...client.at, tag_name: "v1.0.0" }));
    const told = githubFault(error, "writing the release", "contents: write");
    const token = sent[0]?.get("authorization")?.replace("token ", "") ?? "";
    expect(sent[0]?.get("user-agent")).toMatch(/^slipway\/\d+\.\d+\.\d+/);
    expect(token).toMatch(/^ghs_/);
    expect(inspect(told, { depth: null }) + inspect(events, { depth: null })).not.toContain(token);
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

  test("is deleted by a tag of its, and the package with its last one where that is meant", async () => {
    github.packages.addVersion("shop/api-preview", { digest: digest("1"), tags: ["pr-1"] });
    github.packages.addVersion("shop/api-preview", { digest: digest("2"), tags: ["pr-2"] });
    const client = await connect({ packages: "write" });
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-1", true)).toBe("deleted");
    expect(github.packages.versionsOf("shop/api-preview").map(({ tags }) => tags)).toEqual([["pr-2"]]);
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-1", true)).toBe("gone");
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-2", false)).toBe("last");
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-2", true)).toBe("deleted");
    expect(github.packages.names()).toEqual([]);
    expect(await deletePackageVersion(client, "shop/api-preview", "pr-2", true)).toBe("unseen");
  });

  test("is found among many, of a person too", async () => {
    const persons = await startGitHub({ repository: "ada/shop", ownerKind: "User" });
    for (let at = 0; at < 130; at += 1) {
      persons.packages.addVersion("api-preview", {
        digest: `sha256:${String(at).padStart(64, "0")}`,
        tags: [`pr-${at}`],
      });
    }
    const client = await connect({ packages: "write" }, undefined, persons);
    expect(await deletePackageVersion(client, "api-preview", "pr-0", true)).toBe("deleted");
    expect(persons.packages.versionsOf("api-preview")).toHaveLength(129);
    await persons.close();
  });
});
