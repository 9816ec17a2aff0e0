import { expect, test } from "vitest";
import type { CacheUse, Event } from "../event.ts";
import { applyEvent, type Board, makeBoard } from "./board.ts";
import { renderCacheLines, renderCacheTables } from "./cache-summary.ts";
import type { Platform } from "../model/platform.ts";
import { testPlatform } from "../testing/test-image.ts";

const amd64 = testPlatform("linux/amd64");
const arm64 = testPlatform("linux/arm64");

function boardOf(events: readonly Event[]): Board {
  const board = makeBoard(0);
  for (const event of events) applyEvent(board, event, 0);
  return board;
}

function solve(
  service: string,
  platform: Platform,
  cached: number,
  ran: number,
  cachedBytes: number,
  uses: readonly CacheUse[],
): Event[] {
  return [
    { kind: "solve-started", service, platform },
    ...uses.map((use): Event => ({ kind: "cache", service, platform, use })),
    { kind: "solve-ended", service, platform, cachedVertices: cached, ranVertices: ran, cachedBytes, seconds: 9 },
  ];
}

function use(tier: CacheUse["tier"], direction: CacheUse["direction"], more: Partial<CacheUse> = {}): CacheUse {
  return { tier, direction, reference: "", state: "used", seconds: 0.2, because: undefined, ...more };
}

const inlineOut = use("inline", "import", { state: "left-out", seconds: 0, because: "the registry tier is used" });
const run: readonly Event[] = [
  ...solve("api", amd64, 4, 1, 67_580_832, [
    inlineOut,
    use("gha", "import", { seconds: 0.31 }),
    use("registry", "import", { state: "missing", because: "not there yet" }),
    use("gha", "export", { layers: 3, seconds: 1.24 }),
  ]),
  ...solve("web", amd64, 0, 6, 0, [
    inlineOut,
    use("gha", "import"),
    use("gha", "export", { state: "failed", because: "failed to reserve cache | now\nmore", seconds: 90 }),
  ]),
  ...solve("web", arm64, 6, 0, 1_200_000, [
    inlineOut,
    use("gha", "export", { state: "left-out", seconds: 0, because: "the job's token may only read caches" }),
    use("registry", "import"),
    use("registry", "export", { layers: 1, seconds: 0.4 }),
  ]),
];

test("the step summary says for each solve what was read, written and fetched, and what was not used", async () => {
  await expect(`${renderCacheTables(boardOf(run)).join("\n\n")}\n`).toMatchFileSnapshot(
    "golden/cache-summary.golden.md",
  );
});

test("the last line of a run says it of all solves together", () => {
  expect(renderCacheLines(boardOf(run))).toEqual([
    "caches: 10/17 cached; 68.8 MB fetched; read gha (0.5 s), registry (0.2 s, 1× not there yet); wrote gha (3 layers, 1.2 s, 1× failed), registry (1 layer, 0.4 s)",
  ]);
});

test("a reason that concerns many services is told once, with their number", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const board = boardOf(names.flatMap((name) => solve(name, amd64, 0, 1, 0, [inlineOut])));
  expect(renderCacheTables(board).at(-1)).toBe("Not used:\n\n- inline, import: the registry tier is used (7 services)");
});

test("a run that solved nothing says nothing of caches", () => {
  const board = boardOf([{ kind: "solve-started", service: "api", platform: amd64 }]);
  expect([renderCacheTables(board), renderCacheLines(board)]).toEqual([[], []]);
});
