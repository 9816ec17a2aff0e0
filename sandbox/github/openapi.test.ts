import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";
import { readDescription } from "./description.ts";
import { type GitHub, startGitHub } from "./index.ts";
import { type JsonObject, asObject } from "./message.ts";
import { findRoute } from "./route.ts";
import { idOf, makeCache, uploadArtifact } from "./testing.ts";
import { ensureOpenApi } from "./tools.ts";

const file = await ensureOpenApi(() => undefined);

interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

const answers: Answer[] = [];
const endpoints = new Set<string>();
const opened: GitHub[] = [];
const repositories: TestRepository[] = [];

beforeAll(async () => {
  if (file === undefined) return;
  await callEverything("Organization", "orgs");
  await callEverything("User", "users");
});
afterAll(async () => {
  for (const github of opened) await github.close();
  for (const repository of repositories) await repository.dispose();
});

/** Calls every endpoint of the project's own, with what is there and what is not, allowed and refused. */
async function callEverything(ownerKind: "Organization" | "User", account: "orgs" | "users"): Promise<void> {
  const repository = await makeTestRepository({ "README.md": "a shop" });
  repositories.push(repository);
  const github = await startGitHub({ repository: "acme/shop", ownerKind, git: repository.root });
  opened.push(github);
  for (const endpoint of github.endpoints) endpoints.add(endpoint);
  const ask = makeAsk(github);
  await callCaches(github, ask);
  await callArtifacts(github, ask);
  await callPackages(github, ask, `/${account}/acme`);
  await callAttestations(ask, `/${account}/acme`);
  await callGit(repository, ask);
  await callReleases(ask);
  await ask("GET", "/repos/acme/shop");
  const pull = await github.openPullRequest({ title: "A change", head: "topic" });
  await ask("GET", `/repos/acme/shop/pulls/${pull}`);
  const comment = await ask("POST", `/repos/acme/shop/issues/${pull}/comments`, { body: "preview" });
  await ask("GET", `/repos/acme/shop/issues/${pull}/comments`);
  await ask("PATCH", `/repos/acme/shop/issues/comments/${idOf(comment)}`, { body: "preview, again" });
}

type Ask = (method: string, path: string, send?: object | string, token?: string) => Promise<unknown>;

