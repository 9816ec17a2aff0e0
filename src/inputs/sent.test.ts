import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { extend, type SentFile } from "./sent.ts";

const file = record({
  context: constantFrom(null, "", "x"),
  path: constantFrom("a", "b"),
  size: integer({ min: 0, max: 1 }),
  second: integer({ min: 0, max: 1 }),
  digest: constantFrom("sha1:1", "sha1:2"),
});

/** One file a path of a context, as a build hands them over. */
const build = array(file, { maxLength: 6 }).map((files) => [
  ...new Map(files.map((each) => [JSON.stringify([each.context, each.path]), each])).values(),
]);

test("under one name, no file was ever sent with the path, size and time of a file with other bytes", () => {
  const keyOf = ({ context, path, size, second }: SentFile): string => JSON.stringify([context, path, size, second]);
  assert(
    property(array(build, { maxLength: 8 }), (builds) => {
      const byName = new Map<string, Map<string, string>>();
      let record: ReturnType<typeof extend> | undefined;
      for (const files of builds) {
        record = extend(record, files);
        const sent = byName.get(record.secret) ?? new Map<string, string>();
        byName.set(record.secret, sent);
        for (const each of files) {
          expect(sent.get(keyOf(each)) ?? each.digest).toBe(each.digest);
          sent.set(keyOf(each), each.digest);
        }
      }
    }),
  );
});

test("a record that only grows is begun anew after some states", () => {
  const state = (second: number): SentFile[] =>
    Array.from({ length: 500 }, (_, at) => ({ context: null, path: `${at}`, size: 1, second, digest: "sha1:1" }));
  let record = extend(undefined, state(0));
  const first = record.secret;
  for (let second = 1; second < 20; second += 1) record = extend(record, state(second));
  expect(record.secret).not.toBe(first);
  expect(Object.keys(record.files).length).toBeLessThan(500 * 8);
});
