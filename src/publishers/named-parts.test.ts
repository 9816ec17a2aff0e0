import { expect, test } from "vitest";
import { nameUnknownParts } from "./named-parts.ts";

test.each<readonly [text: string, unknown: readonly string[], reference: string]>([
  ["a:1", [], "a:1"],
  ["a:$TAG", ["$TAG"], "a:‹TAG›"],
  ["a:${TAG}-${TAG}", ["${TAG}"], "a:‹TAG›-‹TAG›"],
  ["a:${TAG:-latest}", ["${TAG:-latest}"], "a:‹latest, unless TAG is set›"],
  ['a:${TAG-"x"}', ['${TAG-"x"}'], "a:‹x, unless TAG is set›"],
  ["a:${TAG:-}", ["${TAG:-}"], "a:‹TAG›"],
  ["a:${1:?no tag}", ["${1:?no tag}"], "a:‹$1›"],
  ["a:${1:-dev}", ["${1:-dev}"], "a:‹dev, unless $1 is set›"],
  ["a:1${DEBUG:+-debug}", ["${DEBUG:+-debug}"], "a:1‹-debug, if DEBUG is set›"],
  ["a:${TAG#v}", ["${TAG#v}"], "a:‹TAG#v›"],
  ["a:$(VERSION)", ["$(VERSION)"], "a:‹VERSION›"],
  ["a:$(git rev-parse HEAD)", ["$(git rev-parse HEAD)"], "a:‹$(git rev-parse HEAD)›"],
  ["${{ env.NAME }}:${{ x }}", ["${{ env.NAME }}", "${{ x }}"], "‹env.NAME›:‹x›"],
  ["a:‹github.sha›", ["‹github.sha›"], "a:‹github.sha›"],
  ["a:‹x.‹y››", ["‹x.‹y››"], "a:‹x.y›"],
])("the unknown parts of %s are named", (text, unknown, reference) => {
  const named = nameUnknownParts({ text, unknown });
  expect(named.reference).toBe(reference);
  for (const each of named.unknown) expect(reference).toContain(each);
  expect(named.unknown.length > 0).toBe(unknown.length > 0);
});
