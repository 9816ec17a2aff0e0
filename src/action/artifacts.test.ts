import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DefaultArtifactClient } from "@actions/artifact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type GitHub, type JobOptions, startGitHub } from "../../sandbox/github/index.ts";
import type { Host } from "../host.ts";
import { makeFetch } from "../http/fetch.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeRun } from "../github/run.ts";
import { type ArtifactStore, makeArtifactStore } from "./artifacts.ts";
import { openHandover } from "./handover.ts";

let github: GitHub;
beforeEach(async () => {
  github = await startGitHub({ repository: "acme/shop" });
});
afterEach(() => github.close());

async function hostOf(
  job: JobOptions,
  more: Record<string, string> = {},
): Promise<Host & { slept: readonly number[] }> {
  const env = { ...(await github.env(job)), ...more };
  return makeTestHost({ env, fetch: makeFetch({}), startsAt: new Date().toISOString() });
}

function storeAt(host: Host): ArtifactStore {
  return makeArtifactStore(host, makeRun(host.env, undefined));
}

async function storeOf(job: JobOptions): Promise<ArtifactStore> {
  return storeAt(await hostOf(job));
}

async function read(store: ArtifactStore, name: string): Promise<unknown> {
  const found = (await store.list()).find((each) => each.name === name);
  return found === undefined ? undefined : (await store.get(found)).value;
}

describe("artifacts", () => {
  test("go from one job of a run to another, and to no other run", async () => {
    await (await storeOf({ runId: "7", job: "plan" })).put("slipway-plan-1", { version: 1, text: "größer" });
    const name = "slipway-plan-1";
    expect(await read(await storeOf({ runId: "7", job: "build" }), name)).toEqual({ version: 1, text: "größer" });
    expect(await read(await storeOf({ runId: "8" }), name)).toBeUndefined();
  });

  test("of earlier attempts are there beside those of a re-run", async () => {
    await (await storeOf({ runId: "7" })).put("slipway-plan-1", {});
    const again = await storeOf({ runId: "7", runAttempt: 2 });
    await again.put("slipway-build-api-linux-amd64-2", {});
    const names = (await again.list()).map(({ name }) => name);
    expect(names.sort()).toEqual(["slipway-build-api-linux-amd64-2", "slipway-plan-1"]);
  });

  test("that another version of the action wrote are not read as this one's", async () => {
    await (await storeOf({ runId: "7" })).put("slipway-plan-1", { version: 2 });
    const host = await hostOf({ runId: "7" });
    await expect(openHandover({ host, run: makeRun(host.env, undefined) }).getPlan(undefined)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("slipway-plan-1") as string,
      hint: expect.stringContaining("re-run all jobs") as string,
    });
  });

  test("are kept for a day", async () => {
    let time = Date.now();
    const later = await startGitHub({ repository: "acme/shop", now: () => time });
    const host = makeTestHost({ env: await later.env({ runId: "7" }), fetch, startsAt: new Date(time).toISOString() });
    await storeAt(host).put("slipway-plan-1", {});
    time += 23 * 3_600_000;
    const names = async (): Promise<string[]> => {
      const env = await later.env({ runId: "7" });
      return (await storeAt(makeTestHost({ env, fetch })).list()).map(({ name }) => name);
    };
    expect(await names()).toEqual(["slipway-plan-1"]);
    time += 2 * 3_600_000;
    expect(await names()).toEqual([]);
    await later.close();
  });

  test("are asked for again when the service fails for a moment, and given up with its words", async () => {
    const host = await hostOf({ runId: "7" });
    github.setFaults(({ path, nth }) =>
      path.endsWith("/CreateArtifact") && nth < 2 ? { kind: "status", status: 503 } : undefined,
    );
    await storeAt(host).put("slipway-plan-1", {});
    expect(host.slept).toHaveLength(2);
    github.setFaults(({ path }) => (path.endsWith("/ListArtifacts") ? { kind: "reset", when: "before" } : undefined));
    await expect(storeAt(host).list()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^listing the run's artifacts: \S/) as string,
    });
  });

  test("whose name was used in this attempt are refused, and not asked for again", async () => {
    const host = await hostOf({ runId: "7" });
    await storeAt(host).put("slipway-plan-1", {});
    await expect(storeAt(host).put("slipway-plan-1", {})).rejects.toThrow(
      /^storing the artifact slipway-plan-1: HTTP 409: .*already exists/,
    );
    expect(host.slept).toEqual([]);
  });

  test("are not there on an Enterprise Server, and outside of a job", async () => {
    const server = await hostOf({}, { GITHUB_SERVER_URL: "https://ghe.example.com" });
    expect(() => storeAt(server)).toThrow("an Enterprise Server has no store for them");
    expect(() => storeAt(makeTestHost())).toThrow("ACTIONS_RUNTIME_TOKEN are not set");
  });
});

describe("GitHub's own client", () => {
  afterEach(() => vi.unstubAllEnvs());

  /** It reads this process's environment. */
  async function clientOf(job: JobOptions): Promise<DefaultArtifactClient> {
    for (const [name, value] of Object.entries(await github.env(job))) vi.stubEnv(name, value);
    return new DefaultArtifactClient();
  }

  test("lists and downloads what this one stores", async () => {
    await (await storeOf({ runId: "7" })).put("slipway-plan-1", { version: 1 });
    const client = await clientOf({ runId: "7" });
    const { artifacts } = await client.listArtifacts();
    expect(artifacts).toMatchObject([{ name: "slipway-plan-1", size: 13 }]);
    const folder = await mkdtemp(join(tmpdir(), "slipway-artifacts-"));
    const got = await client.downloadArtifact(artifacts[0]?.id ?? 0, {
      path: folder,
      expectedHash: artifacts[0]?.digest ?? "",
    });
    expect(got.digestMismatch).toBe(false);
    expect(await readFile(join(folder, "slipway-plan-1"), "utf8")).toBe('{"version":1}');
    await rm(folder, { recursive: true });
  });

  test("stores a file that this one reads", async () => {
    const folder = await mkdtemp(join(tmpdir(), "slipway-artifacts-"));
    const file = join(folder, "part.json");
    await writeFile(file, '{"version":2}');
    await (await clientOf({ runId: "7" })).uploadArtifact("part", [file], folder, { skipArchive: true });
    expect(await read(await storeOf({ runId: "7" }), "part.json")).toEqual({ version: 2 });
    await rm(folder, { recursive: true });
  });
});
