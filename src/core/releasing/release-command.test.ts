import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOfServices } from "../../errors.ts";
import { status } from "../../index.ts";
import type { ReleaseDocument } from "../../model/documents.ts";
import type { FaultRule } from "../../registry/testing/registry-in-memory.ts";
import { renderReleaseResult } from "../../report/render-result.ts";
import { makeStyle } from "../../report/style.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";

const version = { version: "1.0.0" };

/** Tags of all names, without those that nobody sees: of fingerprints and of runs. */
function visible(world: Shop): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(world.memory.snapshot())
      .filter(([name]) => name !== "docker/buildkit-syft-scanner")
      .map(([name, { tags }]) => [name, Object.keys(tags).filter((tag) => !/^(?:fp-|build-)/.test(tag))]),
  );
}

function outcomes(result: ReleaseDocument): string[] {
  return result.services.map(({ service, outcome }) => `${service} ${outcome}`);
}

describe("one service fails", () => {
  test("what needs it is cancelled, the others finish, and nothing visible moves", async () => {
    const world = await makeShop();
    await world.release(version);
    const before = visible(world);
    world.docker.plan = ({ service }) =>
      service === "base" ? { fail: ["ERROR: failed to solve: no such file"] } : undefined;
    await world.repository.commit({ "base/lib.txt": "lib 2", "web/index.html": "web 2" });
    const result = await world.release({ version: "1.1.0" });
    expect(result.state).toBe("failed");
    expect(outcomes(result)).toEqual(["base failed", "api cancelled", "web built"]);
    expect(result.services[1]?.because).toBe("base, which it needs, failed");
    expect(visible(world)).toEqual(before);
  });

  test("what was built beside it is reused by the next try", async () => {
    const world = await makeShop();
    world.docker.plan = ({ service }) =>
      service === "base" ? { fail: ["ERROR: failed to solve: no such file"] } : undefined;
    await world.release(version);
    world.docker.plan = undefined;
    world.forget();
    expect(outcomes(await world.release(version))).toEqual(["base built", "api built", "web reused"]);
  });

  test.each([
    "unexpected status from PUT request: 503 Service Unavailable",
    'failed to push x/web:build-1: failed commit on ref "layer-sha256:1": failed to do request: Put "https://x": EOF',
    "failed to push x/web:build-1: failed to copy: io: read/write on closed pipe",
  ])("a fault that may pass is tried again: %s", async (says) => {
    const world = await makeShop();
    let tries = 0;
    world.docker.plan = ({ service }) => {
      if (service !== "web") return undefined;
      tries += 1;
      return tries < 3 ? { fail: [`ERROR: failed to solve: ${says}`] } : undefined;
    };
    expect((await world.release(version)).state).toBe("released");
    expect(tries).toBe(3);
  });

  test("a registry's refusal is not tried again, and keeps its kind and what to do about it", async () => {
    const world = await makeShop();
    world.docker.plan = ({ service }) =>
      service === "base"
        ? { fail: ["ERROR: failed to solve: failed to push r.example/shop/base:build-1: denied"] }
        : undefined;
    const { services } = await world.release(version);
    expect(services[0]).toMatchObject({
      code: "credentials",
      hint: "run `docker login r.example` with an account that may write r.example/shop/base",
    });
    expect(exitCodeOfServices(services)).toBe(4);
    expect(world.builds().toSorted()).toEqual(["base linux/amd64", "web linux/amd64"]);
  });
});

