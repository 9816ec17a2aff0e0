import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../processes.ts";
import { type GitHub, startGitHub } from "./index.ts";
import { idsOf, makeApi, makeService, uploadArtifact } from "./testing.ts";
import { ensureArtifactClient } from "./tools.ts";

const client = await ensureArtifactClient(() => undefined);
let time = Date.now();
let github: GitHub;

beforeEach(async () => {
  time = Date.now();
  github = await startGitHub({ repository: "acme/shop", now: () => time });
});
afterEach(() => github.close());

type Job = Readonly<Record<string, string>>;

async function download(job: Job, name: string): Promise<string | undefined> {
  const found = await makeService(job, "Artifact")("GetSignedArtifactURL", { ...idsOf(job), name });
  return found.status === 200 ? (await fetch(String(found.body["signed_url"]))).text() : undefined;
}

test("a job reads what another job of the same run uploaded, a job of another run does not", async () => {
  const [plan, build, other] = [
    await github.env({ runId: "7", job: "plan" }),
    await github.env({ runId: "7", job: "build" }),
    await github.env({ runId: "8" }),
  ];
  await uploadArtifact(plan, "plan", "what to build");
  expect([await download(build, "plan"), await download(other, "plan")]).toEqual(["what to build", undefined]);
});

test("a name is taken once an attempt; after a re-run the newest counts", async () => {
  const first = await github.env({ runId: "7" });
  expect([await uploadArtifact(first, "built-api", "1"), await uploadArtifact(first, "built-api", "2")]).toEqual([
    200, 409,
  ]);
  const again = await github.env({ runId: "7", runAttempt: 2 });
  expect(await uploadArtifact(again, "built-api", "3")).toBe(200);
  expect(await download(again, "built-api")).toBe("3");
});

test("a token of one run cannot ask about another", async () => {
  const job = await github.env({ runId: "7" });
  const body = { ...idsOf(job), workflow_run_backend_id: "another" };
  expect((await makeService(job, "Artifact")("ListArtifacts", body)).status).toBe(403);
});

test("an artifact that has expired is not listed to jobs, and gone for everybody else", async () => {
  const job = await github.env({ runId: "7" });
  await uploadArtifact(job, "plan", "x", { expires_at: new Date(time + 86_400_000).toISOString() });
  const api = makeApi(github, github.token({ actions: "read" }));
  time += 2 * 3_600_000;
  expect((await api("GET", "/actions/runs/7/artifacts")).body).toMatchObject({
    total_count: 1,
    artifacts: [{ name: "plan", expired: false, workflow_run: { id: 7 } }],
  });
  time += 86_400_000;
  const later = await github.env({ runId: "7" });
  expect(await download(later, "plan")).toBeUndefined();
  expect((await api("GET", "/actions/artifacts")).body).toMatchObject({ artifacts: [{ expired: true }] });
  expect((await api("GET", "/actions/artifacts/1/zip")).status).toBe(410);
});

test("an artifact is deleted by the job, or over the API with actions: write", async () => {
  const job = await github.env({ runId: "7" });
  await uploadArtifact(job, "one", "1");
  await uploadArtifact(job, "two", "2");
  expect((await makeService(job, "Artifact")("DeleteArtifact", { ...idsOf(job), name: "one" })).status).toBe(200);
  const api = makeApi(github, github.token({ actions: "write" }));
  expect((await api("DELETE", "/actions/artifacts/2")).status).toBe(204);
  expect((await github.state()).artifacts).toEqual([]);
});

test.skipIf(client === undefined)(
  "@actions/artifact uploads, lists, downloads and deletes (needs it from npm)",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "artifact-"));
    writeFileSync(join(folder, "digests.json"), '{"api":"sha256:1"}');
    const script = `
      import { DefaultArtifactClient } from "@actions/artifact";
      import { readFileSync } from "node:fs";
      const client = new DefaultArtifactClient();
      const folder = ${JSON.stringify(folder)};
      const { id } = await client.uploadArtifact("built-api", [folder + "/digests.json"], folder, { retentionDays: 1 });
      const again = await client.uploadArtifact("built-api", [folder + "/digests.json"], folder).catch((error) => error.message);
      const { artifacts } = await client.listArtifacts();
      const { digestMismatch } = await client.downloadArtifact(id, { path: folder + "/out", expectedHash: artifacts[0].digest });
      const text = readFileSync(folder + "/out/digests.json", "utf8");
      await client.deleteArtifact("built-api");
      console.log("RESULT " + JSON.stringify({ again, names: artifacts.map((each) => each.name), digestMismatch, text }));
    `;
    const file = join(client ?? "", `try-${process.pid}.mjs`);
    writeFileSync(file, script);
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      GITHUB_WORKSPACE: folder,
      ...(await github.env({ runId: "7" })),
    };
    const done = await run("node", [file], { env });
    rmSync(file);
    rmSync(folder, { recursive: true });
    const line = done.stdout.split("\n").find((each) => each.startsWith("RESULT "));
    expect(JSON.parse(line?.slice(7) ?? JSON.stringify(done))).toEqual({
      again: expect.stringContaining("an artifact with this name already exists"),
      names: ["built-api"],
      digestMismatch: false,
      text: '{"api":"sha256:1"}',
    });
    expect((await github.state()).artifacts).toEqual([]);
  },
);
