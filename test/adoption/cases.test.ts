import { describe, expect, test } from "vitest";
import { planInPlace } from "../../src/workflow/in-place/plan-in-place.ts";
import { unifiedDiff } from "../../src/workflow/unified-diff.ts";
import { caseNames, publishedOn, publishersOf, readCase } from "./read-case.ts";

const pin = { repository: "slipway-release/slipway", ref: "v1", commit: undefined };

/** Images that a case publishes on each event. */
const published: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "A-separate-push": { "push to trunk": ["acme/api:latest"] },
  "B-depot": { "push to trunk": ["docker.io/acme/api:latest"] },
  "C-outputs-push-expr": { "push to trunk": ["docker.io/acme/api:latest"] },
  CYCLE: { "push to trunk": ["ghcr.io/acme/base:latest", "ghcr.io/acme/app:latest"] },
  "D-sudo": { "push to trunk": ["acme/api:latest"] },
  "DD-echo-into-file": { "push to trunk": ["ghcr.io/acme/api:latest"] },
  "DYN-MATRIX": { "push to trunk": ["docker.io/acme/a:latest", "docker.io/acme/b:latest"] },
  "E-compose-push": { "push to trunk": ["‹images of the Compose file›"] },
  ENVS: { "push to trunk": ["ghcr.io/acme/a:latest", "ghcr.io/acme/b:latest"] },
  "F-schedule": { "push to trunk": ["ghcr.io/acme/api:latest"], schedule: ["ghcr.io/acme/api:latest"] },
  "I-vault-id-token": { "push to trunk": ["ghcr.io/acme/api:latest"] },
  "IF-MIXED": {
    "push to trunk": ["ghcr.io/acme/api:edge"],
    "version tag": ["ghcr.io/acme/api:v1.2.3", "ghcr.io/acme/api:stable"],
    "pre-release tag": ["ghcr.io/acme/api:v1.3.0-rc.1", "ghcr.io/acme/api:stable"],
  },
  "J-job-env": { "push to trunk": ["ghcr.io/acme/api:latest"] },
  "LOCAL-ACTION": { "push to trunk": ["ghcr.io/acme/api:latest"] },
  "MERGE-COSIGN": {
    "version tag": ["ghcr.io/acme/api@‹digest›", "ghcr.io/acme/api:1.2.3", "ghcr.io/acme/api:latest"],
    "pre-release tag": ["ghcr.io/acme/api@‹digest›", "ghcr.io/acme/api:1.3.0-rc.1"],
  },
  "MERGE-SHELL": {
    "push to trunk": [
      "docker.io/acme/testing-host:latest-amd64",
      "docker.io/acme/testing-host:latest-aarch64",
      "docker.io/acme/testing-host:latest",
    ],
  },
  "META-VERSION-ARG": {
    "version tag": ["ghcr.io/acme/api:1.2.3", "ghcr.io/acme/api:latest"],
    "pre-release tag": ["ghcr.io/acme/api:1.3.0-rc.1"],
  },
  "NATIVE-ARM": {
    "push to trunk": [
      "us-docker.pkg.dev/p/r/api@‹digest›",
      "us-docker.pkg.dev/p/r/api:‹GITHUB_SHA::7›",
      "us-docker.pkg.dev/p/r/api:edge",
    ],
  },
  "ONE-AFTER-OTHER": {
    "push to trunk": ["ghcr.io/acme/api:latest"],
    "version tag": ["ghcr.io/acme/web:v1.2.3"],
    "pre-release tag": ["ghcr.io/acme/web:v1.3.0-rc.1"],
  },
  "PUSH-EXPR": { "push to trunk": ["ghcr.io/acme/api:latest"] },
  "REUSABLE-LOCAL": { "push to trunk": ["ghcr.io/acme/api:latest", "ghcr.io/acme/api:sha-‹github.sha›"] },
  "TWO-TAGS-SAME-REPO": { "push to trunk": ["ghcr.io/acme/api:py3.11", "ghcr.io/acme/api:py3.12"] },
  "TWO-TARGETS": { "push to trunk": ["ghcr.io/acme/api:latest", "ghcr.io/acme/web:latest"] },
  WORKDIR2: { "push to trunk": ["ghcr.io/acme/web:latest"] },
};

