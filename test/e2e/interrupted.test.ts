import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { startRegistry } from "../../sandbox/index.ts";
import { type Gate, openGate } from "./gate.ts";
import { hasEngine, makeRepo, type Ran, type Repo, type RunningSlipway, sandbox } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
  "api/a.txt": "api 1\n",
  "web/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
  "web/a.txt": "web 1\n",
};
const services = ["api", "web"];

/** Where a run is killed: the request at which it stands still, and what is in the registry then. */
const moments = [
  {
    name: "before the commit point",
    hold: { matching: /^PUT .*\/releases\/manifests\/1\.1\.0$/ },
    recorded: false,
    moved: 0,
  },
  {
    name: "at the commit point, before any tag",
    hold: { matching: /^PUT .*\/releases\/manifests\/1\.1\.0$/, when: "answered" },
    recorded: true,
    moved: 0,
  },
  {
    name: "between two tag moves",
    hold: { matching: /^PUT .*\/(?:api|web)\/manifests\/(?:1\.1\.0|1\.1|1|latest)$/, after: 3 },
    recorded: true,
    moved: 3,
  },
  {
    name: "when all tags are moved but not marked as finished",
    hold: { matching: /^PUT .*\/releases\/manifests\/promoted\.1\.1\.0$/ },
    recorded: true,
    moved: 8,
  },
] as const;

describe.skipIf(!hasEngine).each(moments)("a release that is killed $name", ({ hold, recorded, moved }) => {
  /** 1.0.0 is released, then 1.1.0 is killed at the moment. */
  const killed = async (use: (repo: Repo, before: Readonly<Record<string, string | undefined>>) => Promise<void>) => {
    const gate = await openGate(sandbox().registry);
    const repo = await makeRepo(files, { by: gate.host });
    try {
      expect((await repo.slipway("release", "1.0.0")).exitCode).toBe(0);
      await repo.commit({ "api/a.txt": "api 2\n", "web/a.txt": "web 2\n" });
      const before = await visible(repo);
      const held = gate.hold(hold);
      const running = repo.start(["release", "1.1.0"]);
      await Promise.race([held.caught, running.ended.then((ran) => Promise.reject(new Error(ran.stderr)))]);
      await settled(gate);
      running.kill("SIGKILL");
      expect((await running.ended).signal).toBe("SIGKILL");
      held.release();
      await settled(gate);
      await use(repo, before);
    } finally {
      await repo.remove();
      await gate.close();
    }
  };

  test("left the registry as it was meant to be at that moment", () =>
    killed(async (repo, before) => {
      const now = await visible(repo);
      const tags = (await repo.visibleTags("releases")).filter((tag) => tag.includes("1.1.0"));
      expect(tags).toEqual(recorded ? ["1.1.0"] : []);
      const changed = Object.keys(now).filter((tag) => now[tag] !== before[tag]);
      expect(changed).toHaveLength(moved);
    }));

  test("is finished by the same command", () =>
    killed(async (repo) => {
      const ran = await repo.slipway("release", "1.1.0");
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.stdout).toMatch(
        recorded ? /^1\.1\.0 was released before; its tags are in place/ : /^released 1\.1\.0/,
      );
      await isFinished(repo, "1.1.0");
    }));

  test("is finished by a later release, which builds nothing that was built", () =>
    killed(async (repo) => {
      const ran = await repo.slipway("release", "1.1.1", "--json");
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.json()).toMatchObject({ services: [{ outcome: "reused" }, { outcome: "reused" }] });
      await isFinished(repo, "1.1.1");
      if (recorded) await isFinished(repo, "1.1.0", ["1.1.0"]);
      else for (const service of services) expect(await repo.digest(service, "1.1.0")).toBeUndefined();
      const status = await repo.slipway("status", "--json");
      expect(status.json()).toMatchObject({ unfinished: [] });
    }));
});

describe.skipIf(!hasEngine)("a registry that stops in the middle of the promotion", () => {
  /** A registry of its own, stopped when three tags of 1.0.0 have moved. */
  const stopped = async (use: (repo: Repo, running: RunningSlipway, start: () => Promise<void>) => Promise<void>) => {
    const dir = await mkdtemp(join(tmpdir(), "slipway-e2e-registry-"));
    const server = await startRegistry({ dir });
    const gate = await openGate(server.host);
    const repo = await makeRepo(files, { by: gate.host, registry: server.host });
    try {
      const held = gate.hold({ matching: /^PUT .*\/(?:api|web)\/manifests\/(?:1\.0\.0|1\.0|1|latest)$/, after: 3 });
      const running = repo.start(["release", "1.0.0"]);
      await Promise.race([held.caught, running.ended.then((ran) => Promise.reject(new Error(ran.stderr)))]);
      await settled(gate);
      await server.stop();
      held.release();
      await use(repo, running, () => server.start());
    } finally {
      await repo.remove();
      await gate.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    }
  };

  test("and comes back: the command goes on and finishes", () =>
    stopped(async (repo, running, start) => {
      await running.saw(/trying again|retrying|again in/);
      await start();
      const ran = await running.ended;
      expect(ran.exitCode, ran.stderr).toBe(0);
      await isFinished(repo, "1.0.0", ["1.0.0", "1.0", "1", "latest"]);
    }));

  test("and stays away: the command gives up with exit 5 and says how it goes on; the same command finishes it", () =>
    stopped(async (repo, running, start) => {
      const ran = await running.ended;
      expect(ran.exitCode, ran.stderr).toBe(5);
      expect(ran.stderr).toMatch(/^error: /m);
      expect(ran.stderr).toMatch(/hint: .*the same command/);
      await start();
      const again = await repo.slipway("release", "1.0.0");
      expect(again.exitCode, again.stderr).toBe(0);
      await isFinished(repo, "1.0.0", ["1.0.0", "1.0", "1", "latest"]);
    }));
});

