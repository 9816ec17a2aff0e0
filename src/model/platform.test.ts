import { describe, expect, test } from "vitest";
import { parsePlatform } from "./platform.ts";

describe("a platform", () => {
  test.each([
    ["linux/amd64", "linux/amd64"],
    ["Linux/x86_64", "linux/amd64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6"],
    ["windows/amd64", "windows/amd64"],
    ["linux/riscv64", "linux/riscv64"],
  ])("%s is %s", (text, platform) => expect(parsePlatform(text)).toBe(platform));

  test.each(["linux", "linux/amd46", "lunix/amd64", "amd64/linux", "linux/arm/v7/x", "linux/", ""])(
    "is not %j",
    (text) => expect(parsePlatform(text)).toBeUndefined(),
  );
});
