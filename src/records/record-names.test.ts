import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTag } from "../model/reference.ts";
import type { ReleaseSubject } from "../model/release.ts";
import {
  branchSlug,
  compareReleases,
  groupSlug,
  makeAbandonmentName,
  makeReleaseName,
  makeRollbackName,
  parseRecordTag,
  parseRecordTags,
  promotedTag,
} from "./record-names.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

function branch(name: string, generation = 12): ReleaseSubject {
  return { kind: "branch", branch: name, generation, committedAt: "2026-01-01T00:00:00Z", revision: 1 };
}

test.each<[string, ReleaseSubject, string]>([
  ["default", { kind: "version", version: "1.2.0" }, "1.2.0"],
  ["default", { kind: "version", version: "1.2.0-rc.1+build.5" }, "1.2.0-rc.1_build.5"],
  ["api", { kind: "version", version: "1.2.0" }, "api.v1.2.0"],
  ["my.api", { kind: "version", version: "1.2.0" }, "my_2eapi.v1.2.0"],
  ["branch", { kind: "version", version: "1.2.0" }, "_62ranch.v1.2.0"],
  ["default", branch("main"), "branch.main.00000012.0123456789ab"],
  ["default", branch("feature/Ünïcode~x"), "branch.feature-n-code-x.00000012.0123456789ab"],
  ["api", branch("main"), "api.branch.main.00000012.0123456789ab"],
])("the record of a release of group %s is tagged by what it is: %j is %s", (group, subject, tag) => {
  expect(makeReleaseName(group, subject, commit).tag).toBe(tag);
});

test("a rollback's record says where it goes back to", () => {
  const to = makeReleaseName("api", { kind: "version", version: "1.2.0" }, commit);
  const name = makeRollbackName(to, 3, "00c0ffee");
  expect(name.tag).toBe("api.rollback.000003.00c0ffee.v1.2.0");
  expect(parseRecordTag(name.tag)).toEqual({
    kind: "rollback",
    tag: name.tag,
    group: "api",
    sequence: 3,
    nonce: "00c0ffee",
    to: "api.v1.2.0",
  });
});

test("a pre-release called promoted is no mark of its release", () => {
  const index = parseRecordTags(["1.2.0-rc", "1.2.0-rc.promoted"]);
  expect(index.releases.map(({ tag }) => tag)).toEqual(["1.2.0-rc", "1.2.0-rc.promoted"]);
  expect([...index.promoted]).toEqual([]);
  expect([...parseRecordTags([promotedTag("1.2.0-rc")]).promoted]).toEqual(["1.2.0-rc"]);
});

test.each([
  "latest",
  "sha-abc",
  "1.2",
  "v1.2.0",
  "default.v1.2.0",
  "promoted.v1.2.0",
  "branch.main.12.abc",
  "rollback.000001.00c0ffee.x",
])("the tag %s is no record's", (tag) => {
  expect(parseRecordTag(tag)).toBeUndefined();
});

const anyNumber = fc.nat({ max: 300 }).map(String);
const anyIdentifiers = fc.array(fc.stringMatching(/^[a-z-][0-9A-Za-z-]{0,5}$/), { minLength: 1, maxLength: 3 });
const anyVersion = fc
  .tuple(anyNumber, anyNumber, anyNumber, fc.option(anyIdentifiers), fc.option(anyIdentifiers))
  .map(([major, minor, patch, prerelease, build]) => {
    const tail = `${prerelease === null ? "" : `-${prerelease.join(".")}`}${build === null ? "" : `+${build.join(".")}`}`;
    return `${major}.${minor}.${patch}${tail}`;
  });
const anyGroup = fc.oneof(
  fc.constantFrom("default", "api", "branch", "rollback", "promoted", "abandoned", "1", "v1", "a.v1.2.3", "a__b"),
  fc.string({ minLength: 1, maxLength: 30 }),
);
const anySubject: fc.Arbitrary<ReleaseSubject> = fc.oneof(
  anyVersion.map((version) => ({ kind: "version" as const, version })),
  fc
    .tuple(
      fc.oneof(
        fc.string({ minLength: 1 }),
        fc.constantFrom("main", "release/1.2", "branch.main.00000001.0123456789ab"),
      ),
      fc.nat({ max: 99_999_999 }),
    )
    .map(([name, generation]) => branch(name, generation)),
);

