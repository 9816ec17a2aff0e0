import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ReleaseSubject } from "../model/release.ts";
import { compareReleases, makeReleaseName, makeRollbackName, type ReleaseName } from "./record-names.ts";
import { defaultTagTemplates, movingTagsOf } from "./tags.ts";
import { type KnownRollback, type ReleaseTags, whereTagsBelong } from "./testing/where-tags-belong.ts";
import { whereTagBelongs } from "./where-tags-belong.ts";

const templates = { ...defaultTagTemplates, branch: ["{branch}", "sha-{sha}", "edge"] };

/** `1.2.0` is a version, `main@12` a commit of a branch with 12 commits, `api/1.2.0` a version of group api. */
function release(text: string): ReleaseName {
  const [group, rest] = text.includes("/") ? text.split("/") : ["default", text];
  const [name = "", generation] = (rest ?? "").split("@");
  const subject: ReleaseSubject =
    generation === undefined
      ? { kind: "version", version: name }
      : { kind: "branch", branch: name, generation: Number(generation.split(":")[0]), committedAt: "", revision: 1 };
  return makeReleaseName(group ?? "", subject, (generation?.split(":")[1] ?? "0").padEnd(12, "0"));
}

function withTags(name: ReleaseName): ReleaseTags {
  const service = name.group === "default" ? "web" : name.group;
  return { name, moving: new Map([[service, movingTagsOf(name, { service, group: name.group }, templates)]]) };
}

function rollback(sequence: number, to: string, knew: readonly string[], nonce = "00000000"): KnownRollback {
  return {
    name: makeRollbackName(release(to), sequence, nonce),
    knew: new Set(knew.map((text) => release(text).tag)),
  };
}

function belong(releases: readonly string[], rollbacks: readonly KnownRollback[] = []): Record<string, string> {
  const where = whereTagsBelong(
    releases.map((text) => withTags(release(text))),
    rollbacks,
  );
  const entries = [...where].flatMap(([service, tags]) =>
    [...tags].map(([tag, name]): [string, string] => [service === "web" ? tag : `${service}:${tag}`, name.tag]),
  );
  return Object.fromEntries(entries);
}

test("of versions that differ in build metadata only the one that was released last has the tags, and the record that says when is asked for", () => {
  const names = ["1.2.3+10", "1.2.3+9", "1.2.2"].map(release);
  const [ten, nine] = names;
  if (ten === undefined || nine === undefined) throw new Error("there are two");
  const times = new Map([[ten.tag, "2026-01-01T00:00:00.000Z"]]);
  const facts = { knewOf: () => new Set<string>(), releasedAt: ({ tag }: ReleaseName) => times.get(tag) };
  expect(whereTagBelongs(names, [], facts)).toEqual({ kind: "unread", name: nine });
  for (const [time, newest] of [
    ["2026-01-02T00:00:00.000Z", nine],
    ["2025-12-31T00:00:00.000Z", ten],
  ] as const) {
    times.set(nine.tag, time);
    expect(whereTagBelongs(names, [], facts)).toEqual({ kind: "release", name: newest, because: undefined });
  }
  expect(whereTagBelongs(["1.2.4", "1.2.2"].map(release), [], facts)).toMatchObject({ name: { tag: "1.2.4" } });
});

test.each<[string, string[], Record<string, string>]>([
  ["nothing released", [], {}],
  ["one version", ["1.2.0"], { "1.2": "1.2.0", "1": "1.2.0", latest: "1.2.0" }],
  [
    "a hot-fix of an old line moves that line only",
    ["1.2.3", "2.0.0", "1.2.4"],
    { "1.2": "1.2.4", "1": "1.2.4", "2.0": "2.0.0", "2": "2.0.0", latest: "2.0.0" },
  ],
  [
    "a hot-fix below the newest minor leaves the major",
    ["1.3.0", "1.2.4"],
    { "1.2": "1.2.4", "1.3": "1.3.0", "1": "1.3.0", latest: "1.3.0" },
  ],
  ["a pre-release moves nothing", ["1.0.0", "2.0.0-rc.1"], { "1.0": "1.0.0", "1": "1.0.0", latest: "1.0.0" }],
  ["a pre-release alone moves nothing", ["2.0.0-rc.1"], {}],
  ["version 0.x has no major tag", ["0.1.0", "0.2.0"], { "0.1": "0.1.0", "0.2": "0.2.0", latest: "0.2.0" }],
  ["ten is more than nine", ["1.9.0", "1.10.0"], { "1.9": "1.9.0", "1.10": "1.10.0", "1": "1.10.0", latest: "1.10.0" }],
  [
    "branches apart, by generation; what several branches give follows the largest",
    ["main@12", "main@9", "next@10"],
    { main: release("main@12").tag, next: release("next@10").tag, edge: release("main@12").tag },
  ],
  [
    "two commits of one generation: the larger id, whoever comes first",
    ["main@12:b", "main@12:a"],
    { main: release("main@12:b").tag, edge: release("main@12:b").tag },
  ],
  [
    "a branch that is called like a moving tag of versions: versions win",
    ["1.2.0", "1.2@500"],
    { "1.2": "1.2.0", "1": "1.2.0", latest: "1.2.0", edge: release("1.2@500").tag },
  ],
  [
    "groups have lines of their own",
    ["2.0.0", "api/1.0.0"],
    {
      "2.0": "2.0.0",
      "2": "2.0.0",
      latest: "2.0.0",
      "api:1.0": "api.v1.0.0",
      "api:1": "api.v1.0.0",
      "api:latest": "api.v1.0.0",
    },
  ],
])("tags follow the newest release of their line: %s", (_, releases, expected) => {
  expect(belong(releases)).toEqual(expected);
  expect(belong(releases.toReversed())).toEqual(expected);
});

