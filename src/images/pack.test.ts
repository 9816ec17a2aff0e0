import { describe, expect, test } from "vitest";
import { pack, unpack } from "./pack.ts";

describe.each([
  ["a small text", "a".repeat(1000)],
  ["a large text", Array.from({ length: 60_000 }, (_, index) => `${index}`).join(" ")],
])("%s", (_, text) => {
  test("is the same when it was packed and unpacked", async () => {
    const bytes = await unpack(await pack(text), text.length);
    expect(new TextDecoder().decode(bytes)).toBe(text);
  });
  test("is not unpacked where that gives a byte too many", async () => {
    expect(await unpack(await pack(text), text.length - 1)).toBeUndefined();
  });
  test("is not unpacked when it is no gzip", async () => {
    expect(await unpack(new TextEncoder().encode(text), text.length)).toBeUndefined();
  });
});
