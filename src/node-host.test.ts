import { expect, test } from "vitest";
import { makeNodeHost } from "./node-host.ts";

/** Runs a shell script until it has written a line, then interrupts; what became of it, and after how many milliseconds. */
async function interrupt(script: string, killAfterSeconds: number): Promise<{ error: unknown; after: number }> {
  const stop = new AbortController();
  const host = makeNodeHost({ signal: stop.signal });
  let stopped = 0;
  const error = await host
    .run("sh", ["-c", script], {
      killAfterSeconds,
      onStdoutLine: () => {
        stopped = performance.now();
        stop.abort();
      },
    })
    .catch((thrown: unknown) => thrown);
  return { error, after: performance.now() - stopped };
}

test("an interrupted program is asked to end, and gets the time to do so", async () => {
  const { error, after } = await interrupt("trap 'exit 3' INT; echo ready; while :; do sleep 0.05; done", 10);
  expect(error).toMatchObject({ code: "interrupted", message: "interrupted while running sh" });
  expect(after).toBeLessThan(5000);
});

test("a program that does not end is killed; what it started and what holds its output is not waited for", async () => {
  const { error, after } = await interrupt("trap '' INT; sleep 8 & echo ready; while :; do sleep 0.05; done", 0.1);
  expect(error).toMatchObject({ code: "interrupted" });
  expect(after).toBeLessThan(5000);
});

test("a terminal that nobody sized, which says 0, is 80 by 24", () => {
  const { columns, rows } = process.stdout;
  try {
    Object.assign(process.stdout, { columns: 0, rows: 0 });
    const { stdout } = makeNodeHost();
    expect([stdout.columns, stdout.rows]).toEqual([80, 24]);
  } finally {
    Object.assign(process.stdout, { columns, rows });
  }
});

test("nothing is started once the run is interrupted", async () => {
  const stop = new AbortController();
  stop.abort();
  const run = makeNodeHost({ signal: stop.signal }).run("sh", ["-c", "exit 0"]);
  await expect(run).rejects.toMatchObject({ code: "interrupted" });
});

test("a program that is not there is unavailable, one that fails is an answer", async () => {
  const host = makeNodeHost();
  await expect(host.run("slipway-no-such-program", [])).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("is not installed or not in PATH"),
  });
  const { exitCode, stderr } = await host.run("sh", ["-c", "echo no >&2; exit 3"]);
  expect([exitCode, stderr]).toEqual([3, "no\n"]);
});