describe("a version that exists", () => {
  test("from the same commit is finished, without a plan or a build", async () => {
    const world = await makeShop();
    await world.release(version);
    world.forget();
    const again = await world.release(version);
    expect(again).toMatchObject({ state: "already", plan: null });
    expect(world.builds()).toEqual([]);
  });

  test("from another commit with the same inputs is the same release", async () => {
    const world = await makeShop();
    await world.release(version);
    await world.repository.commit({ "README.md": "more" });
    expect((await world.release(version)).state).toBe("already");
  });

  test("from a commit that this clone has not got is the same release; its notes do without commits, and say so", async () => {
    const world = await makeShop();
    const { repository } = world;
    await world.release(version);
    await repository.git("commit", "--amend", "-m", "written again");
    await repository.git("reflog", "expire", "--expire=now", "--all");
    await repository.git("gc", "-q", "--prune=now");
    world.forget();
    const again = await world.release(version);
    expect(again.state).toBe("already");
    expect(again.notes).toContain("web");
    const commit = again.releases[0]?.manifest.commit;
    expect(world.events).toContainEqual({
      kind: "warning",
      message: `the notes name no commits: ${commit} is not in this clone; \`git fetch\` may bring it`,
    });
  });

  test("from another commit with other inputs is refused before anything is built", async () => {
    const world = await makeShop();
    await world.release(version);
    world.forget();
    await world.repository.commit({ "web/index.html": "web 2" });
    await expect(world.release(version)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("since then web changed"),
    });
    expect(world.builds()).toEqual([]);
  });

  test("from the same commit is refused when the working tree has other content now", async () => {
    const world = await makeShop();
    await world.release(version);
    world.forget();
    await world.repository.write({ "web/index.html": "web 2" });
    await expect(world.release({ ...version, allowDirty: true })).rejects.toMatchObject({ code: "refused" });
    expect(world.builds()).toEqual([]);
  });

  test("from the same commit is refused when it does not have the services that are asked for", async () => {
    const world = await makeShop();
    await world.release({ ...version, only: ["web"] });
    await expect(world.release(version)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(/1\.0\.0 exists with other content: it was released from .*, without base, api/),
    });
  });
});

describe("a working tree with changes", () => {
  test("is not released", async () => {
    const world = await makeShop();
    await world.repository.write({ "web/index.html": "web 2" });
    await expect(world.release(version)).rejects.toMatchObject({ code: "repository" });
    expect(world.memory.count({ method: "PUT", repository: "shop/releases" })).toBe(0);
  });
});

describe("some of the services", () => {
  test("are released: the rest keeps what the last release had, and gets the version's tag", async () => {
    const world = await makeShop();
    const first = await world.release(version);
    world.forget();
    await world.repository.commit({ "web/index.html": "web 2", "base/lib.txt": "lib 2" });
    const second = await world.release({ version: "1.0.1", only: ["web"] });
    expect(world.builds()).toEqual(["web linux/amd64"]);
    const services = second.releases[0]?.manifest.services ?? [];
    expect(services.map(({ service, origin }) => `${service} ${origin}`)).toEqual([
      "api kept",
      "base kept",
      "web built",
    ]);
    expect(world.tags("shop/api")["1.0.1"]).toBe(world.digest(first, "api"));
  });

  test("need others: those are built too, but not released", async () => {
    const world = await makeShop();
    const first = await world.release(version);
    world.forget();
    await world.repository.commit({ "base/lib.txt": "lib 2" });
    const second = await world.release({ version: "1.0.1", only: ["api"] });
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
    expect(world.digest(second, "base")).toBe(world.digest(first, "base"));
    expect(world.digest(second, "api")).not.toBe(world.digest(first, "api"));
  });

  test("are released though the others' Dockerfiles cannot be read now", async () => {
    const world = await makeShop();
    await world.release(version);
    await world.repository.commit({ "web/index.html": "web 2", "api/Dockerfile": "FROM base\nCOPY nothing.txt /\n" });
    const second = await world.release({ version: "1.0.1", only: ["web"] });
    expect(second.state).toBe("released");
    expect(second.notes).toContain("web");
  });
});

describe("a branch", () => {
  test("the same commit again with the same images is no new release", async () => {
    const world = await makeShop();
    const first = await world.release();
    expect(first.releases[0]?.manifest.subject).toMatchObject({ kind: "branch", branch: "main", revision: 1 });
    expect((await world.release()).state).toBe("already");
    expect(world.tags("shop/web")["main"]).toBe(world.digest(first, "web"));
  });

  test("the same commit with other images, because a base moved, is its next revision", async () => {
    const world = await makeShop();
    const first = await world.release();
    await world.moveBase("os 2");
    const second = await world.release();
    expect(second.state).toBe("released");
    expect(second.releases[0]?.manifest.subject).toMatchObject({ kind: "branch", revision: 2 });
    expect(world.tags("shop/web")["main"]).toBe(world.digest(second, "web"));
    expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
    expect((await world.release()).state).toBe("already");
  });
});

