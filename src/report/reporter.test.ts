import { describe, expect, test } from "vitest";
import type { Event } from "../event.ts";
import { digestOf } from "../model/digest.ts";
import { buildScript, amd64, makeTestStep, releaseScript } from "./testing/script.ts";
import { makeStage, type Stage } from "./testing/play.ts";
import { withoutSequences } from "../formats/terminal-text.ts";

/** Plays a script; what `at` says is called when that many seconds have gone by. */
function play(stage: Stage, script: readonly (number | Event)[]): void {
  for (const each of script) {
    if (typeof each === "number") stage.wait(each);
    else stage.emit(each);
  }
}

/** The terminal after every wait of a script, and at the end. */
function screens(stage: Stage, script: readonly (number | Event)[], show: () => string): string {
  const seen: string[] = [];
  for (const each of script) {
    if (typeof each === "number") {
      stage.wait(each);
      seen.push(`===== after ${(stage.host.monotonic() / 1000).toFixed(1)} s\n${show()}`);
    } else stage.emit(each);
  }
  stage.reporter.close();
  return `${[...seen, `===== at the end\n${show()}`].join("\n\n")}\n`;
}

const silent = 40;
const longBuild: readonly (number | Event)[] = [
  { kind: "phase", phase: "build" },
  { kind: "solve-started", service: "api", platform: amd64 },
  { kind: "vertex", service: "api", platform: amd64, name: "[2/3] RUN make", state: "started", seconds: 0 },
  silent,
  silent,
];

