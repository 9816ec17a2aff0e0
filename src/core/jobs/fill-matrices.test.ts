import { describe, expect, test } from "vitest";
import { platformOf } from "../../buildkit/testing/request.ts";
import type { Step } from "../../model/plan.ts";
import { fillMatrices } from "./fill-matrices.ts";

const [amd64, arm64] = [platformOf("linux/amd64"), platformOf("linux/arm64")];

function step(service: string, kind: Step["kind"], platforms = [amd64], published: readonly string[] = []): Step {
  const images = platforms.map((platform) => ({
    platform,
    fingerprint: null,
    image: published.includes(platform) || kind === "reuse" ? `reg.test/${service}@sha256:0` : null,
  }));
  return { service, kind, platforms: images, reason: { kind: kind === "reuse" ? "unchanged" : "no-image" } };
}

function fill(
  steps: readonly Step[],
  matrixJobs: readonly number[],
  needs: Record<string, string[]> = {},
  waits = true,
) {
  const plan = { version: 1, commit: "0".repeat(40), steps } as const;
  return fillMatrices({ plan, needs: new Map(Object.entries(needs)), matrixJobs, waits });
}

function names(
  steps: readonly Step[],
  matrixJobs: readonly number[],
  needs?: Record<string, string[]>,
  waits?: boolean,
) {
  const { matrices } = fill(steps, matrixJobs, needs, waits);
  return matrices.map((matrix) => matrix.map(({ service, platform }) => `${service} ${platform}`).join(", "));
}

describe("a matrix", () => {
  test("holds what is built or may be, and nothing that is reused", () => {
    const steps = [step("api", "build"), step("base", "reuse"), step("web", "pending", [amd64, arm64])];
    expect(names(steps, [1])).toEqual(["api linux/amd64, web linux/amd64, web linux/arm64"]);
  });

  test("holds of a service that is built only the platforms that are not published", () => {
    expect(names([step("api", "build", [amd64, arm64], ["linux/amd64"])], [1])).toEqual(["api linux/arm64"]);
  });

  test("is empty when nothing is to be built", () => {
    expect(fill([step("api", "reuse")], [1, 1])).toEqual({ matrices: [[], []], warnings: [] });
  });
});

describe("rounds", () => {
  const chain = { api: ["base"], web: ["api"] };

  test("come one after the other for services that wait for each other", () => {
    const steps = [step("base", "build"), step("api", "pending"), step("web", "pending")];
    expect(names(steps, [1, 1, 1], chain)).toEqual(["base linux/amd64", "api linux/amd64", "web linux/amd64"]);
  });

  test("do not wait for what is reused", () => {
    const steps = [step("base", "reuse"), step("api", "build"), step("web", "pending")];
    expect(names(steps, [1, 1, 1], chain)).toEqual(["api linux/amd64", "web linux/amd64", ""]);
  });

  test("are not needed where nothing is published, since each job builds what it needs", () => {
    const steps = [step("base", "build"), step("api", "pending")];
    expect(names(steps, [1, 1], chain, false)).toEqual(["base linux/amd64, api linux/amd64", ""]);
  });

  test("that the workflow does not have join the last one, with a warning", () => {
    const filled = fill([step("base", "build"), step("api", "pending")], [1], chain);
    expect(filled.matrices.map((matrix) => matrix.length)).toEqual([2]);
    expect(filled.warnings).toEqual([expect.stringMatching(/^api needs .*run `slipway init` again$/)]);
  });
});

describe("more entries than one matrix takes", () => {
  const many = (count: number): Step[] => Array.from({ length: count }, (_, at) => step(`s${at}`, "build"));

  test("are split over the jobs of their round", () => {
    expect(fill(many(600), [3, 1]).matrices.map((matrix) => matrix.length)).toEqual([256, 256, 88, 0]);
  });

  test("go into a later round that has room", () => {
    expect(fill(many(300), [1, 1]).matrices.map((matrix) => matrix.length)).toEqual([256, 44]);
  });

  test("than the workflow takes at all are an error that says what to do", () => {
    expect(() => fill(many(257), [1])).toThrow(
      expect.objectContaining({
        code: "configuration",
        message: '257 builds do not fit into the workflow\'s 1 matrix job (matrix-jobs: "1") of 256 entries each',
        hint: expect.stringContaining("slipway init"),
      }),
    );
  });
});
