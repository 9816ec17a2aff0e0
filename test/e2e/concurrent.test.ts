import { describe, expect, test } from "vitest";
import { openGate, type Gate, type Held } from "./gate.ts";
import { hasEngine, makeRepo, type Ran, type Repo, type RunningSlipway, sandbox } from "./rig.ts";

const files = { "api/Dockerfile": "FROM scratch\nCOPY a.txt /\n", "api/a.txt": "api 1\n" };

async function withGate(use: (repo: Repo, gate: Gate) => Promise<void>): Promise<void> {
  const gate = await openGate(sandbox().registry);
  const repo = await makeRepo(files, { by: gate.host });
  try {
    await use(repo, gate);
  } finally {
    await repo.remove();
    await gate.close();
  }
}

/** The run has come to the request that is held. */
async function reaches(running: RunningSlipway, held: Held): Promise<void> {
  await Promise.race([held.caught, running.ended.then((ran) => Promise.reject(new Error(ran.stderr)))]);
}

function expectDone(...runs: readonly Ran[]): void {
  for (const ran of runs) expect(ran.exitCode, ran.stderr).toBe(0);
}

describe.skipIf(!hasEngine).concurrent("releases at once", () => {
  test("of 1.2.1 and 2.0.0: latest ends at 2.0.0, 1.2 at 1.2.1", () =>
    withGate(async (repo) => {
      expectDone(await repo.slipway("release", "1.2.0"));
      const fix = await repo.clone("fix");
      await fix.commit({ "api/a.txt": "api 1, mended\n" });
      await repo.commit({ "api/a.txt": "api 2\n" });
      expectDone(...(await Promise.all([fix.slipway("release", "1.2.1"), repo.slipway("release", "2.0.0")])));
      expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "2.0.0"));
      expect(await repo.digest("api", "2")).toBe(await repo.digest("api", "2.0.0"));
      expect(await repo.digest("api", "1.2")).toBe(await repo.digest("api", "1.2.1"));
      expect(await repo.digest("api", "1")).toBe(await repo.digest("api", "1.2.1"));
      expect(await repo.visibleTags("releases")).toEqual(
        ["1.2.0", "1.2.1", "2.0.0"].flatMap((each) => [each, `promoted.${each}`]).sort(),
      );
    }));

  test("where 1.2.1 puts latest after 2.0.0 has: it sees that, and latest goes back to 2.0.0", () =>
    withGate(async (repo, gate) => {
      const fix = await repo.clone("fix");
      await fix.commit({ "api/a.txt": "api 1, mended\n" });
      await repo.commit({ "api/a.txt": "api 2\n" });
      const held = gate.hold({ matching: /^PUT .*\/api\/manifests\/latest$/, most: 1 });
      const late = fix.start(["release", "1.2.1"]);
      await reaches(late, held);
      expectDone(await repo.slipway("release", "2.0.0"));
      held.release();
      expectDone(await late.ended);
      expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "2.0.0"));
      expect(await repo.digest("api", "1.2")).toBe(await repo.digest("api", "1.2.1"));
    }));

  test("of the same version and commit: both exit 0, and there is one release", () =>
    withGate(async (repo) => {
      const other = await repo.clone("other");
      expectDone(...(await Promise.all([repo.slipway("release", "1.0.0"), other.slipway("release", "1.0.0")])));
      expect(await repo.visibleTags("api")).toEqual(["1", "1.0", "1.0.0", "latest"]);
      expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "1.0.0"));
      expect(await repo.visibleTags("releases")).toEqual(["1.0.0", "promoted.1.0.0"]);
    }));

  test("of the same version from two commits: one is released, the other refused with exit 3", () =>
    withGate(async (repo, gate) => {
      const other = await repo.clone("other");
      await other.commit({ "api/a.txt": "api other\n" });
      const held = gate.hold({ matching: /^PUT .*\/releases\/manifests\/1\.0\.0$/, most: 1 });
      const late = other.start(["release", "1.0.0"]);
      await reaches(late, held);
      expectDone(await repo.slipway("release", "1.0.0"));
      const before = await repo.listing();
      held.release();
      const ran = await late.ended;
      expect(ran.exitCode, ran.stderr).toBe(3);
      expect(ran.stderr).toMatch(/error: another run committed 1\.0\.0/);
      expect(await repo.listing()).toEqual(before);
    }));
});

describe.skipIf(!hasEngine).concurrent("an older run that wakes up late", () => {
  test("of a branch leaves the branch's tag at the newer commit", () =>
    withGate(async (repo) => {
      const old = await repo.clone("old");
      const oldCommit = (await old.git("rev-parse", "HEAD")).trim();
      const commit = await repo.commit({ "api/a.txt": "api 2\n" });
      expectDone(await repo.slipway("release"));
      const newest = await repo.digest("api", "main");
      const ran = await old.slipway("release");
      expectDone(ran);
      expect(await repo.digest("api", "main")).toBe(newest);
      expect(await repo.digest("api", `sha-${commit.slice(0, 7)}`)).toBe(newest);
      const late = await repo.digest("api", `sha-${oldCommit.slice(0, 7)}`);
      expect(late).toBeDefined();
      expect(late).not.toBe(newest);
      expect(ran.stderr).toMatch(/is newer/);
    }));

  test("of a branch, which had planned before the newer commit was released, does the same", () =>
    withGate(async (repo, gate) => {
      const old = await repo.clone("old");
      await repo.commit({ "api/a.txt": "api 2\n" });
      const held = gate.hold({ matching: /^PUT .*\/releases\/manifests\/branch\./, most: 1 });
      const late = old.start(["release"]);
      await reaches(late, held);
      expectDone(await repo.slipway("release"));
      const newest = await repo.digest("api", "main");
      held.release();
      expectDone(await late.ended);
      expect(await repo.digest("api", "main")).toBe(newest);
    }));

  test("of a version that was rolled back meanwhile does not undo the rollback", () =>
    withGate(async (repo, gate) => {
      expectDone(await repo.slipway("release", "1.0.0"));
      await repo.commit({ "api/a.txt": "api 2\n" });
      const held = gate.hold({ matching: /^PUT .*\/api\/manifests\/latest$/, most: 1 });
      const late = repo.start(["release", "1.1.0"]);
      await reaches(late, held);
      expectDone(await repo.slipway("rollback", "1.0.0"));
      held.release();
      expectDone(await late.ended);
      expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "1.0.0"));
      expectDone(await repo.slipway("release", "1.1.0"));
      expect(await repo.digest("api", "latest")).toBe(await repo.digest("api", "1.0.0"));
      expect(await repo.digest("api", "1.1")).toBe(await repo.digest("api", "1.1.0"));
    }));
});
