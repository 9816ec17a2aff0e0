import { describe, expect, test } from "vitest";
import { asMap, type YamlMap, type YamlValue } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import { exampleOfFilter } from "./filter-example.ts";
import { passesFilters } from "./filter-pattern.ts";
import { findRefClasses } from "./ref-classes.ts";

function onOf(text: string): YamlMap {
  return asMap(readYamlText(text)?.value as YamlValue);
}

function classes(...workflows: readonly string[]): string[] {
  const found = findRefClasses(
    workflows.map((text) => ({ on: text.startsWith("{") ? onOf(text) : {}, text })),
    "main",
  );
  return [`(${found.usual.branch})`, ...found.classes.map(({ title, name }) => `${title}: ${name}`)];
}

describe("branches and tags that workflows tell apart", () => {
  test.each<readonly [what: string, workflows: readonly string[], found: readonly string[]]>([
    ["none", ["{ push: { branches: [main], tags: ['v*'] } }"], ["(dev)"]],
    ["all branches", ["{ push: { branches: ['**', '!main'] } }", "{ push: { tags: ['*'] } }"], ["(dev)"]],
    [
      "by filters with wildcards",
      ["{ push: { branches: [main, 'release/**', 'hotfix-*'], tags: ['v2.*'] } }"],
      [
        "(dev)",
        "push to release/**: release/1.2",
        "push to hotfix-*: hotfix-1.2",
        "tag v2.*: v2.2.3",
        "pre-release tag v2.*: v2.3.0-rc.1",
      ],
    ],
    ["by name", ["{ push: { branches: [stable, dev] } }"], ["(topic)", "push to stable: stable", "push to dev: dev"]],
    [
      "by what a filter leaves out",
      ["{ push: { branches: ['**', '!wip/**'], tags-ignore: ['*-rc*', 'nightly'] } }"],
      ["(dev)", "push to wip/**: wip/1.2", "tag nightly: nightly"],
    ],
    [
      "by sets",
      ["{ push: { branches: ['shop-[0-9]+.[0-9]+-stable'], tags: ['shop-[0-9]+.[0-9]+.[0-9]+-GA'] } }"],
      [
        "(dev)",
        "push to shop-[0-9]+.[0-9]+-stable: shop-1.2-stable",
        "tag shop-[0-9]+.[0-9]+.[0-9]+-GA: shop-1.2.3-GA",
      ],
    ],
    [
      "by tags of several kinds",
      ["{ push: { tags: ['api-v*'] } }", "{ push: { tags: ['web@*'] } }"],
      [
        "(dev)",
        "tag api-v*: api-v1.2.3",
        "pre-release tag api-v*: api-v1.3.0-rc.1",
        "tag web@*: web@1.2.3",
        "pre-release tag web@*: web@1.3.0-rc.1",
      ],
    ],
    [
      "with an example that another pattern leaves out",
      ["{ push: { branches: ['r/*', '!r/1.2'] } }"],
      ["(dev)", "push to r/*: r/1", "push to r/1.2: r/1.2"],
    ],
    [
      "by conditions",
      [
        "if: github.ref == 'refs/heads/stable' || startsWith(github.ref, 'refs/heads/release/') || startsWith(github.ref, 'refs/tags/v')",
      ],
      ["(dev)", "push to stable: stable", "push to release/**: release/1.2"],
    ],
    [
      "by the branch that pull requests change",
      ["{ pull_request: { branches: [dev] } }"],
      ["(dev)", "pull request to dev: dev"],
    ],
  ])("%s", (_, workflows, found) => expect(classes(...workflows)).toEqual(found));
});

test("an example passes its filter", () => {
  const patterns = ["release/**", "**/v*", "v?.*", "[a-c]x+", "a\\*b*", "*", "releases/**-[0-9]"];
  for (const pattern of patterns)
    for (const name of exampleOfFilter(pattern, "branch"))
      expect([pattern, passesFilters([pattern], name)]).toEqual([pattern, true]);
});