describe("the live view", () => {
  test.each([
    ["a build", "live-build", buildScript],
    ["a release", "live-release", releaseScript],
  ])("shows %s as it goes on and what came of it", async (_what, name, script) => {
    const stage = makeStage();
    await expect(screens(stage, script, stage.terminal.text)).toMatchFileSnapshot(`golden/${name}.golden.txt`);
  });

  test("uses few colours", async () => {
    const stage = makeStage({ color: true });
    await expect(screens(stage, buildScript, stage.terminal.coloredText)).toMatchFileSnapshot(
      "golden/live-color.golden.txt",
    );
  });

  test("shows the same with and without colours", () => {
    const colored = makeStage({ color: true });
    const plain = makeStage({ color: false });
    expect(screens(colored, buildScript, colored.terminal.text)).toBe(screens(plain, buildScript, plain.terminal.text));
  });

  test("keeps to ASCII where the locale is not UTF-8", async () => {
    const stage = makeStage({ env: { LANG: "C" } });
    play(stage, buildScript);
    stage.reporter.close();
    expect(stage.terminal.text()).toMatch(/^[\x20-\x7e\n]+$/);
  });

  test("writes nothing between two ticks but what stays, however many events come", () => {
    const stage = makeStage();
    play(stage, buildScript.slice(0, 10));
    stage.wait(0.1);
    const before = stage.terminal.writes;
    for (let at = 0; at < 1000; at++) stage.emit({ kind: "log", service: "web", platform: amd64, line: `line ${at}` });
    expect(stage.terminal.writes).toBe(before);
    stage.wait(0.1);
    expect(stage.terminal.writes).toBe(before + 1);
  });

  test("keeps what it prints above itself, whole, in one write with the next redraw", () => {
    const stage = makeStage({ columns: 40, rows: 100 });
    startMany(stage, 6);
    stage.wait(0.1);
    const before = stage.terminal.writes;
    for (const length of [1, 30, 31, 32, 80, 111]) stage.emit({ kind: "warning", message: "x".repeat(length) });
    expect(stage.terminal.writes).toBe(before);
    stage.wait(0.1);
    expect(stage.terminal.writes).toBe(before + 1);
    const lines = stage.terminal.text().split("\n");
    expect(lines.length).toBe(1 + 1 + 1 + 2 + 3 + 3 + 8);
    expect(lines.join("").match(/x+/g)?.join("").length).toBe(1 + 30 + 31 + 32 + 80 + 111);
  });

  test("is never wider than the terminal", () => {
    for (const columns of [120, 80, 60, 40, 30, 20, 10, 3, 2]) {
      const stage = makeStage({ columns, rows: 100 });
      startMany(stage, 6);
      stage.wait(0.1);
      // A line that wrapped would need a second row.
      expect(stage.terminal.text().split("\n").length, `${columns} columns`).toBe(8);
      stage.wait(1);
      expect(stage.terminal.text().split("\n").length, `${columns} columns`).toBe(8);
    }
  });

  test("shows those that are being built first where services do not fit, and counts the others", async () => {
    const stage = makeStage({ rows: 10 });
    startMany(stage, 30);
    stage.wait(0.3);
    await expect(`${stage.terminal.view().join("\n").trimEnd()}\n`).toMatchFileSnapshot("golden/live-many.golden.txt");
  });

  test.each([1, 2, 3, 4, 5])("stays within a terminal of %i rows", (rows) => {
    const stage = makeStage({ rows });
    startMany(stage, 30);
    stage.wait(0.1);
    const shown = stage.terminal.text();
    stage.wait(0.1);
    expect(stage.terminal.text().split("\n").length).toBe(shown.split("\n").length);
    expect(shown.split("\n").length).toBeLessThanOrEqual(rows);
  });

  test("redraws in place after the terminal was made narrower, shorter and wider", () => {
    const stage = makeStage({ columns: 100, rows: 30 });
    startMany(stage, 8);
    stage.wait(0.5);
    for (const [columns, rows] of [
      [60, 30],
      [40, 20],
      [100, 20],
    ] as const) {
      stage.terminal.resize(columns, rows);
      stage.wait(0.2);
      const lines = stage.terminal.text().split("\n");
      expect(lines.filter((line) => line.includes("service-01")).length).toBe(1);
      expect(lines.length).toBe(10);
    }
  });

  test("hides the cursor while it draws and gives it back", () => {
    const stage = makeStage();
    play(stage, releaseScript.slice(0, 4));
    stage.wait(0.2);
    expect(stage.terminal.cursorIsHidden).toBe(true);
    stage.reporter.close();
    expect(stage.terminal.cursorIsHidden).toBe(false);
  });

  test("gives the cursor back at once when the person interrupts, and says that it is stopping", () => {
    const stage = makeStage();
    startMany(stage, 3);
    stage.wait(0.2);
    stage.host.interrupt();
    expect(stage.terminal.cursorIsHidden).toBe(false);
    stage.wait(0.2);
    expect(stage.terminal.cursorIsHidden).toBe(false);
    expect(stage.terminal.text()).toContain("stopping, as asked");
  });

  test("leaves nothing behind for a command that only plans", () => {
    const stage = makeStage();
    play(stage, buildScript.slice(0, 5));
    stage.wait(0.2);
    expect(stage.terminal.text()).toContain("planning");
    stage.reporter.close();
    expect(stage.terminal.text()).toBe("");
  });

  test("draws nothing after it was closed, and may be closed twice", () => {
    const stage = makeStage();
    play(stage, buildScript);
    stage.reporter.close();
    const before = stage.terminal.text();
    stage.reporter.close();
    stage.emit({ kind: "warning", message: "too late" });
    stage.wait(1);
    expect(stage.terminal.text()).toBe(before);
  });

  test("shows build logs above itself when asked, and no sequence of theirs reaches the terminal", () => {
    const stage = makeStage({ verbose: true });
    startMany(stage, 2);
    stage.wait(0.1);
    stage.emit({
      kind: "log",
      service: "service-01",
      platform: amd64,
      line: "10%\r\u001b[2J\u001b]0;title\u0007\u001b[1;31m100%\u001b[0m \u0008done",
    });
    stage.wait(0.1);
    expect(stage.terminal.text().split("\n")[0]).toBe("service-01 | 100% \\x08done");
  });
});

