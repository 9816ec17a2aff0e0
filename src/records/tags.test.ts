import { expect, test } from "vitest";
import type { ReleaseSubject } from "../model/release.ts";
import { makeReleaseName } from "./record-names.ts";
import { checkTagTemplate, defaultTagTemplates, movingTagsOf, renderTags } from "./tags.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

function version(text: string): ReleaseSubject {
  return { kind: "version", version: text };
}

function branch(name: string): ReleaseSubject {
  return { kind: "branch", branch: name, generation: 7, committedAt: "2026-01-01T00:00:00Z", revision: 1 };
}

function subject(of: ReleaseSubject): { service: string; group: string; subject: ReleaseSubject; commit: string } {
  return { service: "api", group: "default", subject: of, commit };
}

test.each<[string, ReleaseSubject, string[], string[]]>([
  ["a version", version("1.2.3"), ["1.2.3"], ["1.2", "1", "latest"]],
  ["a pre-release moves none", version("1.2.3-rc.1"), ["1.2.3-rc.1"], []],
  ["version 0.x has no major tag", version("0.4.0"), ["0.4.0"], ["0.4", "latest"]],
  ["build metadata", version("1.2.3+linux.5"), ["1.2.3_linux.5"], ["1.2", "1", "latest"]],
  ["a branch", branch("main"), ["sha-0123456"], ["main"]],
  ["a branch with slashes", branch("feature/login"), ["sha-0123456"], ["feature-login"]],
])("%s gets its tags", (_, of, versionTags, moving) => {
  expect(renderTags(defaultTagTemplates, subject(of))).toEqual({ version: versionTags, moving });
});

test("tags of one's own: service and group may stand in them, and all three numbers make a version tag", () => {
  const templates = {
    version: ["{service}-{major}.{minor}.{patch}", "{group}-{service}", "v{major}", "stable"],
    branch: [],
  };
  expect(renderTags(templates, subject(version("2.0.1")))).toEqual({
    version: ["api-2.0.1"],
    moving: ["default-api", "v2", "stable"],
  });
  expect(renderTags(templates, subject(version("2.0.1-rc.1")))).toEqual({ version: [], moving: [] });
});

test("a tag that is given twice is given once, and never both moving and not", () => {
  const templates = { version: ["{version}", "{version}", "1.0.0", "latest", "latest"], branch: [] };
  expect(renderTags(templates, subject(version("1.0.0")))).toEqual({ version: ["1.0.0"], moving: ["latest"] });
});

test("a branch that is called like a version must not move that version's tag", () => {
  for (const name of ["1.2.0", "v1.2.0", "1.2.0-rc.1"]) {
    expect(() => renderTags(defaultTagTemplates, subject(branch(name)))).toThrow(/reads as a version's/);
  }
  expect(renderTags(defaultTagTemplates, subject(branch("1.2"))).moving).toEqual(["1.2"]);
});

test.each<["version" | "branch", string, RegExp]>([
  ["version", "{branch}", /"\{branch\}" has no meaning in a tag of a version release; known are \{version\}/],
  ["branch", "{version}", /no meaning in a tag of a branch release/],
  ["version", "{Version}", /no meaning/],
  ["version", "", /no valid tag/],
  ["version", "a b", /no valid tag/],
  ["version", "-{version}", /no valid tag/],
  ["branch", "{branch", /no valid tag/],
])("the %s template %j is refused", (kind, template, fault) => {
  expect(checkTagTemplate(kind, template)).toMatch(fault);
  const templates = { version: [], branch: [], [kind]: [template] };
  expect(() => renderTags(templates, subject(kind === "version" ? version("1.0.0") : branch("main")))).toThrow(fault);
});

test("the templates that services have by default are valid", () => {
  for (const kind of ["version", "branch"] as const) {
    for (const template of defaultTagTemplates[kind]) expect(checkTagTemplate(kind, template)).toBeUndefined();
  }
});

test("the name of a record is enough to know the moving tags of its release", () => {
  const templates = {
    version: [...defaultTagTemplates.version, "{service}-{major}"],
    branch: ["{branch}", "edge", "{group}"],
  };
  for (const of of [
    version("1.2.3"),
    version("0.2.3"),
    version("1.2.3-rc.1"),
    branch("main"),
    branch("feature/login"),
  ]) {
    const name = makeReleaseName("default", of, commit);
    expect(movingTagsOf(name, { service: "api", group: "default" }, templates)).toEqual(
      renderTags(templates, subject(of)).moving,
    );
  }
});