describe.skipIf(!hasEngine)("a release that is interrupted while it builds", () => {
  /** How long the build of `api` takes is a secret, which is no input: the second try need not wait. */
  const slow = {
    ...files,
    "api/Dockerfile": `FROM busybox
COPY a.txt /
RUN --mount=type=secret,id=pace echo begun && sleep $(cat /run/secrets/pace)
`,
  };
  const config = "services:\n  api: { secrets: [{ id: pace, env: PACE }] }\n";
  const interrupted = async (
    mark: string,
    stop: (running: RunningSlipway) => void,
  ): Promise<{ repo: Repo; ran: Ran }> => {
    const repo = await makeRepo(slow, { config });
    const running = repo.start(["release", "1.0.0", "--verbose"], {
      env: { PACE: `60.${mark}` },
      ownGroup: true,
    });
    await running.saw(/begun/);
    stop(running);
    return { repo, ran: await running.ended };
  };
  const goesOn = async (repo: Repo): Promise<void> => {
    for (const each of [...services, "releases"]) expect(await repo.visibleTags(each)).toEqual([]);
    const again = await repo.start(["release", "1.0.0"], { env: { PACE: "0.001" } }).ended;
    expect(again.exitCode, again.stderr).toBe(0);
    await isFinished(repo, "1.0.0", ["1.0.0", "1.0", "1", "latest"]);
    expect(await stagedFolders(repo)).toEqual([]);
    await repo.remove();
  };

  const ways = [
    { name: "Ctrl-C", mark: "101", stop: (running: RunningSlipway) => running.pressCtrlC() },
    { name: "SIGINT", mark: "102", stop: (running: RunningSlipway) => running.kill("SIGINT") },
    { name: "SIGTERM", mark: "103", stop: (running: RunningSlipway) => running.kill("SIGTERM") },
  ];
  test.each(ways)(
    "by $name exits 130 and leaves no process, tag or file; then the same command succeeds",
    async ({ mark, stop }) => {
      const { repo, ran } = await interrupted(mark, stop);
      expect(ran.exitCode, ran.stderr).toBe(130);
      expect(ran.stderr).toMatch(/error: interrupted; no visible tag moved/);
      expect(ran.stderr).toMatch(/hint: run the same command again/);
      expect(await commandsWith(repo.folder)).toEqual([]);
      await vanishes(`sleep 60.${mark}`);
      expect(await stagedFolders(repo)).toEqual([]);
      await goesOn(repo);
    },
  );

  test("by kill -9 leaves files that the next run removes, and that run succeeds", async () => {
    const { repo, ran } = await interrupted("104", (running) => running.kill("SIGKILL"));
    expect(ran.signal).toBe("SIGKILL");
    expect(await stagedFolders(repo)).not.toEqual([]);
    await goesOn(repo);
  });
});

/** Command lines of running processes that have this in them. */
async function commandsWith(text: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "args="], { maxBuffer: 1 << 24 });
  return stdout.split("\n").filter((line) => line.includes(text));
}

/** The engine ends what it ran soon after it was told to. */
async function vanishes(command: string): Promise<void> {
  for (let tries = 0; tries < 50 && (await commandsWith(command)).length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await commandsWith(command)).toEqual([]);
}

async function stagedFolders(repo: Repo): Promise<string[]> {
  return readdir(join(repo.folder, ".git/slipway/stage")).catch(() => []);
}

async function visible(repo: Repo): Promise<Record<string, string | undefined>> {
  const all = await Promise.all(
    services.map(async (service) =>
      Promise.all(
        (await repo.visibleTags(service)).map(async (tag) => [`${service}:${tag}`, await repo.digest(service, tag)]),
      ),
    ),
  );
  return Object.fromEntries(all.flat());
}

/** Every tag of a version is at its image, and the record is marked. */
async function isFinished(repo: Repo, version: string, tags = [version, "1.1", "1", "latest"]): Promise<void> {
  expect(await repo.visibleTags("releases")).toContain(`promoted.${version}`);
  for (const service of services) {
    const digest = await repo.digest(service, version);
    expect(digest).toBeDefined();
    for (const tag of tags) expect(`${tag} ${await repo.digest(service, tag)}`).toBe(`${tag} ${digest}`);
  }
}

/** Until no request came for a while: what was not held has arrived. */
async function settled(gate: Gate): Promise<void> {
  for (let seen = -1; seen !== gate.seen.length;) {
    seen = gate.seen.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
