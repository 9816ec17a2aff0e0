import { describe, expect, test } from "vitest";
import type { Event } from "../event.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeReporter } from "./reporter.ts";

const url = "https://github.com/acme/shop/releases/tag/v1.0.0";

/** What a log shows of a release that ended so. */
function told(event: Omit<Extract<Event, { kind: "github-release" }>, "kind" | "tag">): string {
  const host = makeTestHost();
  const reporter = makeReporter(host, { mode: "plain", verbose: false, color: false });
  reporter.emit({ kind: "github-release", tag: "v1.0.0", ...event });
  reporter.close();
  return host.printed.stderr.trim().replace(/^0\.0 s\s+/, "");
}

describe("what became of a GitHub release is one line", () => {
  test.each([
    ["published", `GitHub release v1.0.0 published: ${url}`],
    ["updated", `GitHub release v1.0.0 was there and was added to: ${url}`],
    ["same", `GitHub release v1.0.0 was there with everything: ${url}`],
    ["draft", `GitHub release v1.0.0 is somebody's draft; it was added to and is theirs to publish: ${url}`],
  ] as const)("when it is %s", (state, line) => expect(told({ state, url, because: undefined })).toBe(line));

  test("when there is none", () => {
    const because = "there is no token";
    expect(told({ state: "left-out", url: null, because })).toBe(
      "no GitHub release v1.0.0 was written: there is no token",
    );
  });
});
