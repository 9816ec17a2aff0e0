import { describe, expect, test } from "vitest";
import type { Event } from "../event.ts";
import { makeSummaryFacts, renderStepSummary, type SummaryRequest } from "./step-summary.ts";
import { buildScript, makeTestStep } from "./testing/script.ts";

function summarize(script: readonly (number | Event)[], request: Partial<SummaryRequest> = {}): string {
  let now = 0;
  const facts = makeSummaryFacts(() => now);
  for (const step of script) {
    if (typeof step === "number") now += step * 1000;
    else facts.emit(step);
  }
  return renderStepSummary(facts, {
    title: "Slipway: release",
    lead: "Built.",
    more: [],
    fault: undefined,
    ...request,
  });
}

describe("a step's summary", () => {
  test("tells the plan with its reasons, then the results, then why a service failed", async () => {
    await expect(summarize(buildScript)).toMatchFileSnapshot("golden/step-summary.golden.md");
  });

  test("of a run that an error ended tells the error first", () => {
    const fault = "reading slipway.yaml:\nslipway.yaml:3:1: unknown key <b>";
    expect(summarize([], { lead: "", fault })).toMatchInlineSnapshot(`
      "## Slipway: release

      > [!CAUTION]
      > reading slipway.yaml:
      >
      > slipway.yaml:3:1: unknown key \\<b\\>

      "
    `);
  });

  test("shows names and reasons that strangers chose letter for letter", () => {
    const reason = { kind: "volatile", because: "ADD <img src=x> | @everyone ```" } as const;
    const plan = { version: 1, commit: "0".repeat(40), steps: [makeTestStep("api", "build", reason)] } as const;
    const text = summarize([
      { kind: "planned", plan, seconds: 0 },
      {
        kind: "service-ended",
        service: "api",
        outcome: {
          kind: "failed",
          errorKind: "build-failed",
          because: "x",
          seconds: 1,
          log: ["```", "# not a heading", "</details>"],
        },
      },
    ]);
    expect(text).toContain("ADD \\<img src=x\\> \\| @&#8203;everyone \\`\\`\\`");
    expect(text).toContain("````text\n```\n# not a heading\n</details>\n````");
  });

  test("leaves out what GitHub would not take, the last first, and says so", () => {
    const more = ["a".repeat(600_000), "é".repeat(300_000), "the end"];
    const text = summarize(buildScript, { more });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text).toContain("aaaa");
    expect(text).not.toContain("é");
    expect(text).toContain("_2 parts left out: a summary has at most 1 MiB. The log has everything._");
  });
});
