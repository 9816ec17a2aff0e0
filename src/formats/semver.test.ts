import { expect, test } from "vitest";
import { compareVersions, parseVersion, type Version } from "./semver.ts";

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(`${text} is no version`);
  return parsed;
}

test("the specification's own order of precedence holds", () => {
  const ordered = [
    "0.0.9",
    "0.10.0",
    "1.0.0-0",
    "1.0.0-2",
    "1.0.0-10",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.2.9",
    "1.2.10",
    "2.0.0",
    "10.0.0",
    "99999999999999999998.0.0",
    "99999999999999999999.0.0",
  ];
  for (const [i, left] of ordered.entries()) {
    for (const [j, right] of ordered.entries()) {
      const order = Math.sign(compareVersions(version(left), version(right)));
      expect(`${left} ${right} ${order}`).toBe(`${left} ${right} ${Math.sign(i - j)}`);
    }
  }
});

test("build metadata makes no version newer", () => {
  expect(compareVersions(version("1.2.3+10"), version("1.2.3+9"))).toBe(0);
  expect(compareVersions(version("1.2.3"), version("1.2.3+9"))).toBe(0);
  expect(compareVersions(version("1.2.3-rc.1+9"), version("1.2.3"))).toBeLessThan(0);
});

test.each([
  "",
  "1",
  "1.2",
  "v1.2.3",
  "1.2.3.4",
  "01.2.3",
  "1.2.03",
  "1.2.3-",
  "1.2.3-01",
  "1.2.3-a..b",
  "1.2.3+",
  "1.2.3+a_b",
  " 1.2.3",
])("%j is no semantic version", (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test("the parts of a version are read", () => {
  expect(version("1.22.3-rc.1.x-y+build.05")).toEqual({
    text: "1.22.3-rc.1.x-y+build.05",
    major: "1",
    minor: "22",
    patch: "3",
    prerelease: ["rc", "1", "x-y"],
    build: "build.05",
  });
});