describe("several image names", () => {
  const twice = settings.replace(
    "images: reg.test/shop/{service}",
    'images: ["reg.test/shop/{service}", "reg.test/copies/{service}"]',
  );

  test("the further ones get whole copies and the same tags", async () => {
    const world = await makeShop({ "slipway.yaml": twice });
    const result = await world.release(version);
    expect(visible(world)["copies/web"]?.toSorted()).toEqual(visible(world)["shop/web"]?.toSorted());
    expect(world.tags("copies/web")["latest"]).toBe(world.digest(result, "web"));
  });

  test("a copy that lost a part is made whole before its tags move", async () => {
    const world = await makeShop({ "slipway.yaml": twice });
    const first = await world.release(version);
    const child = first.releases[0]?.manifest.services.find(({ service }) => service === "web")?.platforms[0]?.digest;
    expect(child !== undefined && world.memory.deleteManifest("copies/web", child)).toBe(true);
    await world.repository.commit({ "README.md": "more" });
    await world.release({ version: "1.0.1" });
    expect(world.memory.snapshot()["copies/web"]?.manifests).toContain(child);
  });
});

describe("release groups", () => {
  const groups = `${settings}groups:\n  edge: { services: [web] }\n`;

  test("a version is one group's, the other keeps its tags", async () => {
    const world = await makeShop({ "slipway.yaml": groups });
    await expect(world.release(version)).rejects.toMatchObject({ code: "usage" });
    const result = await world.release({ ...version, group: "edge" });
    expect(result.releases.map(({ manifest }) => manifest.services.map(({ service }) => service))).toEqual([["web"]]);
    expect(world.builds()).toEqual(["web linux/amd64"]);
    expect(visible(world)["shop/api"] ?? []).toEqual([]);
  });

  test("a branch is every group's", async () => {
    const world = await makeShop({ "slipway.yaml": groups });
    const result = await world.release();
    expect(result.releases.map(({ manifest }) => manifest.group).toSorted()).toEqual(["default", "edge"]);
  });

  test("some services of a branch leave groups that have none of them alone", async () => {
    const world = await makeShop({ "slipway.yaml": groups });
    const result = await world.release({ only: ["web"] });
    expect(result.releases.map(({ manifest }) => manifest.group)).toEqual(["edge"]);
  });
});

describe("interrupted", () => {
  test("during builds: they are ended, nothing visible is there, and no folder is left behind", async () => {
    const world = await makeShop();
    const host = world.host();
    world.docker.plan = () => {
      setImmediate(() => host.interrupt());
      return { meanwhile: () => new Promise(() => undefined) };
    };
    await expect(world.release(version, host)).rejects.toMatchObject({ code: "interrupted" });
    expect(Object.values(visible(world)).flat()).toEqual(["1"]);
    expect(world.events.filter(({ kind }) => kind === "solve-started").length).toBe(world.builds().length);
    expect(world.builds().length).toBeGreaterThan(0);
    expect(readdirSync(join(world.repository.root, ".git/slipway/stage"))).toEqual([]);
  });

  test.each(["plan", "build", "commit", "promote"] as const)(
    "at the beginning of %s: the same command finishes it",
    async (phase) => {
      const world = await makeShop();
      const host = world.host();
      world.onEvent = (event) => {
        if (event.kind === "phase" && event.phase === phase) host.interrupt();
      };
      await expect(world.release(version, host)).rejects.toMatchObject({ code: "interrupted" });
      world.onEvent = undefined;
      const again = await world.release(version);
      expect(["released", "already"]).toContain(again.state);
      expect(world.tags("shop/web")["latest"]).toBe(world.digest(again, "web"));
    },
  );
});

