import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Event } from "../event.ts";
import { makeTestRepository, type TestRepository } from "../source/testing/repository.ts";
import { ensureRepository } from "./checkout.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A repository with two commits on a server, and a job's folder. */
async function makeJob() {
  const origin = await makeTestRepository({ "api/Dockerfile": "FROM scratch\n" });
  closing.push(origin.dispose);
  await origin.git("config", "uploadpack.allowFilter", "true");
  await origin.git("config", "uploadpack.allowAnySHA1InWant", "true");
  const first = await origin.git("rev-parse", "HEAD");
  const second = await origin.commit({ "api/app.txt": "2\n" });
  const folder = await mkdtemp(join(tmpdir(), "slipway-job-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const events: Event[] = [];
  const ensure = (commit: string, history: "none" | "commits" = "none"): Promise<void> =>
    ensureRepository(
      origin.host,
      { folder, url: `file://${origin.root}`, commit, ref: "refs/heads/main", history },
      (event) => events.push(event),
    );
  const git = (...args: string[]): Promise<string> => origin.git("-C", folder, ...args);
  return { origin, first, second, folder, ensure, git, warnings: () => events.flatMap(messageOf) };
}

function messageOf(event: Event): string[] {
  return event.kind === "warning" ? [event.message] : [];
}

/** What a step of a person does: a whole clone at one commit. */
async function checkOutByHand(origin: TestRepository, folder: string, ...args: string[]): Promise<void> {
  await origin.git("clone", "--quiet", ...args, `file://${origin.root}`, folder);
}

describe("a job's folder", () => {
  test("that is empty gets the trees of the run's commit", async () => {
    const { ensure, second, folder, git, warnings } = await makeJob();
    await ensure(second);
    expect(await git("rev-parse", "HEAD")).toBe(second);
    expect(await git("rev-parse", "--is-shallow-repository")).toBe("true");
    expect(await readdir(folder)).toEqual([".git"]);
    expect(warnings()).toEqual([]);
  });

  test("that an earlier step of the action filled is used again, and given its history where it needs one", async () => {
    const { ensure, second, folder, git } = await makeJob();
    await ensure(second);
    await writeFile(join(folder, "made.txt"), "by a step between\n");
    await ensure(second, "commits");
    expect(await git("rev-parse", "--is-shallow-repository")).toBe("false");
    expect(await git("rev-list", "--count", "HEAD")).toBe("2");
    expect(await readdir(folder)).toEqual([".git", "made.txt"]);
  });

  test("that an earlier run left on the same machine is emptied and filled anew", async () => {
    const { ensure, first, second, folder, git } = await makeJob();
    await ensure(first);
    await writeFile(join(folder, "left.txt"), "by that run\n");
    await ensure(second);
    expect(await git("rev-parse", "HEAD")).toBe(second);
    expect(await readdir(folder)).toEqual([".git"]);
  });

  test("in which a clone was interrupted is filled anew", async () => {
    const { ensure, second, git } = await makeJob();
    await git("init", "--quiet");
    await ensure(second);
    expect(await git("rev-parse", "HEAD")).toBe(second);
  });

  test("that a step of a person checked out is taken as it is, and a warning tells of another commit", async () => {
    const { origin, ensure, first, second, folder, git, warnings } = await makeJob();
    await checkOutByHand(origin, folder);
    await ensure(second);
    expect(warnings()).toEqual([]);
    expect(await readFile(join(folder, "api/app.txt"), "utf8")).toBe("2\n");
    await git("checkout", "--quiet", first);
    await ensure(second);
    expect(await git("rev-parse", "HEAD")).toBe(first);
    expect(warnings()).toEqual([
      `the job's folder holds ${first}, and not ${second}, which the run is for: it is taken as it is`,
    ]);
  });

  test("that holds another commit than the run's is not released, unless a step committed on top of that", async () => {
    const { origin, ensure, first, second, folder, git } = await makeJob();
    await checkOutByHand(origin, folder);
    await git("checkout", "--quiet", first);
    await expect(ensure(second, "commits")).rejects.toMatchObject({
      code: "repository",
      message: `the job's folder holds ${first}, and not ${second}, which the run is for`,
      hint: expect.stringContaining("check out the run's commit"),
    });
    await git("checkout", "--quiet", second);
    await ensure(first, "commits");
    expect(await git("rev-parse", "HEAD")).toBe(second);
  });

  test("that a step of a person checked out without history is given it for a release", async () => {
    const { origin, ensure, second, folder, git } = await makeJob();
    await checkOutByHand(origin, folder, "--depth=1");
    await ensure(second, "commits");
    expect(await git("rev-list", "--count", "HEAD")).toBe("2");
  });

  test("goes on without history that nobody gives", async () => {
    const { origin, ensure, second, folder, git, warnings } = await makeJob();
    await checkOutByHand(origin, folder, "--depth=1");
    await git("remote", "set-url", "origin", "file:///nowhere");
    await ensure(second, "commits");
    expect(warnings()).toEqual([expect.stringContaining("the history is cut off, and could not be fetched")]);
  });
});
