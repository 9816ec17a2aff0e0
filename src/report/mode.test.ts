import { describe, expect, test } from "vitest";
import { makeTestHost } from "../testing/test-host.ts";
import { chooseColor, chooseMode, chooseUnicode } from "./mode.ts";

function hostWith(env: Record<string, string>, isTTY: boolean) {
  return makeTestHost({ env, isTTY });
}

describe("the mode", () => {
  test.each([
    ["a terminal", {}, true, false, "live"],
    ["a pipe", {}, false, false, "plain"],
    ["a terminal in CI", { CI: "true" }, true, false, "plain"],
    ["a terminal where CI says no", { CI: "false" }, true, false, "live"],
    ["a terminal that is dumb", { TERM: "dumb" }, true, false, "plain"],
    ["a terminal, quiet", {}, true, true, "quiet"],
    ["a pipe, quiet", {}, false, true, "quiet"],
  ] as const)("on %s is right", (_what, env, isTTY, quiet, mode) => {
    expect(chooseMode(hostWith(env, isTTY), { quiet })).toBe(mode);
  });
});

describe("colours", () => {
  test.each([
    [{}, true, true, true],
    [{}, false, true, false],
    [{}, true, false, false],
    [{ NO_COLOR: "1" }, true, true, false],
    [{ NO_COLOR: "" }, true, true, true],
    [{ FORCE_COLOR: "1" }, false, true, true],
    [{ FORCE_COLOR: "0" }, true, true, false],
    [{ FORCE_COLOR: "1" }, false, false, false],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, true, false],
    [{ TERM: "dumb" }, true, true, false],
    [{ CI: "true" }, true, true, true],
  ] as const)("with %j, terminal %j, flag %j: %j", (env, isTTY, flag, used) => {
    const host = hostWith(env, isTTY);
    expect(chooseColor(host, host.stderr, flag)).toBe(used);
  });
});

describe("characters beyond ASCII", () => {
  test.each([
    [{}, true],
    [{ LANG: "C" }, false],
    [{ LANG: "de_DE.UTF-8" }, true],
    [{ LANG: "de_DE.UTF-8", LC_ALL: "POSIX" }, false],
    [{ LC_CTYPE: "C.utf8", LANG: "C" }, true],
    [{ LANG: "C.UTF-8", TERM: "linux" }, false],
  ] as const)("with %j: %j", (env, used) => expect(chooseUnicode(hostWith(env, true))).toBe(used));
});
