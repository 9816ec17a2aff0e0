import { describe, expect, it } from "vitest";
import { type Evaluated, renderText } from "../../expressions/evaluated.ts";
import { evaluateText } from "../../expressions/template.ts";
import { eventTitles } from "./event-titles.ts";
import { publishEvents } from "./list-events.ts";

const events = publishEvents({ repository: "acme/shop", trunk: "main", commit: "0123456789abcdef" });

function ask(name: string, event: string, text: string): string {
  const found = events.find((each) => each.name === name && each.event === event);
  if (found === undefined) throw new RangeError(`there is no ${name} by ${event}`);
  const value: Evaluated = evaluateText(text, { contexts: new Map([["github", found.github]]) });
  return renderText(value);
}

describe("the nine events", () => {
  it("are all there", () => {
    expect([...new Set(events.map(({ name }) => name))].sort()).toEqual(Object.keys(eventTitles).sort());
  });

  it.each([
    ["trunk-push", "push", "github.ref", "refs/heads/main"],
    ["trunk-push", "push", "github.sha", "0123456789abcdef"],
    ["trunk-push", "push", "github.ref_name == github.event.repository.default_branch", "true"],
    ["trunk-push", "push", "github.event.pull_request.head.repo.fork", ""],
    ["trunk-push", "push", "github.event_name != 'pull_request'", "true"],
    ["trunk-push", "push", "github.repository_owner == 'Acme'", "true"],
    [
      "trunk-push",
      "push",
      "contains(github.event.head_commit.message, '[skip]')",
      "‹github.event.head_commit.message›",
    ],
    ["trunk-push", "push", "github.nosuch", ""],
    ["branch-push", "push", "github.ref_name", "dev"],
    ["branch-push", "push", "github.sha", "‹github.sha›"],
    ["version-tag", "push", "format('{0} {1}', github.ref_type, github.ref_name)", "tag v1.2.3"],
    ["version-tag", "create", "github.event.ref", "v1.2.3"],
    ["prerelease-tag", "push", "contains(github.ref, '-')", "true"],
    ["pull-request", "pull_request", "github.ref", "refs/pull/‹github.event.number›/merge"],
    ["pull-request", "pull_request", "startsWith(github.ref, 'refs/tags/')", "false"],
    ["pull-request", "pull_request", "github.ref == 'refs/heads/main'", "false"],
    ["pull-request", "pull_request", "github.event.pull_request.head.repo.full_name == github.repository", "true"],
    ["pull-request", "pull_request", "github.event.pull_request.number", "‹github.event.number›"],
    ["pull-request", "pull_request", "github.base_ref", "main"],
    [
      "fork-pull-request",
      "pull_request",
      "github.event.pull_request.head.repo.full_name == github.repository",
      "false",
    ],
    ["fork-pull-request", "pull_request", "!github.event.pull_request.head.repo.fork", "false"],
    ["fork-pull-request", "pull_request_target", "github.ref", "refs/heads/main"],
    ["schedule", "schedule", "github.event.schedule", "‹github.event.schedule›"],
    ["dispatch", "workflow_dispatch", "github.event.inputs.tag", "‹github.event.inputs.tag›"],
    ["release", "release", "github.event.release.tag_name", "v1.2.3"],
    ["release", "release", "github.event.action", "published"],
  ])("%s as %s has %s: %s", (name, event, text, value) => expect(ask(name, event, text)).toBe(value));
});
