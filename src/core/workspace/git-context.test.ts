import { expect, test } from "vitest";
import type { RunOptions } from "../../host.ts";
import { makeTestHost } from "../../testing/test-host.ts";
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

test.each(["ext::sh -c x#main", "--upload-pack=x", "file:///srv/shop.git", "/srv/shop.git"])(
  "git is never run for %s",
  async (url) => {
    const host = makeTestHost({ run: () => Promise.reject(new Error("git was run")) });
    await expect(resolveGitContext(host, url)).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining(JSON.stringify(url)),
    });
  },
);

test("git may only use the network for a context, whatever its configuration makes of the address", async () => {
  const runs: (RunOptions | undefined)[] = [];
  const stdout = new TextEncoder().encode(listed);
  const host = makeTestHost({
    run: async (_program, args, options) => {
      expect(args.slice(0, 3)).toEqual(["ls-remote", "--", "https://github.com/acme/shop.git"]);
      runs.push(options);
      return { exitCode: 0, stdout, stderr: "" };
    },
  });
  await resolveGitContext(host, "github.com/acme/shop.git");
  expect(runs).toMatchObject([{ env: { GIT_ALLOW_PROTOCOL: "https:http:ssh:git" } }]);
});

test("a ref that only ends another one's name is not there, and the address is told without its password", async () => {
  const stdout = new TextEncoder().encode(`${"b".repeat(40)}\trefs/heads/feature/next\n`);
  const host = makeTestHost({ run: async () => ({ exitCode: 0, stdout, stderr: "" }) });
  const error = await resolveGitContext(host, "https://ada:p@s3cret@example.test/a.git#next").catch(
    (each: unknown) => each,
  );
  expect(error).toMatchObject({ code: "configuration", message: expect.stringContaining('no "next" there') });
  expect(String(error)).not.toContain("s3cret");
});
