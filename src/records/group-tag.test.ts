import { expect, test } from "vitest";
import { parseGroupTag } from "./group-tag.ts";

test.each([
  ["v{version}", "v1.2.0", "1.2.0"],
  ["v{version}", "v1.2.0-beta.1+build", "1.2.0-beta.1+build"],
  ["v{version}", "1.2.0", undefined],
  ["v{version}", "v1.2", undefined],
  ["{version}", "1.2.0", "1.2.0"],
  ["{version}", "v1.2.0", undefined],
  ["{group}-v{version}", "api-v1.2.0", "1.2.0"],
  ["{group}-v{version}", "web-v1.2.0", undefined],
  ["a{version}a", "a", undefined],
  ["{group}@{version}-x", "api@1.0.0-x", "1.0.0"],
])("by the pattern %s the tag %s is the version %s", (tag, gitTag, version) => {
  expect(parseGroupTag({ tag, name: "api" }, gitTag)?.text).toBe(version);
});
