import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { renderReusedProgress } from "./reused-progress.ts";

const fingerprint = digestOf("inputs");
const reused = {
  image: "reg.test/api:1@sha256:a",
  because: "its inputs did not change",
  fingerprint,
  started: "2026-01-01T00:00:00.000Z",
  completed: "2026-01-01T00:00:01.000Z",
};

test.each(["auto", "plain", "tty"])("%s: lines as BuildKit writes them", (progress) =>
  expect(renderReusedProgress({ ...reused, progress })).toBe(
    "#1 [slipway] reused reg.test/api:1@sha256:a: its inputs did not change\n#1 DONE 0.0s\n",
  ),
);

test.each(["quiet", "none"])("%s: nothing", (progress) =>
  expect(renderReusedProgress({ ...reused, progress })).toBe(""),
);

test("rawjson: a vertex that was cached, a status a line", () => {
  const lines = renderReusedProgress({ ...reused, progress: "rawjson" })
    .trimEnd()
    .split("\n");
  const vertex = {
    digest: fingerprint,
    name: expect.stringContaining("reused reg.test/api:1") as string,
    started: reused.started,
  };
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { vertexes: [vertex] },
    { vertexes: [{ ...vertex, completed: reused.completed, cached: true }] },
  ]);
});