/** Calls the API, remembers the answer, and gives its body. */
function makeAsk(github: GitHub): Ask {
  const everything = github.token("everything");
  return async (method, pathAndQuery, send, token = everything) => {
    const base = pathAndQuery.includes("/assets?name=") ? `${github.url}/api/uploads` : github.apiUrl;
    const response = await fetch(base + pathAndQuery, {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        accept: pathAndQuery.endsWith("#bytes") ? "application/octet-stream" : "application/json",
      },
      ...(send === undefined ? {} : { body: typeof send === "string" ? send : JSON.stringify(send) }),
    });
    const text = await response.text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    answers.push({ method, path: pathAndQuery.replace(/[?#].*$/, ""), status: response.status, body });
    return body;
  };
}

async function callCaches(github: GitHub, ask: Ask): Promise<void> {
  const cache = makeCache(await github.env());
  await cache.save("one", "1");
  await cache.save("two", "2");
  const reader = github.token({ actions: "read" });
  const root = "/repos/acme/shop/actions";
  const listed = asObject(await ask("GET", `${root}/caches?per_page=1`));
  await ask("GET", `${root}/caches`, undefined, github.token({}));
  for (const what of ["usage", "storage-limit", "retention-limit"]) await ask("GET", `${root}/cache/${what}`);
  await ask("DELETE", `${root}/caches?key=one`, undefined, reader);
  await ask("DELETE", `${root}/caches?key=one`);
  await ask("DELETE", `${root}/caches/${idOf(firstOf(listed, "actions_caches"))}`);
  await ask("DELETE", `${root}/caches/999`);
}

async function callArtifacts(github: GitHub, ask: Ask): Promise<void> {
  const root = "/repos/acme/shop/actions";
  await uploadArtifact(await github.env({ runId: "7" }), "plan", "what to build");
  const listed = asObject(await ask("GET", `${root}/artifacts`));
  const id = idOf(firstOf(listed, "artifacts"));
  await ask("GET", `${root}/runs/7/artifacts`);
  await ask("GET", `${root}/artifacts/${id}`);
  await ask("GET", `${root}/artifacts/${id}/zip`);
  await ask("DELETE", `${root}/artifacts/${id}`);
  await ask("GET", `${root}/artifacts/${id}`);
}

async function callPackages(github: GitHub, ask: Ask, account: string): Promise<void> {
  const root = `${account}/packages`;
  for (const [hex, tag] of [
    ["a", "latest"],
    ["b", "1.0.0"],
  ] as const) {
    github.packages.addVersion("shop/api", { digest: `sha256:${hex.repeat(64)}`, tags: [tag] });
  }
  const name = `${root}/container/shop%2Fapi`;
  await ask("GET", `${root}?package_type=container`);
  await ask("GET", name);
  const versions = await ask("GET", `${name}/versions`);
  const id = idOf(Array.isArray(versions) ? versions[0] : undefined);
  await ask("GET", `${name}/versions/${id}`);
  await ask("DELETE", `${name}/versions/${id}`, undefined, github.token({ packages: "read" }));
  await ask("DELETE", `${name}/versions/${id}`);
  await ask("GET", `${name}/versions/${id}`);
  await ask("DELETE", name);
}

async function callAttestations(ask: Ask, account: string): Promise<void> {
  const digest = "c".repeat(64);
  const payload = Buffer.from(
    JSON.stringify({ predicateType: "https://slsa.dev/provenance/v1", subject: [{ digest: { sha256: digest } }] }),
  ).toString("base64");
  await ask("POST", "/repos/acme/shop/attestations", { bundle: { dsseEnvelope: { payload } } });
  await ask("GET", `/repos/acme/shop/attestations/sha256:${digest}`);
  await ask("GET", `${account}/attestations/sha256:${digest}`);
}

async function callGit(repository: TestRepository, ask: Ask): Promise<void> {
  await repository.git("tag", "-a", "v0.9.0", "-m", "annotated");
  const root = "/repos/acme/shop/git";
  const tag = asObject(await ask("GET", `${root}/ref/${encodeURIComponent("tags/v0.9.0")}`));
  await ask("GET", `${root}/tags/${String(asObject(tag?.["object"])?.["sha"])}`);
  await ask("GET", `${root}/ref/${encodeURIComponent("tags/v9")}`);
}

async function callReleases(ask: Ask): Promise<void> {
  const root = "/repos/acme/shop/releases";
  const draft = await ask("POST", root, { tag_name: "v1.0.0", name: "1.0.0", body: "first", draft: true });
  const release = `${root}/${idOf(draft)}`;
  const asset = await ask("POST", `${release}/assets?name=images.json`, "{}");
  await ask("PATCH", release, { draft: false });
  await ask("GET", release);
  await ask("GET", root);
  await ask("GET", `${root}/latest`);
  await ask("GET", `${root}/tags/v1.0.0`);
  await ask("GET", `${root}/tags/v9`);
  await ask("POST", root, { tag_name: "v1.0.0" });
  await ask("GET", `${root}/assets/${idOf(asset)}`);
  await ask("GET", `${root}/assets/${idOf(asset)}#bytes`);
  await ask("DELETE", `${root}/assets/${idOf(asset)}`);
  await ask("DELETE", release);
}

function firstOf(value: JsonObject | undefined, list: string): unknown {
  const items = value?.[list];
  return Array.isArray(items) ? items[0] : undefined;
}

test.skipIf(file === undefined)(
  "what is answered fits GitHub's description of its API (needs @octokit/openapi)",
  () => {
    const description = readDescription(file ?? "");
    const faults = answers.flatMap((answer) => {
      const found = description.faultsOf(answer);
      const list = typeof found === "string" ? [found] : found;
      return list.map((fault) => `${answer.method} ${answer.path} ${answer.status}: ${fault}`);
    });
    expect([...new Set(faults)]).toEqual([]);
    expect(answers.length).toBeGreaterThan(80);
  },
);

test.skipIf(file === undefined)("each of the project's own endpoints was called", () => {
  // Downloads are the site's, not the API's: `gh` and a test of releases go there.
  const routes = [...endpoints]
    .filter((on) => !on.includes("/releases/download/"))
    .map((on) => ({
      on,
      handle: () => {
        throw new Error();
      },
    }));
  const called = answers.map(({ method, path }) => findRoute(routes, method, path)?.route.on);
  expect(routes.map(({ on }) => on).filter((on) => !called.includes(on))).toEqual([]);
});

test.skipIf(file === undefined)("an answer that does not fit is found", () => {
  const description = readDescription(file ?? "");
  const path = "/repos/acme/shop/actions/cache/usage";
  const body = { full_name: "acme/shop", active_caches_size_in_bytes: "5", active_caches_count: 1 };
  expect(description.faultsOf({ method: "GET", path, status: 200, body })).toEqual([
    '/active_caches_size_in_bytes must be integer {"type":"integer"}',
  ]);
  expect(description.faultsOf({ method: "GET", path: "/nothing/like/it", status: 200, body })).toBe("undescribed");
  expect(description.faultsOf({ method: "GET", path, status: 204, body: undefined })).toEqual([
    "204 is no answer of GET /repos/{owner}/{repo}/actions/cache/usage",
  ]);
});
