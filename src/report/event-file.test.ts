import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeEventFile } from "./event-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-events-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("an events file", () => {
  test("holds one JSON object an event, with the time, whatever is in it", async () => {
    const host = makeTestHost();
    const path = join(folder, "new/folder/events.ndjson");
    const file = makeEventFile(path, host);
    file.emit({ kind: "phase", phase: "plan" });
    host.advance(1500);
    file.emit({ kind: "warning", message: "two\nlines \u2028 尺寸" });
    await file.close();
    file.emit({ kind: "phase", phase: "notes" });
    await file.close();
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.map((line) => (line === "" ? null : JSON.parse(line)))).toEqual([
      { at: "2026-01-01T00:00:00.000Z", kind: "phase", phase: "plan" },
      { at: "2026-01-01T00:00:01.500Z", kind: "warning", message: "two\nlines \u2028 尺寸" },
      null,
    ]);
  });

  test("begins anew in every run", async () => {
    const path = join(folder, "again.ndjson");
    for (const phase of ["plan", "build"] as const) {
      const file = makeEventFile(path, makeTestHost());
      file.emit({ kind: "phase", phase });
      await file.close();
    }
    expect(readFileSync(path, "utf8").trim().split("\n").length).toBe(1);
  });

  test("that cannot be made is a usage error with the path", () => {
    expect(() => makeEventFile(folder, makeTestHost())).toThrow(SlipwayError);
    expect(() => makeEventFile(folder, makeTestHost())).toThrow(`opening the events file "${folder}"`);
  });

  test("that can no longer be written to is told once and stops nothing", async () => {
    const path = join(folder, "full");
    symlinkSync("/dev/full", path);
    const host = makeTestHost();
    const file = makeEventFile(path, host);
    file.emit({ kind: "phase", phase: "plan" });
    file.emit({ kind: "phase", phase: "build" });
    await file.close();
    expect(host.printed.stderr).toMatch(/^warning: writing events to ".*full": .*ENOSPC.*\n$/);
  });

  test("holds whole lines when the program is killed", async () => {
    const path = join(folder, "killed.ndjson");
    const script = fileURLToPath(new URL("./testing/emit-for-ever.ts", import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
    const text = readFileSync(path, "utf8");
    const lines = text.split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});
