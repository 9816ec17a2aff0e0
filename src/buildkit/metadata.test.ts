import { expect, test } from "vitest";
import { parseMetadata } from "./metadata.ts";

const digest = `sha256:${"1".repeat(64)}`;

test.each([
  ["the digest of what was pushed", `{"containerimage.digest":"${digest}","image.name":"a:b"}`, { digest }],
  [
    "the descriptor's digest where there is no other",
    `{"containerimage.descriptor":{"digest":"${digest}"}}`,
    { digest },
  ],
  ["nothing without a digest", `{"buildx.build.ref":"default/default/x"}`, undefined],
  ["nothing of something that is no digest", `{"containerimage.digest":"sha256:12"}`, undefined],
  ["nothing of a file that was cut", `{"containerimage.digest":"sha`, undefined],
  ["nothing of an empty file", "", undefined],
  ["nothing of a list", "[]", undefined],
])("the metadata file gives %s", (_name, text, expected) => {
  expect(parseMetadata(text)).toEqual(expected);
});