test("a failure names its instruction once, also where the reason does not", () => {
  const stage = makeStage({ mode: "quiet", columns: 1000 });
  const vertex = { kind: "vertex", platform: amd64, name: "[2/3] RUN make", state: "failed", seconds: 1 } as const;
  for (const [service, because] of [
    ["api", "RUN make: exit code 2"],
    ["web", "the engine went away"],
  ] as const) {
    stage.emit({ ...vertex, service });
    stage.emit({
      kind: "service-ended",
      service,
      outcome: { kind: "failed", errorKind: "build-failed", because, seconds: 1, log: [] },
    });
  }
  expect(stage.terminal.text().split("\n")).toEqual([
    "✗ api failed after 1.0 s",
    "  RUN make: exit code 2",
    "✗ web failed after 1.0 s",
    "  RUN make",
    "  the engine went away",
  ]);
});

describe("plain lines", () => {
  test.each([
    ["a build", "plain-build", buildScript, false],
    ["a build with its logs", "plain-verbose", buildScript, true],
    ["a release", "plain-release", releaseScript, false],
    ["a build that is silent for long", "plain-silent", longBuild, false],
  ])("tell %s", async (_what, name, script, verbose) => {
    const stage = makeStage({ mode: "plain", verbose, columns: 1000 });
    play(stage, script);
    stage.reporter.close();
    await expect(`${stage.terminal.text()}\n`).toMatchFileSnapshot(`golden/${name}.golden.txt`);
  });

  test("differ with colours in nothing but colours", () => {
    const written = (color: boolean): string => {
      const stage = makeStage({ mode: "plain", color, columns: 1000 });
      play(stage, buildScript);
      stage.reporter.close();
      return stage.terminal.written();
    };
    expect(written(true)).not.toBe(written(false));
    expect(withoutSequences(written(true))).toBe(written(false));
  });

  test("mention a silent solve every 30 seconds, and none that ended", () => {
    const stage = makeStage({ mode: "plain", columns: 1000 });
    play(stage, longBuild);
    const beats = (): number => stage.terminal.text().match(/still building/g)?.length ?? 0;
    expect(beats()).toBe(2);
    stage.emit({
      kind: "solve-ended",
      service: "api",
      platform: amd64,
      cachedVertices: 0,
      ranVertices: 1,
      cachedBytes: 0,
      seconds: 90,
    });
    stage.wait(120);
    expect(beats()).toBe(2);
  });
});

describe("the quiet mode", () => {
  test.each([
    ["a build", "quiet-build", buildScript],
    ["a release", "quiet-release", releaseScript],
  ])("tells only what failed in %s", async (_what, name, script) => {
    const stage = makeStage({ mode: "quiet", columns: 1000 });
    play(stage, script);
    stage.reporter.close();
    await expect(`${stage.terminal.text()}\n`).toMatchFileSnapshot(`golden/${name}.golden.txt`);
  });
});

/** So many services; the first three and the twentieth are being built. */
function startMany(stage: Stage, count: number): void {
  const names = Array.from({ length: count }, (_, at) => `service-${String(at + 1).padStart(2, "0")}`);
  const steps = names.map((name) => makeTestStep(name, "build", { kind: "forced" }));
  stage.emit({ kind: "planned", plan: { version: 1, commit: "c", steps }, seconds: 0 });
  stage.emit({ kind: "phase", phase: "build" });
  for (const at of [0, 1, 2, 19]) {
    const service = names[at];
    if (service !== undefined) stage.emit({ kind: "solve-started", service, platform: amd64 });
  }
  for (const service of names.slice(3, 5)) {
    stage.emit({ kind: "solve-started", service, platform: amd64 });
    stage.emit({
      kind: "service-ended",
      service,
      outcome: { kind: "built", digest: digestOf(service), seconds: 1, kept: false },
    });
  }
}
