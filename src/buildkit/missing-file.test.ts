import { expect, test } from "vitest";
import { missingFile } from "./missing-file.ts";
import { readRecording } from "./testing/fixtures.ts";

test("the file that a COPY or a mount did not find is named, in every form of progress", () => {
  expect(missingFile(readRecording("failed-copy"))).toBe("/nothing");
  const plain =
    'ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref a::b: "/a b": not found';
  expect(missingFile(["#6 ERROR", plain, ""])).toBe("/a b");
});

test.each(["failed-run", "failed-syntax", "missing-base", "push-denied", "push-502", "interrupted"] as const)(
  "%s is no missing file",
  (recording) => expect(missingFile(readRecording(recording))).toBeUndefined(),
);
