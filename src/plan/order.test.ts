import { describe, expect, test } from "vitest";
import { orderByNeeds } from "./order.ts";

type Given = Readonly<Record<string, readonly string[]>>;

const order = (given: Given): string[] =>
  orderByNeeds(Object.entries(given).map(([name, needs]) => ({ name, needs }))).map(({ name }) => name);

describe("services in the order of their needs", () => {
  test.each<[string, Given, string[]]>([
    ["by name where nothing is needed", { b: [], a: [] }, ["a", "b"]],
    ["what is needed first, by name too", { a: ["d", "c"], b: [], c: ["b"], d: [] }, ["b", "c", "d", "a"]],
    ["once, where several need it", { a: ["c"], b: ["c"], c: [] }, ["c", "a", "b"]],
    ["without what is not among them", { a: ["gone"] }, ["a"]],
  ])("stand %s", (_, given, expected) => {
    expect(order(given)).toEqual(expected);
  });

  test.each<[Given, string]>([
    [{ a: ["a"] }, "a -> a"],
    [{ a: ["b"], b: ["d", "c"], c: ["b"], d: [] }, "b -> c -> b"],
  ])("are refused with the circle that they need each other in", (given, circle) => {
    expect(() => order(given)).toThrow(`services need each other in a circle: ${circle}`);
  });

  test("may be a row that is longer than the stack", () => {
    const row = Array.from({ length: 20_000 }, (_, index) => ({ name: `s${index}`, needs: [`s${index + 1}`] }));
    expect(orderByNeeds(row).at(-1)?.name).toBe("s0");
  });
});
