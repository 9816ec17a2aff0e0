import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SlipwayError } from "../../errors.ts";
import type { AttachOptions } from "../../host.ts";
import { readJournal, writeStandInSettings } from "../../plugin/job-folder.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { runStandIn } from "./run-stand-in.ts";

interface Job {
  readonly inputs?: Readonly<Record<string, string>>;
  /** What Docker's own plugin ends with. */
  readonly exitCode?: number;
  readonly isOver?: boolean;
}

/** A job with a folder to build, and the calls of Docker's own plugin. */
async function makeJob({ inputs = {}, exitCode = 0, isOver = false }: Job = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "slipway-stand-in-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "Dockerfile"), "FROM scratch\n");
  const folder = join(cwd, "job");
  if (!isOver) await writeStandInSettings(folder, { real: "/real", since: "", inputs, env: {} });
  const calls: { readonly args: readonly string[]; readonly options: AttachOptions | undefined }[] = [];
  const host = makeTestHost({
    cwd,
    attach: async (program, args, options) => {
      calls.push({ args: [program, ...args], options });
      return exitCode;
    },
  });
  const run = (...args: readonly string[]) => runStandIn(host, { args, real: "/real", folder });
  return { host, calls, run, journal: () => readJournal(folder) };
}

test("a build gets the caller's arguments and its exit code, and is noted", async () => {
  const { calls, run, journal } = await makeJob({ exitCode: 3 });
  expect(await run("buildx", "--builder", "own", "b", "-t", "x:1", ".")).toBe(3);
  const [{ args, options } = { args: [], options: {} }] = calls;
  expect(args).toEqual([
    "/real",
    "buildx",
    "build",
    "--metadata-file",
    expect.any(String),
    "--builder",
    "own",
    "-t",
    "x:1",
    ".",
  ]);
  // Nobody asked for the file, so buildx need not say that it looks up what it writes there.
  expect(options?.env).toMatchObject({ BUILDX_METADATA_PROVENANCE: "disabled" });
  expect(await journal()).toMatchObject([{ name: "x:1", tags: ["x:1"], outcome: "failed", isPushed: false }]);
});

test("a metadata file of the caller's own is written as buildx does by itself", async () => {
  const { calls, run } = await makeJob();
  await run("buildx", "build", "--metadata-file", "m.json", ".");
  expect(calls[0]?.options?.env).not.toHaveProperty("BUILDX_METADATA_PROVENANCE");
});

test("a build that pushes by itself is noted as pushed", async () => {
  const { run, journal } = await makeJob();
  await run("buildx", "build", "--push", "-t", "reg.test/x:1", ".");
  expect(await journal()).toMatchObject([{ outcome: "built", isPushed: true }]);
});

test("planning that fails leads to the build that was asked for, once", async () => {
  const { calls, run, journal } = await makeJob({ inputs: { reuse: "on" } });
  expect(await run("buildx", "build", "--output", '"', ".")).toBe(0);
  expect(calls).toHaveLength(1);
  expect(await journal()).toHaveLength(1);
});

test("a job that is over builds plainly", async () => {
  const { calls, run } = await makeJob({ isOver: true });
  expect(await run("buildx", "build", ".")).toBe(0);
  expect(calls.map(({ args }) => args)).toEqual([["/real", "buildx", "build", "."]]);
});

test("a build that is interrupted ends with 130, and says nothing", async () => {
  const { host, run } = await makeJob();
  Object.assign(host, {
    attach: () => Promise.reject(new SlipwayError("interrupted", "interrupted")),
  });
  expect(await run("buildx", "build", ".")).toBe(130);
  expect(host.printed.stderr).toBe("");
});
