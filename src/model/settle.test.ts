import { expect, test } from "vitest";
import { settleAll } from "./settle.ts";

test("values come in order", async () => {
  expect(await settleAll([Promise.resolve(1), Promise.resolve("two")])).toEqual([1, "two"]);
});

test("the first error is thrown when everything has ended", async () => {
  const ended: string[] = [];
  const slow = new Promise<void>((resolve) => setImmediate(resolve)).then(() => ended.push("slow"));
  const failing = [slow, Promise.reject(new Error("first")), Promise.reject(new Error("second"))];
  await expect(settleAll(failing)).rejects.toThrow("first");
  expect(ended).toEqual(["slow"]);
});