test("every record's tag is valid and reads back as what it was made from, whatever group, version and branch are called", () => {
  fc.assert(
    fc.property(anyGroup, anySubject, fc.nat({ max: 999_999 }), (group, subject, sequence) => {
      const name = makeReleaseName(group, subject, commit);
      expect(isTag(promotedTag(name.tag))).toBe(true);
      expect(parseRecordTag(name.tag)).toEqual(name);
      expect(name.group).toBe(groupSlug(group));
      if (name.tag.length > 90) return;
      const rollback = makeRollbackName(name, sequence, "00c0ffee");
      expect(parseRecordTag(rollback.tag)).toEqual(rollback);
      const abandonment = makeAbandonmentName(name);
      expect(parseRecordTag(abandonment.tag)).toEqual(abandonment);
    }),
    { numRuns: 500 },
  );
});

test("an abandoned release is none of the releases, and its mark and its record are still read", () => {
  const index = parseRecordTags(["1.0.0", "1.0.1", "abandoned.of.1.0.1", "promoted.abandoned.of.1.0.1"]);
  expect(index.releases.map(({ tag }) => tag)).toEqual(["1.0.0"]);
  expect(index.abandonments.map(({ tag, of }) => [tag, of])).toEqual([["abandoned.of.1.0.1", "1.0.1"]]);
  expect(index.promoted).toEqual(new Set(["abandoned.of.1.0.1"]));
});

test("different groups have different records for the same version", () => {
  fc.assert(
    fc.property(anyGroup, anyGroup, (left, right) => {
      fc.pre(left !== right);
      const subject: ReleaseSubject = { kind: "version", version: "1.0.0" };
      expect(makeReleaseName(left, subject, commit).tag).not.toBe(makeReleaseName(right, subject, commit).tag);
    }),
    { numRuns: 500 },
  );
});

test("the order of releases is total: antisymmetric, and the same whatever order they are listed in", () => {
  const anyName = fc
    .tuple(anySubject, fc.stringMatching(/^[0-9a-f]{12}$/))
    .map(([subject, sha]) => makeReleaseName("default", subject, sha));
  fc.assert(
    fc.property(fc.array(anyName, { maxLength: 8 }), fc.nat(), (names, turn) => {
      const turned = [...names.slice(turn % (names.length + 1)), ...names.slice(0, turn % (names.length + 1))];
      const tags = (list: typeof names): string[] => list.toSorted(compareReleases).map(({ tag }) => tag);
      expect(tags(turned)).toEqual(tags(names));
      for (const left of names) {
        for (const right of names) {
          expect(Math.sign(compareReleases(left, right)) + Math.sign(compareReleases(right, left))).toBe(0);
        }
      }
    }),
  );
});

test.each([
  ["main", "main"],
  ["feature/login", "feature-login"],
  ["dependabot/npm_and_yarn/a@1.2", "dependabot-npm_and_yarn-a-1.2"],
  [".hidden", "hidden"],
  ["-x", "x"],
])("branch %s gives the tag %s", (name, slug) => {
  expect(branchSlug(name)).toBe(slug);
});

test("a long branch keeps its own slug", () => {
  const one = branchSlug(`feature/${"x".repeat(200)}1`);
  const two = branchSlug(`feature/${"x".repeat(200)}2`);
  expect(one).toHaveLength(100);
  expect(one).not.toBe(two);
});

test.each(["1.2", "v1.2.0", "latest", ""])("releasing %j is refused with what to type instead", (version) => {
  expect(() => makeReleaseName("default", { kind: "version", version }, commit)).toThrow(/is no semantic version/);
});

describe("the releases of one commit of a branch", () => {
  const subject = { kind: "branch", branch: "main", generation: 7, committedAt: "2026-01-01T00:00:00.000Z" } as const;

  test("are told apart by their revision, the first without a number", () => {
    const tags = [1, 2, 11].map((revision) => makeReleaseName("default", { ...subject, revision }, commit).tag);
    expect(tags).toEqual([
      "branch.main.00000007.0123456789ab",
      "branch.main.00000007.0123456789ab.2",
      "branch.main.00000007.0123456789ab.11",
    ]);
  });

  test("are ordered by their revision", () => {
    const tags = [11, 1, 2].map((revision) => makeReleaseName("default", { ...subject, revision }, commit).tag);
    const { releases } = parseRecordTags(tags);
    expect(releases.map((name) => name.kind === "branch" && name.revision)).toEqual([1, 2, 11]);
  });
});
