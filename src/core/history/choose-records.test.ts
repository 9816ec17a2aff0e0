import { expect, test } from "vitest";
import { makeReleaseName } from "../../records/record-names.ts";
import { chooseRecords } from "./choose-records.ts";

function line(group: string, count: number) {
  return Array.from({ length: count }, (_, index) =>
    makeReleaseName(group, { kind: "version", version: `1.0.${index}` }, "a".repeat(40)),
  );
}

test.each<[string, number, number, number, number, number]>([
  ["one line within the limit", 1, 5, 20, 5, 0],
  ["one long line, of which more are not asked for", 1, 3000, 20, 20, 0],
  ["many lines, each with its last ones", 100, 30, 20, 2000, 0],
  ["more than are read: fewer of each line, and their number", 200, 30, 20, 2000, 2000],
  ["more lines than are read: the last one of each", 2500, 3, 20, 2500, 5000],
])("of %s", (_, lines, each, limit, chosen, left) => {
  const names = Array.from({ length: lines }, (_, index) => line(`g${index}`, each)).flat();
  const found = chooseRecords(names, limit);
  expect([found.chosen.length, found.left]).toEqual([chosen, left]);
  const last = names.filter((_, index) => (index + 1) % each === 0);
  expect(last.every((name) => found.chosen.includes(name))).toBe(true);
});
