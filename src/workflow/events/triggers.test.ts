import { describe, expect, it } from "vitest";
import { parseWorkflow } from "../adopt/source.ts";
import type { YamlMap } from "../../formats/yaml-data.ts";
import { matchesFilter, passesFilters } from "./filter-pattern.ts";
import { publishEvents } from "./list-events.ts";
import { otherTriggers, startOf } from "./triggers.ts";

describe("a filter pattern", () => {
  it.each([
    ["*", "main", true],
    ["*", "releases/1", false],
    ["**", "releases/1", true],
    ["releases/**", "releases/beta/1", true],
    ["releases/**", "releases", false],
    ["v2*", "v2.9", true],
    ["v[12].[0-9]+.[0-9]+", "v1.10.1", true],
    ["v[12].[0-9]+.[0-9]+", "v1.10.1-rc.1", false],
    ["*.jsx?", "page.js", true],
    ["*.jsx?", "page.jsx", true],
    ["**/docs/**", "docs/a.md", true],
    ["**/docs/**", "x/docs/a/b.md", true],
    ["**/docs/**", "xdocs/a.md", false],
    ["docs/**/*.md", "docs/a.md", true],
    ["docs/**/*.md", "docs/b/a.md", true],
    ["**.js", "a/b.js", true],
    ["*feature", "my-feature", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["Main", "main", false],
    ["[", "[", undefined],
    ["+", "+", undefined],
    ["*a".repeat(200), "a".repeat(2000), true],
    [`${"**a".repeat(200)}b`, "a".repeat(2000), false],
  ])("%s of %s: %s", (pattern, text, matches) => expect(matchesFilter(pattern, text)).toBe(matches));

  it.each([
    [["releases/**", "!releases/**-alpha"], "releases/1", true],
    [["releases/**", "!releases/**-alpha"], "releases/1-alpha", false],
    [["!x", "*"], "x", true],
    [["!x"], "y", false],
  ])("in a list %j takes %s: %s", (patterns, text, passes) => expect(passesFilters(patterns, text)).toBe(passes));
});

const events = publishEvents({ repository: "acme/shop", trunk: "main" });

/** The events that start a workflow, as `name/event`; a question mark where it is open. */
function started(on: string): string[] {
  return events.flatMap((event) => {
    const { starts, activity } = startOf(onOf(on), event);
    if (starts === false) return [];
    const title = event.event === "push" || event.event === event.name ? event.name : `${event.name}/${event.event}`;
    const suffix = activity === undefined ? "" : ` ${activity}`;
    return [`${title}${suffix}${starts === true ? "" : `? ${starts.because.join()}`}`];
  });
}

function onOf(on: string): YamlMap {
  return parseWorkflow("ci.yml", `on: ${on}\njobs:\n  a:\n    steps: []\n`)?.on ?? {};
}

describe("a workflow is started", () => {
  it.each([
    ["push", ["trunk-push", "branch-push", "version-tag", "prerelease-tag"]],
    ["{ push: { branches: [main] } }", ["trunk-push"]],
    ["{ push: { branches: ['**', '!main'] } }", ["branch-push"]],
    ["{ push: { branches-ignore: [dev] } }", ["trunk-push"]],
    ["{ push: { tags: ['v*'] } }", ["version-tag", "prerelease-tag"]],
    ["{ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } }", ["version-tag"]],
    ["{ push: { tags-ignore: ['*-rc*'] } }", ["version-tag"]],
    ["{ push: { branches: [main], tags: ['v*', '!*-rc*'] } }", ["trunk-push", "version-tag"]],
    [
      "{ push: { paths: ['src/**'] } }",
      ["trunk-push? which files are changed", "branch-push? which files are changed", "version-tag", "prerelease-tag"],
    ],
    ["{ push: { branches: [main], paths: ['**'] } }", ["trunk-push"]],
    ["{ push: { branches: [dev], paths-ignore: ['**.md'] } }", ["branch-push? which files are changed"]],
    ["create", ["version-tag/create", "prerelease-tag/create"]],
    ["pull_request", ["pull-request/pull_request synchronize", "fork-pull-request/pull_request synchronize"]],
    ["{ pull_request: { branches: [dev] } }", []],
    ["{ pull_request: { types: [closed] } }", []],
    [
      "{ pull_request_target: { types: [opened, labeled] } }",
      ["pull-request/pull_request_target opened", "fork-pull-request/pull_request_target opened"],
    ],
    ["{ schedule: [{ cron: '0 0 * * *' }] }", ["schedule"]],
    ["[workflow_dispatch, repository_dispatch]", ["dispatch/workflow_dispatch", "dispatch/repository_dispatch"]],
    ["{ release: { types: [created] } }", ["release created"]],
    ["release", ["release published"]],
    ["workflow_call", []],
  ])("on %s by %j", (on, names) => expect(started(on)).toEqual(names));

  it("by events beside the table, which are named", () => {
    expect(
      otherTriggers(onOf("{ push: , issue_comment: , pull_request: { types: [closed, opened] } }"), events),
    ).toEqual(["issue_comment", "pull_request (closed)"]);
  });
});
