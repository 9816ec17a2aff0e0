import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import type { InvocationInputs } from "../model/build-record.ts";
import type { InputChange, Inputs } from "../model/inputs.ts";
import { basesBefore, changesSince, sketchOf } from "./sketch.ts";
import { testPlatform } from "../testing/test-image.ts";

const amd64: Inputs = {
  service: "api",
  platform: testPlatform("linux/amd64"),
  fingerprint: digestOf("api"),
  files: [
    { path: "a.txt", mode: "100644", digest: "sha256:1" },
    { path: "a.txt", mode: "100644", digest: "sha256:2", context: "lib" },
  ],
  args: { MODE: "x" },
  bases: [{ reference: "node:24", digest: digestOf("node amd64") }],
  contexts: [{ name: "lib", kind: "folder", of: "", digest: "sha256:3" }],
  volatile: null,
  instructions: ["FROM node:24", "COPY a.txt /"],
  settings: { context: "api", target: "run" },
};
const inputs = (changes: Partial<Inputs> = {}, settings: InvocationInputs["settings"] = {}): InvocationInputs => ({
  platforms: [{ ...amd64, ...changes }],
  settings,
});

test.each<[string, InvocationInputs, readonly InputChange[]]>([
  ["nothing", inputs(), []],
  ["where the context lies", inputs({ settings: { context: "web", target: "run" } }), []],
  [
    "a file",
    inputs({ files: [{ path: "a.txt", mode: "100755", digest: "sha256:1" }, ...amd64.files.slice(1)] }),
    [{ what: "file", name: "a.txt", change: "changed" }],
  ],
  [
    "the file of that name in a named context",
    inputs({
      files: [...amd64.files.slice(0, 1), { path: "a.txt", mode: "100644", digest: "sha256:9", context: "lib" }],
    }),
    [{ what: "file", name: "a.txt", change: "changed" }],
  ],
  ["files that are gone", inputs({ files: [] }), [{ what: "file", name: "2 files", change: "removed" }]],
  [
    "an instruction in another one's place",
    inputs({ instructions: ["FROM node:24", "COPY b.txt /"] }),
    [{ what: "instruction", name: "COPY b.txt /", change: "added" }],
  ],
  [
    "an instruction that is gone",
    inputs({ instructions: ["FROM node:24"] }),
    [{ what: "instruction", name: "…", change: "removed" }],
  ],
  ["an arg", inputs({ args: { MODE: "y" } }), [{ what: "arg", name: "MODE", change: "changed" }]],
  [
    "a base",
    inputs({ bases: [{ reference: "node:24", digest: digestOf("other") }] }),
    [{ what: "base", name: "node:24", change: "changed" }],
  ],
  [
    "a setting of the invocation",
    inputs({}, { "output compression": "zstd" }),
    [{ what: "setting", name: "output compression", change: "added" }],
  ],
  ["a target", inputs({ settings: { context: "api" } }), [{ what: "setting", name: "…", change: "removed" }]],
  [
    "a further platform",
    { platforms: [amd64, { ...amd64, platform: testPlatform("linux/arm64") }], settings: {} },
    [
      { what: "base", name: "node:24", change: "added" },
      { what: "context", name: "lib", change: "added" },
      { what: "setting", name: "platforms", change: "changed" },
    ],
  ],
])("%s", (_, now, changes) => {
  const before = sketchOf(inputs());
  const sorted = (list: readonly InputChange[]): string[] => list.map((change) => JSON.stringify(change)).sort();
  expect(sorted(changesSince(before, now))).toEqual(sorted(changes));
});

test("bases keep their digests, each platform its own, by the names that today's inputs have for them", () => {
  const arm64 = {
    ...amd64,
    platform: testPlatform("linux/arm64"),
    bases: [{ reference: "node:24", digest: digestOf("node arm64") }],
  };
  const before = sketchOf({ platforms: [amd64, arm64], settings: {} });
  const bases = [
    { reference: "node:24", digest: digestOf("other") },
    { reference: "alpine:3", digest: digestOf("new") },
  ];
  expect([...basesBefore(before, { ...amd64, bases })]).toEqual([["node:24", digestOf("node amd64")]]);
  expect([...basesBefore(before, { ...arm64, bases })]).toEqual([["node:24", digestOf("node arm64")]]);
});
