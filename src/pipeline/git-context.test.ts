import { expect, test } from "vitest";
import { makeTestHost } from "../testing/test-host.ts";
import { findCommit, resolveGitContext } from "./git-context.ts";

const listed = [
  ["a".repeat(40), "HEAD"],
  ["b".repeat(40), "refs/heads/feature/main"],
  ["c".repeat(40), "refs/heads/main"],
  ["d".repeat(40), "refs/tags/v1"],
  ["e".repeat(40), "refs/tags/v1^{}"],
  ["f".repeat(40), "refs/tags/main"],
]
  .map((columns) => columns.join("\t"))
  .join("\n");

test.each([
  ["a branch, not one whose name ends alike", "main", "c"],
  ["a branch in full", "refs/heads/feature/main", "b"],
  ["an annotated tag's commit", "v1", "e"],
  ["what is checked out", "HEAD", "a"],
])("a git context names %s", (_, ref, digit) => {
  expect(findCommit(listed, ref)).toBe(digit.repeat(40));
});

test("a ref that only ends another one's name is not there, and the address is told without its password", async () => {
  const stdout = new TextEncoder().encode(`${"b".repeat(40)}\trefs/heads/feature/next\n`);
  const host = makeTestHost({ run: async () => ({ exitCode: 0, stdout, stderr: "" }) });
  const error = await resolveGitContext(host, "https://ada:s3cret@example.test/a.git#next").catch(
    (each: unknown) => each,
  );
  expect(error).toMatchObject({ code: "configuration", message: expect.stringContaining('no "next" there') });
  expect(String(error)).not.toContain("s3cret");
});
