import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeRun } from "../../github/run.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { defaultDropInOptions } from "../drop-in/request.ts";
import { runScriptBake } from "./script-bake.ts";

const definition = {
  group: { default: { targets: ["api", "web"] } },
  target: {
    api: { context: ".", dockerfile: "Dockerfile", tags: ["reg.test/api:1"] },
    web: { context: ".", dockerfile: "Dockerfile", tags: ["reg.test/web:1"], output: [{ type: "registry" }] },
  },
};

/** A folder with a definition, and the calls of Docker's own buildx, which writes metadata where it is asked to. */
function makeScene({ printed = JSON.stringify(definition), exitCode = 0 } = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "slipway-bake-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "Dockerfile"), "FROM scratch\n");
  const calls: { readonly args: readonly string[]; readonly stdin: string | undefined }[] = [];
  const input = { isTTY: false, readLine: async () => undefined, readAll: async () => Buffer.from("from Compose") };
  const host = makeTestHost({ cwd, input });
  const run = (...argv: readonly string[]) =>
    runScriptBake(
      {
        host,
        run: makeRun({}, undefined),
        options: { ...defaultDropInOptions, reuse: "off" },
        runReal: async (args, { stdin } = {}) => {
          calls.push({ args, stdin: stdin === undefined ? undefined : Buffer.from(stdin).toString() });
          const file = args[args.indexOf("--metadata-file") + 1] ?? "";
          const built = Object.fromEntries(
            Object.keys(definition.target).map((name) => [name, { "containerimage.digest": name }]),
          );
          if (args.includes("--metadata-file")) writeFileSync(file, JSON.stringify(built));
          return exitCode;
        },
        printReal: async (args, { stdin } = {}) => {
          calls.push({ args, stdin: stdin === undefined ? undefined : Buffer.from(stdin).toString() });
          return { exitCode: printed === "" ? 1 : 0, stdout: Buffer.from(printed), stderr: "" };
        },
      },
      argv,
    );
  return { cwd, calls, run };
}

test("one bake builds all targets with the caller's arguments, and each is noted", async () => {
  const { cwd, calls, run } = makeScene();
  const { exitCode, notes } = await run(
    "--file",
    "-",
    "--progress",
    "rawjson",
    "--metadata-file",
    "m.json",
    "--set",
    "*.args.A=1",
  );
  expect(exitCode).toBe(0);
  expect(calls).toEqual([
    { args: ["bake", "--print", "--file", "-", "--set", "*.args.A=1"], stdin: "from Compose" },
    {
      args: [
        "bake",
        "--progress",
        "rawjson",
        "--metadata-file",
        expect.any(String),
        "--file",
        "-",
        "--set",
        "*.args.A=1",
      ],
      stdin: "from Compose",
    },
  ]);
  expect(JSON.parse(readFileSync(join(cwd, "m.json"), "utf8"))).toEqual({
    api: { "containerimage.digest": "api" },
    web: { "containerimage.digest": "web" },
  });
  expect(notes).toMatchObject([
    { name: "reg.test/api:1", outcome: "built", isPushed: false },
    { name: "reg.test/web:1", outcome: "built", isPushed: true },
  ]);
});

test("a bake that fails ends with buildx's exit code, after one try", async () => {
  const { calls, run } = makeScene({ exitCode: 7 });
  const { exitCode, notes } = await run("api");
  expect([exitCode, notes.map(({ outcome }) => outcome)]).toEqual([7, ["failed", "failed"]]);
  expect(calls).toHaveLength(2);
});

test.each([
  [["--teleport", "api"], "--teleport: Slipway does not know this flag of bake", 1],
  [["gone"], "bake does not print what it would build", 2],
])("bake %j is handed on as it is: %s", async (argv, because, count) => {
  const { calls, run } = makeScene({ printed: "" });
  const { notes } = await run(...argv);
  expect(calls).toHaveLength(count);
  expect(calls.at(-1)).toEqual({ args: ["bake", ...argv], stdin: undefined });
  expect(notes).toMatchObject([{ outcome: "passed", because }]);
});
