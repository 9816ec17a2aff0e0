import { describe, expect, test } from "vitest";
import { makeRun } from "../../github/run.ts";
import type { ReleaseGroup } from "../../model/service.ts";
import { decidePurpose, limitUntrusted, type ReleaseIntent } from "./decide-purpose.ts";

const one: readonly ReleaseGroup[] = [{ name: "default", services: ["api"], tag: "v{version}" }];
const two: readonly ReleaseGroup[] = [
  { name: "api", services: ["api"], tag: "api-v{version}" },
  { name: "web", services: ["web"], tag: "web@{version}-images" },
];

function decide(
  run: { readonly event?: string; readonly action?: string; readonly ref?: string },
  asked: Partial<ReleaseIntent & { shadow: boolean }> = {},
  groups: readonly ReleaseGroup[] = one,
) {
  const { event = "push", action, ref = "refs/heads/main" } = run;
  const { ci } = makeRun({ GITHUB_EVENT_NAME: event, GITHUB_REF: ref }, { action });
  const nothing = { release: undefined, version: undefined, versionFrom: undefined, shadow: false };
  return decidePurpose(ci, { ...nothing, ...asked }, groups);
}

const branch = { kind: "branch", branch: "main" } as const;
const version = (text: string, group?: string) => ({ kind: "version", version: text, group }) as const;
const build = { kind: "build" } as const;
const tag = "refs/tags/v1.2.0";

describe("a run is released, or not, by what started it:", () => {
  test.each([
    ["push to a branch", { event: "push" }, branch],
    ["push of a version's tag", { event: "push", ref: tag }, version("1.2.0", "default")],
    ["push of a pre-release's tag", { ref: "refs/tags/v2.0.0-rc.1" }, version("2.0.0-rc.1", "default")],
    ["release: published", { event: "release", action: "published", ref: tag }, version("1.2.0", "default")],
    ["release: edited", { event: "release", action: "edited", ref: tag }, build],
    ["pull request", { event: "pull_request", ref: "refs/pull/5/merge" }, build],
    ["pull_request_target, whose ref is the base", { event: "pull_request_target" }, build],
    ["merge queue", { event: "merge_group", ref: "refs/heads/gh-readonly-queue/main/pr-5" }, build],
    ["by hand", { event: "workflow_dispatch" }, build],
    ["schedule", { event: "schedule" }, build],
    ["repository_dispatch", { event: "repository_dispatch" }, build],
  ] as const)("%s", (_, trigger, expected) => {
    expect(decide(trigger)).toMatchObject(expected);
  });
});

describe("what a person or a calling workflow asks for", () => {
  test.each([
    ["by hand, release: true, is the branch", { event: "workflow_dispatch" }, { release: true }, branch],
    [
      "by hand on a tag is that version",
      { event: "workflow_dispatch", ref: tag },
      { release: true },
      version("1.2.0", "default"),
    ],
    ["a version wins over the branch", { event: "push" }, { release: true, version: "v3.0.0" }, version("3.0.0")],
    ["release: false only builds, also for a push", { event: "push" }, { release: false, version: "3.0.0" }, build],
    ["shadow moves no tag", { event: "push" }, { release: true, shadow: true }, build],
  ] as const)("%s", (_, trigger, asked, expected) => {
    expect(decide(trigger, asked)).toMatchObject(expected);
  });

  test("never releases a pull request, and says so", () => {
    expect(decide({ event: "pull_request", ref: "refs/pull/5/merge" }, { release: true })).toMatchObject({
      kind: "build",
      warning: expect.stringContaining('though the input "release" says so') as string,
    });
  });

  test("must be a version", () => {
    expect(() => decide({}, { release: true, version: "1.2" })).toThrow(
      'input "version": "1.2", which is no semantic version',
    );
  });
});

describe("with several release groups", () => {
  test("the tag's pattern says which one", () => {
    expect(decide({ ref: "refs/tags/api-v1.2.0" }, {}, two)).toMatchObject(version("1.2.0", "api"));
    expect(decide({ ref: "refs/tags/web@2.0.0-images" }, {}, two)).toMatchObject(version("2.0.0", "web"));
  });

  test("a version may be given as a group's tag", () => {
    expect(decide({}, { release: true, version: "api-v1.2.0" }, two)).toMatchObject(version("1.2.0", "api"));
  });
});

describe("a tag outside the version scheme", () => {
  test("of no group's pattern releases nothing, and a warning names the patterns", () => {
    expect(decide({ ref: "refs/tags/nightly" }, {}, two)).toEqual({
      kind: "build",
      because: 'the tag "nightly" is no version',
      warning:
        'the tag "nightly" is no version of this repository ("api-v{version}", "web@{version}-images"): nothing is released',
    });
  });

  test("that only begins like a version's is somebody else's", () => {
    expect(decide({ ref: "refs/tags/vendor-import" })).toMatchObject(build);
  });

  test("that means a version fails: somebody wants a release", () => {
    expect(() => decide({ ref: "refs/tags/v1.2" })).toThrow(
      'the tag "v1.2" means the version "1.2", which is no semantic version',
    );
  });
});

test("nothing of an untrusted run is released, whatever its inputs say", () => {
  const untrusted = {
    kind: "untrusted",
    because: "workflow_run on another commit",
    trunk: undefined,
  } as const;
  const purpose = { kind: "branch", branch: "main", because: 'the input "release" is true' } as const;
  expect(limitUntrusted(purpose, { kind: "trusted" })).toBe(purpose);
  expect(limitUntrusted(purpose, untrusted)).toEqual({
    kind: "build",
    because: "workflow_run on another commit is never released",
    warning: 'workflow_run on another commit is never released, though the input "release" is true',
  });
});
