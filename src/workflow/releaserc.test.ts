import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { planReleaserc, type ReleasercRequest } from "./releaserc.ts";

const request: ReleasercRequest = {
  trunk: "main",
  tag: "v{version}",
  group: undefined,
  markers: { begin: "<!-- b -->", end: "<!-- e -->" },
};
const template = "<%= nextRelease.notes %>\n\n<!-- b -->\n<!-- e -->\n";
const github = ["@semantic-release/github", { releaseBodyTemplate: template }];

function plan(path: string, text: string, more: Partial<ReleasercRequest> = {}) {
  return planReleaserc({ path, text }, { ...request, ...more });
}

describe("semantic-release's configuration", () => {
  test("is made where there is none", () => {
    const made = planReleaserc(undefined, request);
    expect([made.path, made.before, made.branches]).toEqual([".releaserc.json", null, ["main"]]);
    expect(JSON.parse(made.after)).toEqual({
      branches: ["main"],
      plugins: [
        "@semantic-release/commit-analyzer",
        "@semantic-release/release-notes-generator",
        "slipway/semantic-release",
        github,
      ],
    });
  });

  test("says the tag format and the group where they are not the usual", () => {
    const made = planReleaserc(undefined, { ...request, tag: "api-v{version}", group: "api" });
    expect(JSON.parse(made.after)).toMatchObject({
      tagFormat: "api-v${version}",
      plugins: expect.arrayContaining([["slipway/semantic-release", { group: "api" }]]),
    });
  });

  test("gets the plugin before GitHub's, and keeps what else is there", () => {
    const text = `{
    "branches": ["main", { "name": "next", "prerelease": true }, "+([0-9]).x"],
    "plugins": [
        "@semantic-release/commit-analyzer",
        ["@semantic-release/exec", { "prepareCmd": "make" }],
        ["@semantic-release/github", { "assets": ["a.zip"] }],
        "@semantic-release/git"
    ]
}
`;
    const { after, branches } = plan(".releaserc", text);
    expect(JSON.parse(after)).toEqual({
      branches: ["main", { name: "next", prerelease: true }, "+([0-9]).x"],
      plugins: [
        "@semantic-release/commit-analyzer",
        ["@semantic-release/exec", { prepareCmd: "make" }],
        "slipway/semantic-release",
        ["@semantic-release/github", { assets: ["a.zip"], releaseBodyTemplate: template }],
        "@semantic-release/git",
      ],
    });
    expect(after).toContain('\n    "plugins"');
    expect(branches).toEqual(["main", "next"]);
    expect(plan(".releaserc", after).after).toBe(after);
  });

  test("in YAML keeps its comments, and is the same the second time", () => {
    const text = `# how we release
branches: main
plugins:
  - "@semantic-release/commit-analyzer" # by commits
  - - "@semantic-release/github"
    - assets: [a.zip]
`;
    const { after } = plan(".releaserc.yaml", text);
    expect(after).toContain("# how we release");
    expect(after).toContain("# by commits");
    expect(parse(after)).toMatchObject({
      branches: "main",
      plugins: [
        "@semantic-release/commit-analyzer",
        "slipway/semantic-release",
        ["@semantic-release/github", { assets: ["a.zip"], releaseBodyTemplate: template }],
      ],
    });
    expect(plan(".releaserc.yaml", after).after).toBe(after);
  });

  test("without plugins names those that semantic-release loads by itself", () => {
    for (const [path, text] of [
      [".releaserc.json", "{}"],
      [".releaserc.yml", "branches: [main]\n"],
    ] as const) {
      const { plugins } = parse(plan(path, text).after) as { plugins: unknown[] };
      expect(plugins).toEqual([
        "@semantic-release/commit-analyzer",
        "@semantic-release/release-notes-generator",
        "@semantic-release/npm",
        "slipway/semantic-release",
        github,
      ]);
    }
  });

  test("in package.json changes its key alone", () => {
    const text = '{\n\t"name": "shop",\n\t"release": {\n\t\t"branches": ["main"]\n\t},\n\t"private": true\n}';
    const { after, path } = plan("package.json", text);
    expect(path).toBe("package.json");
    expect(Object.keys(JSON.parse(after) as object)).toEqual(["name", "release", "private"]);
    expect(after.startsWith('{\n\t"name": "shop",\n\t"release": {')).toBe(true);
    expect(after.endsWith("}")).toBe(true);
  });

  test("with a body template of a person's own keeps it", () => {
    const own = ["@semantic-release/github", { releaseBodyTemplate: "mine" }];
    const { after } = plan(".releaserc.json", JSON.stringify({ plugins: [own] }));
    expect(JSON.parse(after)).toEqual({ plugins: ["slipway/semantic-release", own] });
  });

  test("that is a script stays, and says what to add", () => {
    const text = "export default { branches: ['main'] };\n";
    const { after, notes } = plan("release.config.mjs", text);
    expect(after).toBe(text);
    expect(notes).toEqual([
      'release.config.mjs is a script and stays as it is: add "slipway/semantic-release" to its plugins, before "@semantic-release/github"',
    ]);
    expect(plan("release.config.mjs", 'import "slipway/semantic-release"').notes).toEqual([]);
  });

  test.each([
    ["a key twice", "branches: [main]\nbranches: [next]\n"],
    ["an alias of nothing", "plugins: *none\n"],
    ["no YAML", "plugins: [\n"],
  ])("with %s stays, and says what to add", (_, text) => {
    const { after, notes } = plan(".releaserc.yaml", text);
    expect(after).toBe(text);
    expect(notes).toEqual([
      expect.stringMatching(/^\.releaserc\.yaml is neither JSON nor YAML and stays as it is: add /),
    ]);
  });

  test("with another tag format tells what slipway.yaml must say", () => {
    const { notes, after } = plan(".releaserc.json", '{"tagFormat": "${version}", "plugins": []}');
    expect(JSON.parse(after)).toMatchObject({ tagFormat: "${version}" });
    expect(notes).toEqual([
      'semantic-release tags versions as "${version}": write under groups.default in slipway.yaml: tag: "{version}"',
    ]);
  });
});
