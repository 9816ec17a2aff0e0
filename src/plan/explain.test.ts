import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InputChange } from "../model/inputs.ts";
import { makePlatform } from "../model/platform.ts";
import type { Reason } from "../model/plan.ts";
import { explainChanges, explainStep } from "./explain.ts";

function explain(reason: Reason): string {
  return explainStep({ service: "api", kind: "build", platforms: [], reason });
}

function file(name: string, change: InputChange["change"] = "changed"): InputChange {
  return { what: "file", name, change };
}

const fifteen = Array.from({ length: 15 }, (_, at) => file(`src/${String(at).padStart(2, "0")}.ts`));

const [amd, arm] = [
  makePlatform({ os: "linux", architecture: "amd64" }),
  makePlatform({ os: "linux", architecture: "arm64" }),
];

describe("a step", () => {
  test.each<[Reason, string]>([
    [{ kind: "unchanged" }, "nothing changed since its published image"],
    [
      { kind: "counted-anew" },
      "built once more: this version of Slipway counts inputs more exactly than the one that built its image",
    ],
    [{ kind: "no-image" }, "no image of these inputs has been published yet"],
    [
      { kind: "platform-missing", platforms: [arm] },
      "linux/arm64 is missing: no image of these inputs has been published for it yet",
    ],
    [
      { kind: "platform-missing", platforms: [amd, arm] },
      "linux/amd64 and linux/arm64 are missing: no image of these inputs has been published for them yet",
    ],
    [{ kind: "inputs-changed", changes: [file("src/main.ts")] }, "changed: src/main.ts"],
    [
      { kind: "inputs-changed", changes: [file("a", "added"), file("b", "removed"), file("c")] },
      "changed: a (new), b (removed), c",
    ],
    [{ kind: "inputs-changed", changes: fifteen }, "changed: src/00.ts, src/01.ts, src/02.ts and 12 more"],
    [
      {
        kind: "inputs-changed",
        changes: [
          ...fifteen,
          { what: "setting", name: "target", change: "changed" },
          { what: "base", name: "node:24-slim", change: "changed" },
          { what: "arg", name: "PORT", change: "removed" },
        ],
      },
      "changed: build arg PORT (removed), base node:24-slim, setting target and 15 more",
    ],
    [
      {
        kind: "inputs-changed",
        changes: [
          { what: "context", name: "lib", change: "changed" },
          { what: "instruction", name: `RUN  echo \\\n ${"x".repeat(60)}`, change: "added" },
        ],
      },
      `changed: "RUN echo \\ ${"x".repeat(36)}…" (new), context lib`,
    ],
    [{ kind: "base-moved", bases: ["node:24-slim"] }, "base image moved: node:24-slim"],
    [{ kind: "base-moved", bases: ["a", "b", "c", "d"] }, "base image moved: a, b, c and 1 more"],
    [{ kind: "waits", for: ["base"] }, "decided when base is done"],
    [{ kind: "waits", for: ["base", "lib", "web"] }, "decided when base, lib and web are done"],
    [
      { kind: "volatile", because: "ADD https://example.com/x.tgz has no checksum" },
      "always built: ADD https://example.com/x.tgz has no checksum",
    ],
    [{ kind: "forced" }, "forced"],
    [
      { kind: "too-old", builtAt: "2026-01-02T03:04:05.000Z", refreshSeconds: 30 * 86_400 },
      "built on 2026-01-02, which is more than 30 days ago (refresh)",
    ],
    [
      { kind: "too-old", builtAt: "2026-01-02T03:04:05.000Z", refreshSeconds: 3600 },
      "built on 2026-01-02, which is more than 1 hour ago (refresh)",
    ],
    [
      { kind: "not-whole", missing: "linux/arm64 sha256:12" },
      "its published image is not whole: linux/arm64 sha256:12",
    ],
  ])("%j is explained as %s", (reason, text) => expect(explain(reason)).toBe(text));

  test("is explained in one line, whatever its inputs are called", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (names) => {
        const changes = names.map((name): InputChange => ({ what: "instruction", name, change: "changed" }));
        const lines = [explain({ kind: "inputs-changed", changes }), explain({ kind: "waits", for: names })];
        for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });
});

describe("the changes of a service", () => {
  test("are told all, in groups, files first", () => {
    const changes: InputChange[] = [
      { what: "setting", name: "target", change: "changed" },
      { what: "base", name: "node:24-slim", change: "changed" },
      file("src/a.ts"),
      { what: "instruction", name: "RUN npm ci", change: "removed" },
      file("two\nlines", "added"),
      { what: "context", name: "lib", change: "added" },
      { what: "arg", name: "PORT", change: "changed" },
    ];
    expect(explainChanges(changes)).toEqual([
      "files (2)",
      "  ~ src/a.ts",
      "  + two\\nlines",
      "instructions (1)",
      "  - RUN npm ci",
      "build args (1)",
      "  ~ PORT",
      "base images (1)",
      "  ~ node:24-slim",
      "named contexts (1)",
      "  + lib",
      "settings (1)",
      "  ~ target",
    ]);
  });

  test("that are none take no line", () => expect(explainChanges([])).toEqual([]));
});
