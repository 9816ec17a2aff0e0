import { describe, expect, test } from "vitest";
import { configurationError, SlipwayError } from "../errors.ts";
import type { Event } from "../event.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { annotateError } from "./annotate-error.ts";
import { makeGitHubLog } from "./github-log.ts";
import { amd64, buildScript, makeTestStep, releaseScript } from "./testing/script.ts";
import { annotation, groupStart, inert } from "../formats/workflow-command.ts";

function play(script: readonly (number | Event)[], follows = false): string {
  const host = makeTestHost();
  const log = makeGitHubLog(host, { follows, every: () => () => undefined });
  for (const step of script) {
    if (typeof step === "number") host.advance(step * 1000);
    else log.emit(step);
  }
  log.close();
  expect(host.printed.stderr).toBe("");
  return host.printed.stdout;
}

/** One service's solve and end, with what its build wrote. */
function solve(lines: readonly string[], because = "RUN make: exit code 2"): Event[] {
  const plan = {
    version: 1,
    commit: "0".repeat(40),
    steps: [makeTestStep("api", "build", { kind: "no-image" })],
  } as const;
  const id = { service: "api", platform: amd64 };
  const place = { file: "api/Dockerfile", line: 7 };
  return [
    { kind: "planned", plan, seconds: 0.1 },
    { kind: "solve-started", ...id },
    ...lines.map((line): Event => ({ kind: "log", ...id, line })),
    { kind: "solve-ended", ...id, cachedVertices: 1, ranVertices: 2, cachedBytes: 0, seconds: 3 },
    {
      kind: "service-ended",
      service: "api",
      outcome: { kind: "failed", errorKind: "build-failed", because, seconds: 3, log: [...lines], place },
    },
  ];
}

describe("a GitHub job's log", () => {
  test("of several services has a group for each one's log, when it ends", async () => {
    await expect(play(buildScript)).toMatchFileSnapshot("golden/github-build.golden.txt");
  });

  test("of a release", async () => {
    await expect(play(releaseScript)).toMatchFileSnapshot("golden/github-release.golden.txt");
  });

  test("of one build shows its log as it comes, in a group that is closed before what it came to", async () => {
    await expect(play(solve(["compiling", "main.c:1: error"]), true)).toMatchFileSnapshot(
      "golden/github-follow.golden.txt",
    );
  });

  test("keeps the end of a log that is very long", () => {
    const text = play(solve(Array.from({ length: 6000 }, (_, at) => `line ${at + 1}.`)));
    expect(text).toContain("(1000 lines before are left out)\n| line 1001.\n");
  });

  test("has one annotation for a cache tier that fails in every service", () => {
    const failing = (service: string): Event => ({
      kind: "cache",
      service,
      platform: amd64,
      use: { tier: "gha", direction: "export", reference: "scope=x", state: "failed", seconds: 1, because: "HTTP 503" },
    });
    const text = play([failing("api"), failing("web")]);
    expect(text.match(/::warning/g)).toEqual(["::warning"]);
    expect(text).toContain("::warning title=cache gha::export failed and is left out: HTTP 503\n");
  });
});

describe("nothing that a build or a person writes is a command to the runner:", () => {
  const commands = ["::add-mask::x", "  ::error::y", "##[group]z", "a ##[add-mask]b", "\r::endgroup::"];

  test.each([false, true])("lines of a build's log (followed: %s)", (follows) => {
    const own = /^::(?:group::log of api.*|endgroup::|error file=api\/Dockerfile,line=7,title=api failed::.*)$/;
    const lines = play(solve(commands, "::set-output name=a::b\n##[error]c"), follows).split("\n");
    const taken = lines.filter((line) => /^\s*::|##\[/.test(line) && !own.test(line));
    expect(taken).toEqual([]);
  });

  test("an annotation's text and places are escaped as the runner reads them", () => {
    const place = { file: "a,b:c/Dockerfile", line: 3, title: "50%\n::error::" };
    expect(annotation("error", "one\r\n::error::two %0A", place)).toBe(
      "::error file=a%2Cb%3Ac/Dockerfile,line=3,title=50%25%0A%3A%3Aerror%3A%3A::one%0D%0A::error::two %250A",
    );
    expect(groupStart("x\n::endgroup::")).toBe("::group::x%0A::endgroup::");
    expect(inert("plain ::error:: in a line")).toBe("plain ::error:: in a line");
  });
});

describe("an error that ends a run", () => {
  test("is one annotation with what to do next", () => {
    const error = new SlipwayError("credentials", "pushing ghcr.io/acme/api: denied", { hint: "log in" });
    expect(annotateError(error)).toEqual(["::error title=Slipway::pushing ghcr.io/acme/api: denied%0Ahint: log in"]);
  });

  test("of files is an annotation for each fault at its place; what GitHub would not show follows as lines", () => {
    const diagnostics = Array.from({ length: 12 }, (_, at) => ({ file: "slipway.yaml", line: at + 1, message: "no" }));
    const lines = annotateError(configurationError(diagnostics, "see the reference"));
    expect(lines[0]).toBe("::error file=slipway.yaml,line=1,title=Slipway::no%0Ahint: see the reference");
    expect(lines.slice(9)).toEqual([
      "::error file=slipway.yaml,line=10,title=Slipway::no",
      "slipway.yaml:11: no",
      "slipway.yaml:12: no",
    ]);
  });
});
