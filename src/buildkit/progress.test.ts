import { describe, expect, test } from "vitest";
import type { Event } from "../event.ts";
import type { CacheEntry } from "../model/cache-entry.ts";
import { explainFailure } from "./failure.ts";
import { makeProgress, type Progress, type ProgressOptions } from "./progress.ts";
import { makeRedact } from "./redact.ts";
import { readRecording, type Recording } from "./testing/fixtures.ts";
import { platformOf } from "./testing/request.ts";

const solve = { service: "api", platform: platformOf("linux/amd64") };
const registryCache: CacheEntry = {
  tier: "registry",
  attributes: { type: "registry", ref: "registry.example/shop/fx:cache-linux-amd64" },
};
const gha: CacheEntry = { tier: "gha", attributes: { type: "gha", scope: "a" } };

function replay(recording: Recording, options: Partial<ProgressOptions> = {}): { progress: Progress; events: Event[] } {
  const progress = makeProgress({
    solve,
    dockerfile: "api/Dockerfile",
    cacheFrom: [],
    cacheTo: [],
    redact: makeRedact([]),
    ...options,
  });
  return { progress, events: readRecording(recording).flatMap((line) => progress.read(line)) };
}

/** Events without what is in all of them, and without durations. */
function tell(events: readonly Event[]): string[] {
  return events.map((event) => {
    if (event.kind === "vertex") return `${event.state} ${event.name}`;
    if (event.kind === "log") return `| ${event.line}`;
    if (event.kind === "cache") return `cache ${event.use.tier} ${event.use.direction} ${event.use.state}`;
    return event.kind === "warning" ? event.message : event.kind;
  });
}