const setUp = "+      - uses: slipway-release/slipway/setup@v1";
const step = (lines: number): string[] => [
  ...Array.from({ length: lines }, () => "uses: docker/build-push-action@v6"),
  ...Array.from({ length: lines }, () => "uses: slipway-release/slipway/build-push@v1"),
];

/** Cases of which other lines change than one building step, by lines that go and come. */
const changed: Readonly<Record<string, readonly string[]>> = {
  "A-separate-push": [setUp],
  "B-depot": [],
  CYCLE: step(2),
  "D-sudo": [setUp],
  "E-compose-push": [setUp],
  ENVS: step(2),
  "IF-MIXED": step(2),
  "ONE-AFTER-OTHER": step(2),
  WORKDIR2: [setUp],
};

describe("a workflow that publishes", () => {
  test("is known in every case", () => expect(caseNames().toSorted()).toEqual(Object.keys(published).toSorted()));

  test.each(Object.keys(published))("%s publishes what it says on each event", (name) => {
    const found = publishersOf(readCase(name));
    expect(found.every(({ understanding }) => understanding.understood)).toBe(true);
    expect(publishedOn(found)).toEqual(published[name]);
  });

  test.each(Object.keys(published))("%s changes in its building lines alone, and publishes the same", (name) => {
    const files = readCase(name);
    const before = publishersOf(files);
    const plan = planInPlace(before, { pin, forks: false, read: files.read });
    const lines = plan.files
      .flatMap((each) => unifiedDiff(each.file, each.before, each.after).split("\n"))
      .filter((line) => /^[+-] /.test(line));
    const wanted = (changed[name] ?? step(1)).toSorted();
    expect(lines.map((line) => (line === setUp ? line : line.slice(1).trim().replace(/^- /, ""))).toSorted()).toEqual(
      wanted,
    );
    expect(plan.left.map(({ publisher }) => publisher.how)).toEqual(name === "B-depot" ? ["fork"] : []);

    const texts = new Map(plan.files.map(({ file, after }) => [file, after]));
    const edited = { paths: files.paths, read: (path: string) => texts.get(path) ?? files.read(path) };
    expect(publishedOn(publishersOf(edited))).toEqual(published[name]);
    const again = planInPlace(publishersOf(edited), { pin, forks: false, read: edited.read });
    expect(again.files).toEqual([]);
  });

  test("with a fork of the action is changed when asked", () => {
    const files = readCase("B-depot");
    const { files: edited, left } = planInPlace(publishersOf(files), { pin, forks: true, read: files.read });
    expect(left).toEqual([]);
    expect(edited[0]?.after).toBe(
      edited[0]?.before.replace("depot/build-push-action@v1", "slipway-release/slipway/build-push@v1"),
    );
  });
});

describe("the way to a publisher", () => {
  test.each([
    ["LOCAL-ACTION", ".github/actions/build-image/action.yml", 12, 7, ["local-action"]],
    ["REUSABLE-LOCAL", ".github/workflows/_image.yml", 17, 9, ["called-workflow"]],
    ["WORKDIR2", ".github/workflows/build.yml", 10, 11, []],
    ["A-separate-push", ".github/workflows/build.yml", 9, 14, []],
  ] as const)("of %s is named, with the place that builds", (name, file, line, column, via) => {
    const [found] = publishersOf(readCase(name));
    expect(found?.place).toEqual({ file, line, column });
    expect(found?.via.map(({ kind }) => kind)).toEqual(via);
    expect(found?.workflow).toBe(".github/workflows/build.yml");
  });
});
