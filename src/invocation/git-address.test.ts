import { expect, test } from "vitest";
import { type GitAddress, parseGitAddress } from "./git-address.ts";

const commit = "a".repeat(40);
const shop = "https://github.com/acme/shop.git";

test.each<[string, GitAddress | undefined]>([
  [shop, { remote: shop, ref: null, commit: null, folder: "." }],
  [`${shop}#main`, { remote: shop, ref: "main", commit: null, folder: "." }],
  [`${shop}#refs/heads/main:api/`, { remote: shop, ref: "refs/heads/main", commit: null, folder: "api" }],
  [`${shop}#${commit}`, { remote: shop, ref: commit, commit, folder: "." }],
  [`${shop}#:api`, { remote: shop, ref: null, commit: null, folder: "api" }],
  [
    `${shop}?ref=refs/pull/5/merge&checksum=${commit}&subdir=api/web`,
    { remote: shop, ref: "refs/pull/5/merge", commit, folder: "api/web" },
  ],
  [`${shop}?ref=${commit}`, { remote: shop, ref: commit, commit, folder: "." }],
  [`${shop}?tag=v1`, { remote: shop, ref: "v1", commit: null, folder: "." }],
  ["git@github.com:acme/shop.git#v1", { remote: "git@github.com:acme/shop.git", ref: "v1", commit: null, folder: "." }],
  [`${shop}?keep-git-dir=1`, undefined],
  [`${shop}?submodules=false`, undefined],
  [`${shop}?ref=a&branch=b`, undefined],
  [`${shop}?ref=a#b`, undefined],
  [`${shop}#main:../other`, undefined],
  ["https://example.com/context.tar.gz", undefined],
  ["github.com/acme/shop", undefined],
])("%s", (url, expected) => expect(parseGitAddress(url)).toEqual(expected));
