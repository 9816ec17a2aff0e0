import { array, constantFrom, sample } from "fast-check";
import { expect, test } from "vitest";
import { checkedOut } from "./checked-out.ts";
import { openRepository } from "../git/repository.ts";
import { makeTestRepository } from "../testing/repository.ts";
import { readTree, type TreeEntry } from "../tree/tree.ts";

const rules = ["text eol=crlf", "text=auto eol=crlf", "ident", "ident text eol=crlf", "ident text=auto eol=crlf"];
const words = ["a", "\n", "\n", "\r", "\r\n", "\0", "\x1a", "\x7f", "\x01", "ü", "\t", "x".repeat(200)];
const keywords = ["$", "$Id$", "$Id: 12ab $", "$Id: a b $", "$Id:$", "$Id: ", "$Id:x$", "$Idx$", "$Id:\n$", "Id$"];

const idOf = ({ digest }: TreeEntry): string => digest.slice("sha1:".length);

test("line ends and keywords are those that git makes", async () => {
  const texts = sample(array(constantFrom(...words, ...keywords), { maxLength: 8 }), { numRuns: 120 });
  const contents = [...keywords, "", ...texts.map((parts) => parts.join(""))];
  const files = rules.flatMap((_rule, rule) =>
    contents.map((content, index): [string, string] => [`${index}.r${rule}`, content]),
  );
  const each = await makeTestRepository(Object.fromEntries(files));
  try {
    // The blobs are what was written, since there was no rule yet.
    await each.commit({ ".gitattributes": rules.map((rule, index) => `*.r${index} ${rule}\n`).join("") });
    const tree = await readTree(await openRepository(each.host, each.root), { commit: "HEAD" });
    const entries = [...tree.under(".")].filter(({ path }) => path !== ".gitattributes");
    const conversions = await tree.conversions.of(entries);
    const asked = entries.map((entry) => `${idOf(entry)} ${entry.path}\n`).join("");
    const { stdout } = await each.host.run("git", ["cat-file", "--batch", "--filters"], { stdin: asked });
    let answer = Buffer.from(stdout);
    for (const entry of entries) {
      const made = checkedOut(await tree.read(entry.path), (conversions.get(entry.path) ?? "").split("+"), idOf(entry));
      // The size that git prints is the blob's own.
      const start = answer.indexOf("\n") + 1;
      const end = start + made.length + 1;
      expect(`${Buffer.from(made).toString("latin1")}\n`, entry.path).toBe(answer.toString("latin1", start, end));
      answer = answer.subarray(end);
    }
    expect(answer).toHaveLength(0);
    expect(entries).toHaveLength(files.length);
  } finally {
    await each.dispose();
  }
});
