import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startRunner } from "../../sandbox/index.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { buildPart } from "../../src/core/jobs/build-part.ts";
import type { MatrixEntry, Part, RunPlan } from "../../src/core/planning/parts.ts";
import { planRun } from "../../src/core/jobs/plan-run.ts";
import { releaseParts } from "../../src/core/jobs/release-parts.ts";
import { openWorkspace, type Workspace } from "../../src/core/workspace/workspace.ts";
import { cloneTrees } from "../../src/source/checkout/sparse.ts";
import { environment, hasEngine, makeRepo, sandbox } from "./rig.ts";

const files = {
  "base/Dockerfile": "FROM busybox\nCOPY lib.txt /lib.txt\n",
  "base/lib.txt": "lib 1\n",
  "api/Dockerfile": "FROM base\nCOPY src /src\nRUN cat /lib.txt /src/main.txt > /both.txt\n",
  "api/src/main.txt": "api 1\n",
  "web/Dockerfile": "FROM scratch\nCOPY . /\n",
  "web/index.html": "web 1\n",
  "docs/large.bin": "x".repeat(100_000),
};
const config = `services:
  api: { context: api, contexts: { base: { service: base } } }
  base: { context: base }
  web: { context: web }
`;

test.skipIf(!hasEngine)(
  "jobs with a clone and an engine each build a release that a job without Docker makes",
  async () => {
    const repo = await makeRepo(files, { config });
    await repo.git("config", "uploadpack.allowFilter", "true");
    await repo.git("config", "uploadpack.allowAnySHA1InWant", "true");
    const commit = (await repo.git("rev-parse", "HEAD")).trim();
    const base = await mkdtemp(join(tmpdir(), "slipway-jobs-"));
    const { registry, mirror, env } = sandbox();
    const runners = await Promise.all(
      ["one", "two"].map((name) => startRunner({ registry, mirror, env: { ...env } }, `jobs-${process.pid}-${name}`)),
    );
    // Nothing listens there.
    const noDocker = { ...environment(), DOCKER_HOST: "tcp://127.0.0.1:1" };
    let clones = 0;
    const open = async (of: Readonly<Record<string, string>>, history: "none" | "commits"): Promise<Workspace> => {
      clones += 1;
      const folder = join(base, `clone-${clones}`);
      const host = makeNodeHost({ env: { ...noDocker, ...of } });
      await cloneTrees(host, { folder, url: `file://${repo.folder}`, commit, ref: "refs/heads/main", history });
      return openWorkspace(host, { repo: folder }, () => undefined);
    };
    const build = async (runPlan: RunPlan, entry: MatrixEntry, parts: readonly Part[], at: number): Promise<Part> => {
      const workspace = await open(runners[at % 2]?.env ?? {}, "none");
      const part = await buildPart(workspace, { ...entry, runPlan, parts, cache: undefined, builder: undefined });
      expect(await readdir(workspace.repository.root)).toEqual([".git"]);
      return JSON.parse(JSON.stringify(part)) as Part;
    };
    try {
      const asked = { version: "1.0.0", branch: null, group: null, only: [] };
      const request = { asked, releases: true, force: [], matrixJobs: [1, 1] };
      const runPlan = JSON.parse(JSON.stringify(await planRun(await open({}, "none"), request))) as RunPlan;
      expect(runPlan.matrices.map((matrix) => matrix.map(({ service }) => service))).toEqual([
        ["base", "web"],
        ["api"],
      ]);
      const parts: Part[] = [];
      for (const matrix of runPlan.matrices) {
        parts.push(
          ...(await Promise.all(matrix.map((entry, at) => build(runPlan, entry, [...parts], at + parts.length)))),
        );
      }
      expect(parts.map(({ service, outcome, because }) => `${service} ${outcome} ${because}`)).toEqual([
        "base built null",
        "web built null",
        "api built null",
      ]);
      const release = await releaseParts(await open({}, "commits"), {
        version: undefined,
        versionFrom: undefined,
        branch: undefined,
        group: undefined,
        only: [],
        force: [],
        allowDirty: false,
        githubRelease: false,
        runPlan,
        parts,
      });
      expect(release.state).toBe("released");
      expect(release.notes).toContain("feat: begin");
      const [{ manifest } = { manifest: undefined }] = release.releases;
      for (const { service, digest } of manifest?.services ?? []) {
        expect(await repo.digest(service, "1.0.0")).toBe(digest);
      }
      const next = await repo.slipway("build", "--json");
      expect(next.json()).toMatchObject({
        services: [{ outcome: "reused" }, { outcome: "reused" }, { outcome: "reused" }],
      });
    } finally {
      for (const runner of runners) await runner.close();
      await rm(base, { recursive: true, force: true });
      await repo.remove();
    }
  },
  180_000,
);