const three = ["1.1.0", "1.2.0", "2.0.0"];

test.each<[string, string[], KnownRollback[], Record<string, string>]>([
  [
    "moves what its target gives, and nothing else",
    [],
    [rollback(1, "1.1.0", three)],
    { latest: "1.1.0", "1": "1.1.0", "1.1": "1.1.0", "1.2": "1.2.0", "2": "2.0.0" },
  ],
  [
    "ends for latest when a newer version is released",
    ["2.0.1"],
    [rollback(1, "1.1.0", three)],
    { latest: "2.0.1", "1": "1.1.0", "2": "2.0.1" },
  ],
  [
    "holds for latest against a late hot-fix, which is newer than all of line 1 only",
    ["1.2.1"],
    [rollback(1, "1.1.0", three)],
    { latest: "1.1.0", "1": "1.2.1", "1.2": "1.2.1" },
  ],
  [
    "holds for both against a late hot-fix below what it knew",
    ["1.1.1"],
    [rollback(1, "1.1.0", three)],
    { latest: "1.1.0", "1": "1.1.0", "1.1": "1.1.1" },
  ],
  ["holds against a new pre-release", ["3.0.0-rc.1"], [rollback(1, "1.1.0", three)], { latest: "1.1.0" }],
  [
    "is superseded by a later one",
    [],
    [rollback(1, "1.1.0", three), rollback(2, "1.2.0", three)],
    { latest: "1.2.0", "1": "1.2.0", "1.1": "1.1.0" },
  ],
  [
    "is undone by one to the newest, for the tags that gives",
    [],
    [rollback(1, "1.1.0", three), rollback(2, "2.0.0", three)],
    { latest: "2.0.0", "2": "2.0.0", "1": "1.1.0" },
  ],
  [
    "of two at once the larger nonce decides",
    [],
    [rollback(1, "1.2.0", three, "ffffffff"), rollback(1, "1.1.0", three, "00000001")],
    { latest: "1.2.0", "1": "1.2.0" },
  ],
  ["to what is gone holds nothing", [], [rollback(1, "0.9.0", three)], { latest: "2.0.0" }],
])("a rollback %s", (_, more, rollbacks, expected) => {
  expect(belong([...three, ...more], rollbacks)).toMatchObject(expected);
});

test("a rollback of a branch holds until a newer commit of it is released", () => {
  const known = ["main@1", "main@2", "main@5"];
  const back = rollback(1, "main@1", known);
  expect(belong(known, [back])["main"]).toBe(release("main@1").tag);
  expect(belong([...known, "main@4"], [back])["main"]).toBe(release("main@1").tag);
  expect(belong([...known, "main@6"], [back])["main"]).toBe(release("main@6").tag);
});

const anyRelease = fc.oneof(
  fc
    .tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.boolean())
    .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre ? "-rc.1" : ""}`),
  fc
    .tuple(fc.constantFrom("main", "next"), fc.nat(6), fc.constantFrom("a", "b"))
    .map(([name, generation, sha]) => `${name}@${generation}:${sha}`),
);

test("without rollbacks one more release moves no tag to an older one, and the order of arrival means nothing", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyRelease, { minLength: 1, maxLength: 10 }), anyRelease, (releases, more) => {
      const before = belong(releases);
      const after = belong([...releases, more]);
      const names = new Map([...releases, more].map((text) => [release(text).tag, release(text)]));
      for (const [tag, record] of Object.entries(before)) {
        const [was, is] = [names.get(record), names.get(after[tag] ?? "")];
        expect(was !== undefined && is !== undefined && compareReleases(is, was) >= 0).toBe(true);
      }
      expect(belong([more, ...releases.toReversed()])).toEqual(after);
    }),
    { numRuns: 1000 },
  );
});

test("a rollback sends every tag its target gives to it, and what it knew released again changes nothing", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyRelease, { minLength: 1, maxLength: 10 }), fc.nat(), (releases, pick) => {
      const to = releases[pick % releases.length] ?? "";
      const after = belong(releases, [rollback(1, to, releases)]);
      for (const tag of withTags(release(to)).moving.get("web") ?? []) expect(after[tag]).toBe(release(to).tag);
      expect(belong([...releases, ...releases], [rollback(1, to, releases)])).toEqual(after);
    }),
    { numRuns: 500 },
  );
});
