import { makeValue, unknown } from "../../expressions/evaluated.ts";
import { created, makeEvent, open, pullRequests, pushed, released } from "./make-event.ts";
import type { EventFacts, PublishEvent } from "./publish-event.ts";
import type { RefClass } from "./ref-classes.ts";

/** Returns all events that GitHub sends for the happenings of the table, in the order of the table. */
export function publishEvents(facts: EventFacts): PublishEvent[] {
  const trunk = `refs/heads/${facts.trunk}`;
  const version = `refs/tags/${facts.versionTag ?? "v1.2.3"}`;
  const prerelease = `refs/tags/${facts.prereleaseTag ?? "v1.3.0-rc.1"}`;
  return [
    pushed({ name: "trunk-push", ref: trunk }, facts),
    pushed({ name: "branch-push", ref: `refs/heads/${facts.branch ?? "dev"}` }, facts),
    pushed({ name: "version-tag", ref: version }, facts),
    created({ name: "version-tag", ref: version }, facts),
    pushed({ name: "prerelease-tag", ref: prerelease }, facts),
    created({ name: "prerelease-tag", ref: prerelease }, facts),
    ...(facts.classes ?? []).flatMap((each) => eventsOfClass(each, facts)),
    ...pullRequests({ name: "pull-request", isFork: false }, facts),
    ...pullRequests({ name: "fork-pull-request", isFork: true }, facts),
    makeEvent({ name: "schedule", event: "schedule", ref: trunk, payload: { schedule: open("schedule") } }, facts),
    makeEvent(
      {
        name: "dispatch",
        event: "workflow_dispatch",
        ref: trunk,
        payload: { inputs: open("inputs"), ref: makeValue(trunk), workflow: open("workflow") },
      },
      facts,
    ),
    makeEvent(
      {
        name: "dispatch",
        event: "repository_dispatch",
        ref: trunk,
        payload: { action: open("action"), branch: makeValue(facts.trunk), client_payload: open("client_payload") },
      },
      facts,
    ),
    released(version, facts),
  ];
}

function eventsOfClass({ kind, title, name }: RefClass, facts: EventFacts): PublishEvent[] {
  switch (kind) {
    case "branch":
      return [pushed({ name: "class", title, ref: `refs/heads/${name}` }, facts)];
    case "tag":
      return [pushed, created].map((make) => make({ name: "class", title, ref: `refs/tags/${name}` }, facts));
    case "base":
      return [false, true].flatMap((isFork) =>
        pullRequests(
          { name: "class", title: isFork ? title.replace(" to ", " of a fork to ") : title, isFork, base: name },
          facts,
        ),
      );
  }
}

/** Events whose runs are on the default branch. Source: GitHub's "Events that trigger workflows", the column `GITHUB_REF`. */
const onTrunk: ReadonlySet<string> = new Set(
  (
    "branch_protection_rule check_run check_suite delete discussion discussion_comment fork gollum issue_comment issues label milestone page_build public " +
    "repository_dispatch schedule status watch workflow_run"
  ).split(" "),
);

/**
 * Makes an event that is not in the table, such as `workflow_run` or `release (edited)`. Its title is the trigger; what its payload holds is unknown.
 */
export function otherEvent(title: string, facts: EventFacts): PublishEvent {
  const [, event = title, types] = /^(\w+) \((.*)\)$/.exec(title) ?? [];
  const activities = types === undefined ? [] : types.split(", ");
  if (event === "release") {
    const made = released(`refs/tags/${facts.versionTag ?? "v1.2.3"}`, facts);
    return { ...made, name: "other", title, activities };
  }
  const [pullRequest] = pullRequests({ name: "other", title, isFork: false }, facts).filter(
    (each) => each.event === event,
  );
  if (pullRequest !== undefined) return { ...pullRequest, activities };
  const ref = onTrunk.has(event) ? `refs/heads/${facts.trunk}` : unknown("github.ref");
  return makeEvent({ name: "other", title, event, ref, payload: {}, activities, isOpen: true }, facts);
}
