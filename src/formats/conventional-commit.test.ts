import { describe, expect, test } from "vitest";
import { bumpOf, largestBump, nextVersion, parseConventionalCommit } from "./conventional-commit.ts";
import { parseVersion } from "./semver.ts";

describe("a commit message", () => {
  test.each([
    ["feat: sell carrots", "", { type: "feat", scope: undefined, breaking: false, description: "sell carrots" }],
    ["fix(api): count right", "", { type: "fix", scope: "api", breaking: false, description: "count right" }],
    ["feat(api, web)!: drop v1", "", { type: "feat", scope: "api, web", breaking: true, description: "drop v1" }],
    ["refactor!: other names", "", { type: "refactor", scope: undefined, breaking: true, description: "other names" }],
    ["fix: a", "BREAKING CHANGE: b", { breaking: true }],
    ["fix: a", "why\n\nReviewed-by: Z\nBREAKING-CHANGE: b", { breaking: true }],
    ["fix: a", "BREAKING CHANGE #12", { breaking: true }],
    ["fix: a", "this is no BREAKING CHANGE: it is in a sentence", { breaking: false }],
    ["fix: a", "breaking change: small letters do not count", { breaking: false }],
    ["fix: a", "BREAKING CHANGES: many", { breaking: false }],
    ["FEAT: shouted", "", { type: "FEAT" }],
    ['Revert "feat: a"', "This reverts commit 0123456789abcdef.", { type: "revert", description: "feat: a" }],
  ])("%s / %s is read", (subject, body, expected) => {
    expect(parseConventionalCommit({ subject, body })).toMatchObject(expected);
  });

  test.each([
    "Merge branch 'main' into next",
    "feat sell carrots",
    "feat:sell carrots",
    "feat (api): a space before the scope",
    "feat(): no scope",
    "feat: ",
    ": nothing",
    'Revert "feat: a"',
    "2fix: begins with a number",
  ])("%s is of another form", (subject) => {
    expect(parseConventionalCommit({ subject, body: "BREAKING CHANGE: x" })).toBeUndefined();
  });
});

test.each([
  ["feat: a", "minor"],
  ["Feat: a", "minor"],
  ["fix: a", "patch"],
  ["perf: a", "patch"],
  ["revert: a", "patch"],
  ["chore: a", undefined],
  ["docs: a", undefined],
  ["chore!: a", "major"],
  ["feat!: a", "major"],
])("%s asks for %s", (subject, expected) => {
  const commit = parseConventionalCommit({ subject, body: "" });
  expect(commit === undefined ? "unread" : bumpOf(commit)).toBe(expected);
});

test("of several commits the largest change counts", () => {
  expect(largestBump(["patch", undefined, "major", "minor"])).toBe("major");
  expect(largestBump([undefined, "patch"])).toBe("patch");
  expect(largestBump([undefined])).toBeUndefined();
});

test.each([
  [undefined, "patch", "1.0.0"],
  [undefined, "major", "1.0.0"],
  ["1.2.3", "patch", "1.2.4"],
  ["1.2.3", "minor", "1.3.0"],
  ["1.2.3", "major", "2.0.0"],
  ["0.3.1", "patch", "0.3.2"],
  ["0.3.1", "minor", "0.4.0"],
  ["0.3.1", "major", "1.0.0"],
  ["9007199254740993.0.0", "major", "9007199254740994.0.0"],
] as const)("after %s a %s gives %s", (last, bump, next) => {
  expect(nextVersion(last === undefined ? undefined : parseVersion(last), bump)).toBe(next);
});