describe("versions that differ in build metadata only", () => {
  test("have no order: moving tags follow the one that was released last, and what is said of it is true", async () => {
    const world = await makeShop();
    const { repository } = world;
    const first = await world.release({ version: "1.2.3+9" });
    await repository.commit({ "web/index.html": "web 2" });
    const second = await world.release({ version: "1.2.3+10" });
    expect(second.releases[0]?.manifest.previous?.record).toBe("1.2.3_9");
    expect(world.tags("shop/web")["latest"]).toBe(world.digest(second, "web"));
    await repository.git("checkout", "-q", "HEAD~1");
    world.forget();
    expect((await world.release({ version: "1.2.3+9" })).state).toBe("already");
    expect(world.tags("shop/web")["latest"]).toBe(world.digest(second, "web"));
    expect(stays(world)["shop/web:latest"]).toBe(
      "1.2.3+10 was released later, and build metadata does not order versions",
    );
    const back = await world.rollback("1.2.3+9");
    expect(back.to).toBe("1.2.3+9");
    expect(world.tags("shop/web")["latest"]).toBe(world.digest(first, "web"));
    const { rollbacks, tags } = await status({ host: world.host() });
    expect([rollbacks.map(({ to }) => to), new Set(tags.map(({ release }) => release))]).toEqual([
      ["1.2.3+9"],
      new Set(["1.2.3+9", "1.2.3+10"]),
    ]);
    await repository.git("checkout", "-q", "main");
    const last = await world.release({ version: "1.2.3+1" });
    expect(world.tags("shop/web")["latest"]).toBe(world.digest(last, "web"));
  });

  test("are named as they were given, also where a tag cannot spell them", async () => {
    const world = await makeShop();
    const result = await world.release({ version: "1.2.3+9" });
    expect(renderReleaseResult(result, makeStyle(false), true)).toMatch(/^released 1\.2\.3\+9\n/);
    expect(world.events).toContainEqual(expect.objectContaining({ kind: "committed", release: "1.2.3+9" }));
    await world.repository.commit({ "web/index.html": "web 2" });
    const later = await world.release({ version: "1.2.2", dryRun: true });
    expect(new Set(later.tags.map(({ tag, release, action }) => `${tag} ${action} ${release}`))).toEqual(
      new Set(["1.2.2 create 1.2.2", "1.2 stay 1.2.3+9", "1 stay 1.2.3+9", "latest stay 1.2.3+9"]),
    );
  });
});

/** Why each tag stays where it is, as the commands told since the last `forget`. */
function stays(world: Shop): Record<string, string | undefined> {
  return Object.fromEntries(
    world.events.flatMap((event) =>
      event.kind === "tag" && event.state === "stays"
        ? [[`${event.image}:${event.tag}`.replace("reg.test/", ""), event.because]]
        : [],
    ),
  );
}

