import { afterEach, beforeEach, expect, test } from "vitest";
import { type GitHub, startGitHub } from "./index.ts";
import { makeApi } from "./testing.ts";

const digest = (hex: string) => `sha256:${hex.repeat(64)}`;
const root = "/orgs/acme/packages/container/shop%2Fapi";
let github: GitHub;

beforeEach(async () => {
  github = await startGitHub({ repository: "acme/shop" });
  github.packages.addVersion("shop/api", { digest: digest("a"), tags: ["1.0.0", "latest"] });
  github.packages.addVersion("shop/api", { digest: digest("b"), tags: ["1.1.0", "latest"] });
});
afterEach(() => github.close());

test("a tag that is pushed again leaves the version that had it", async () => {
  const { list } = await makeApi(github, github.token({ packages: "read" }))("GET", `${root}/versions`);
  expect(list.map(({ name, metadata }) => [name, metadata])).toEqual([
    [digest("b"), { package_type: "container", container: { tags: ["1.1.0", "latest"] } }],
    [digest("a"), { package_type: "container", container: { tags: ["1.0.0"] } }],
  ]);
});

test("a version is deleted with packages: write, but not the last one", async () => {
  const writer = makeApi(github, github.token({ packages: "write" }));
  expect((await makeApi(github, github.token({ packages: "read" }))("DELETE", `${root}/versions/1`)).status).toBe(403);
  expect((await writer("DELETE", `${root}/versions/1`)).status).toBe(204);
  const last = await writer("DELETE", `${root}/versions/2`);
  expect([last.status, last.body["message"]]).toEqual([
    400,
    expect.stringContaining("You must delete the package instead"),
  ]);
  expect((await writer("DELETE", root)).status).toBe(204);
  expect((await writer("GET", root)).status).toBe(404);
});

test("a public version with more than 5,000 downloads stays", async () => {
  github.packages.addVersion("shop/api", { digest: digest("c"), downloads: 5001 });
  const refused = await makeApi(github, github.token({ packages: "write" }))("DELETE", `${root}/versions/3`);
  expect([refused.status, github.packages.versionsOf("shop/api").length]).toEqual([400, 3]);
});

test("even public packages are read with a token alone, and those of others are not there", async () => {
  expect((await makeApi(github, "")("GET", root)).status).toBe(403);
  const other = root.replace("/acme/", "/other/");
  expect((await makeApi(github, github.token({ packages: "read" }))("GET", other)).status).toBe(404);
});