describe("the progress of a solve", () => {
  test("that builds is told vertex by vertex, with whole log lines, without BuildKit's own vertexes", () => {
    const { events, progress } = replay("built", { cacheFrom: [registryCache], cacheTo: [registryCache] });
    const told = tell(events).map((line) => line.replace(/echo one \d+/, "echo one").replace(/^\| one \d+/, "| one"));
    expect(told).toEqual([
      "started importing cache manifest from registry.example/shop/fx:cache-linux-amd64",
      "cache registry import missing",
      "done importing cache manifest from registry.example/shop/fx:cache-linux-amd64",
      "started [base 1/2] COPY busybox /bin/busybox",
      "cached [base 1/2] COPY busybox /bin/busybox",
      "started [base 2/2] RUN echo one; sleep 0.2; echo two >&2",
      "| one",
      "| two",
      "done [base 2/2] RUN echo one; sleep 0.2; echo two >&2",
      "started [stage-1 1/3] WORKDIR /app",
      "done [stage-1 1/3] WORKDIR /app",
      "started [stage-1 2/3] COPY a.txt .",
      "done [stage-1 2/3] COPY a.txt .",
      "started [stage-1 3/3] RUN echo hello you",
      "| hello you",
      "done [stage-1 3/3] RUN echo hello you",
      "started exporting to image",
      "done exporting to image",
      "started exporting cache to registry",
      "cache registry export used",
      "done exporting cache to registry",
    ]);
    expect(progress.counts()).toMatchObject({ cachedVertices: 1, ranVertices: 4 });
    expect(progress.finish()).toEqual([]);
  });

  test("gives how long an instruction took, in seconds", () => {
    const ended = replay("built").events.find(
      (event) => event.kind === "vertex" && event.state === "done" && event.name.startsWith("[base 2/2]"),
    );
    expect(ended).toMatchObject({ seconds: expect.closeTo(0.33, 1) });
  });

  test("that finds everything in a cache counts it, and an export that fails is a fault of the cache alone", () => {
    const { events, progress } = replay("cached", { cacheFrom: [registryCache], cacheTo: [registryCache] });
    expect(progress.counts()).toMatchObject({ cachedVertices: 5, ranVertices: 0 });
    expect(progress.cacheUses()).toMatchObject([
      { tier: "registry", direction: "import", state: "used", reference: registryCache.attributes["ref"] },
      {
        tier: "registry",
        direction: "export",
        state: "failed",
        because: expect.stringContaining("connection refused"),
      },
    ]);
    expect(tell(events).filter((line) => line.startsWith("failed"))).toEqual([]);
  });

  test("names a gha cache by its scope", () => {
    const { progress } = replay("gha-down", { cacheFrom: [gha], cacheTo: [gha] });
    expect(
      progress.cacheUses().map(({ tier, direction, state, reference }) => [tier, direction, state, reference]),
    ).toEqual([
      ["gha", "import", "failed", "gha:a"],
      ["gha", "export", "failed", "gha:a"],
    ]);
  });

  test("tells at its end of caches that it did not speak of", () => {
    const inline: CacheEntry = { tier: "inline", attributes: { type: "inline" } };
    const { progress } = replay("cached", { cacheFrom: [registryCache, gha], cacheTo: [registryCache, inline] });
    expect(tell(progress.finish())).toEqual(["cache gha import left-out", "cache inline export used"]);
  });

  test("counts the bytes that it fetched from a cache, and the layers that it wrote to one", () => {
    const { progress } = replay("cache-fetched", { cacheFrom: [gha], cacheTo: [gha] });
    expect(progress.counts()).toEqual({ cachedVertices: 4, ranVertices: 1, cachedBytes: 67_580_832 });
    expect(progress.cacheUses().map(({ direction, state, layers }) => [direction, state, layers])).toEqual([
      ["import", "used", undefined],
      ["export", "used", 1],
    ]);
  });

  test("that fails gives the instruction, its exit code, its line and its last words", () => {
    const { progress } = replay("failed-run");
    const facts = progress.failure(1);
    expect(explainFailure(facts)).toEqual({
      because: "RUN echo before && echo more; for i in 1 2 3; do echo line $i; done; exit 7: exit code 7",
      errorKind: "build-failed",
      transient: false,
      line: 6,
    });
    expect(facts.log).toEqual(["before", "more", "line 1", "line 2", "line 3"]);
  });

  test.each<[Recording, string, number | undefined, string, boolean]>([
    ["failed-copy", 'COPY nothing /x: "/nothing": not found', 2, "build-failed", false],
    [
      "failed-syntax",
      "dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)",
      2,
      "build-failed",
      false,
    ],
    [
      "missing-base",
      "registry.example/nothing/here:1: failed to resolve source metadata for registry.example/nothing/here:1: registry.example/nothing/here:1: not found",
      1,
      "build-failed",
      false,
    ],
    [
      "push-502",
      "exporting to image: failed to push registry.example/shop/p:1: denied: no",
      undefined,
      "build-unavailable",
      true,
    ],
    [
      "push-denied",
      "exporting to image: failed to push registry.example/shop/q:1: denied: denied",
      undefined,
      "registry-denied",
      false,
    ],
  ])("%s is explained in one line", (recording, because, line, errorKind, transient) => {
    expect(explainFailure(replay(recording).progress.failure(1))).toMatchObject({
      because,
      line,
      errorKind,
      transient,
    });
  });

  test("does not take a cache that is not there for the reason why an instruction failed", () => {
    const { progress } = replay("built", { cacheFrom: [registryCache] });
    const failing = readRecording("failed-run").flatMap((line) => progress.read(line));
    expect(failing.length).toBeGreaterThan(0);
    expect(explainFailure(progress.failure(1)).because).toMatch(/^RUN echo before .* exit code 7$/);
  });

  test("keeps secrets out of every event and of the failure", () => {
    const secrets = ["s3cr3tvalue", "filesecret\nsecondline"];
    const { events, progress } = replay("secret", { redact: makeRedact(secrets) });
    const failure = progress.failure(1);
    expect(failure.log).toEqual(["got ***", "***", "***"]);
    const everything = JSON.stringify([events, failure, explainFailure(failure)]);
    expect(everything).not.toMatch(/s3cr3tvalue|filesecret|secondline/);
  });

  test("turns build checks into warnings with the line of the Dockerfile", () => {
    const { events } = replay("warning");
    expect(tell(events.filter((event) => event.kind === "warning"))).toEqual([
      "api/Dockerfile:1: StageNameCasing: Stage name 'One' should be lowercase",
      "api/Dockerfile:3: StageNameCasing: Stage name 'Two' should be lowercase",
      "api/Dockerfile:1: ConsistentInstructionCasing: Command 'from' should match the case of the command majority (uppercase)",
    ]);
  });

  test("counts a cached layer that had to be fetched as cached", () => {
    const { progress } = replay("cache-layer-gone");
    expect(progress.counts()).toMatchObject({ cachedVertices: 2, ranVertices: 1 });
  });
});

describe("log pieces", () => {
  const vertex = "sha256:1";
  const line = (...pieces: readonly Uint8Array[]): string =>
    JSON.stringify({ logs: pieces.map((data) => ({ vertex, stream: 1, data: Buffer.from(data).toString("base64") })) });
  const end = JSON.stringify({
    vertexes: [
      { digest: vertex, name: "[1/1] RUN x", started: "2026-01-01T00:00:00Z", completed: "2026-01-01T00:00:02.5Z" },
    ],
  });
  const read = (...lines: readonly string[]): string[] => {
    const progress = makeProgress({
      solve,
      dockerfile: "Dockerfile",
      cacheFrom: [],
      cacheTo: [],
      redact: makeRedact(["secret"]),
    });
    return tell(lines.flatMap((each) => progress.read(each))).filter((each) => each.startsWith("|"));
  };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  test("are put together to lines, also within a character", () => {
    const text = bytes("grün\nblau\n");
    expect(read(line(text.slice(0, 3)), line(text.slice(3, 6)), line(text.slice(6)))).toEqual(["| grün", "| blau"]);
  });

  test("that hold a secret cut in two are redacted", () => {
    expect(read(line(bytes("a sec")), line(bytes("ret\n")))).toEqual(["| a ***"]);
  });

  test("without a line end are told when the instruction ends", () => {
    expect(read(line(bytes("half")), end)).toEqual(["| half"]);
  });

  test("of progress bars leave what was seen last, without colours", () => {
    expect(read(line(bytes("10%\r50%\r\u001B[32m100%\u001B[0m\r\n")))).toEqual(["| 100%"]);
  });
});