describe("two branches that share a tag", () => {
  test("the one with more commits behind it has it, and the other hears of that branch", async () => {
    const world = await makeShop();
    const { repository } = world;
    await repository.git("checkout", "-q", "-b", "feat-x");
    await repository.commit({ "web/index.html": "web 2" });
    await repository.commit({ "web/index.html": "web 3" });
    const first = await world.release();
    await repository.git("checkout", "-q", "-b", "feat/x", "main");
    await repository.commit({ "web/index.html": "web 4" });
    const dry = await world.release({ dryRun: true });
    world.forget();
    await world.release();
    expect(world.tags("shop/web")["feat-x"]).toBe(world.digest(first, "web"));
    const because = expect.stringMatching(/^branch "feat-x" gives it, too, and has more commits behind it \(branch\./);
    expect(stays(world)["shop/web:feat-x"]).toEqual(because);
    expect(dry.tags.find(({ image, tag }) => image === "reg.test/shop/web" && tag === "feat-x")).toMatchObject({
      action: "stay",
      because,
    });
  });
});

describe("a dry run", () => {
  /** What is said of the tags of web. */
  async function ofWeb(world: Shop, options: Parameters<Shop["release"]>[0]): Promise<Record<string, string>> {
    const { tags } = await world.release({ ...options, dryRun: true });
    return Object.fromEntries(tags.filter(({ service }) => service === "web").map(({ tag, action }) => [tag, action]));
  }

  test("says of each tag what the release would do to it", async () => {
    const world = await makeShop();
    expect(await ofWeb(world, version)).toEqual({
      "1.0.0": "create",
      "1.0": "create",
      "1": "create",
      latest: "create",
    });
    await world.release(version);
    expect(await ofWeb(world, version)).toEqual({
      "1.0.0": "already",
      "1.0": "already",
      "1": "already",
      latest: "already",
    });
    await world.repository.commit({ "api/src/main.txt": "api 2" });
    expect(await ofWeb(world, { version: "1.1.0" })).toEqual({
      "1.1.0": "create",
      "1.1": "create",
      "1": "already",
      latest: "already",
    });
    await world.repository.commit({ "web/index.html": "web 2" });
    expect(await ofWeb(world, { version: "1.1.0" })).toEqual({
      "1.1.0": "create",
      "1.1": "create",
      "1": "move",
      latest: "move",
    });
    expect(await ofWeb(world, { version: "0.9.0" })).toEqual({ "0.9.0": "create", "0.9": "create", latest: "stay" });
  });

  test("refuses what the release would refuse: a version with other content, and a tag that somebody else pushed", async () => {
    const world = await makeShop();
    await world.release(version);
    await world.repository.commit({ "web/index.html": "web 2" });
    await expect(world.release({ ...version, dryRun: true })).rejects.toMatchObject({ code: "refused" });
    const other = world.memory.snapshot()["shop/web"]?.tags["1.0.0"];
    if (other !== undefined) world.memory.setTag("shop/web", "1.1.0", other);
    await expect(world.release({ version: "1.1.0", dryRun: true })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(
        /web: reg\.test\/shop\/web:1\.1\.0 is sha256:[0-9a-f]+, this release builds another image/,
      ),
    });
  });

  test("serves where the release itself would not run, and says that it would not", async () => {
    const world = await makeShop();
    await world.repository.write({ "web/index.html": "not committed" });
    expect((await world.release({ ...version, dryRun: true })).state).toBe("dry-run");
    expect(world.events).toContainEqual({
      kind: "warning",
      message: expect.stringContaining("the release would be refused here: the working tree has changes"),
    });
  });

  test("says what would be built and where tags would go, and writes nothing", async () => {
    const world = await makeShop();
    world.forget();
    const result = await world.release({ ...version, dryRun: true });
    expect(result.state).toBe("dry-run");
    expect(result.tags.map(({ service, tag, action }) => `${service} ${tag} ${action}`)).toContain("web latest create");
    expect(world.memory.log.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });
});

describe("what may not be pushed to is said before anything is built", () => {
  const denied =
    (repositories: readonly string[]): FaultRule =>
    (request) =>
      request.method === "POST" && repositories.includes(request.repository ?? "")
        ? ({ kind: "status", status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' } as const)
        : undefined;

  test.each([
    ["an image name", ["shop/web"]],
    ["the repository of the releases", ["shop/releases"]],
    ["the further name of a service that is not built", ["other/base"]],
  ])("%s", async (_, repositories) => {
    const world = await makeShop({
      "slipway.yaml": settings.replace(
        "    context: base\n",
        "    context: base\n    images: [reg.test/shop/base, reg.test/other/base]\n",
      ),
    });
    world.memory.clearLog();
    world.memory.setFaults(denied(repositories));
    const error = await world.release({ version: "1.0.0" }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "credentials" });
    expect(String(error)).toContain(`looking whether reg.test/${repositories[0]} can be pushed to`);
    expect(world.builds()).toEqual([]);
    expect(world.memory.count({ method: "PUT" })).toBe(0);
  });

  test("all of them are named at once", async () => {
    const world = await makeShop();
    world.memory.setFaults(denied(["shop/web", "shop/releases"]));
    await expect(world.release({ version: "1.0.0" })).rejects.toThrow(
      /shop\/releases can be pushed to.*; the same for reg\.test\/shop\/web$/,
    );
  });

  test("a build looks at where it pushes, and a run that reuses everything asks nothing", async () => {
    const world = await makeShop();
    world.memory.setFaults(denied(["shop/api"]));
    await expect(world.build({ services: ["api"] })).rejects.toMatchObject({ code: "credentials" });
    expect(world.builds()).toEqual([]);
    world.memory.setFaults(undefined);
    await world.release({ version: "1.0.0" });
    world.memory.clearLog();
    await world.release({ version: "1.0.1" });
    expect(world.memory.count({ method: "POST", kind: "upload", reference: "" })).toBeLessThanOrEqual(1);
  });
});
