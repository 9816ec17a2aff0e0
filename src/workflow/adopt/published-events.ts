import type { Draft } from "./draft.ts";
import type { ReleaseRule } from "./release-rule.ts";
import type { EventName } from "../events/event-titles.ts";

/** Names of the events on which a service gets tags. */
export function publishedEvents({ services, bakes }: Draft): ReadonlySet<EventName> {
  if (bakes) return new Set(["trunk-push", "version-tag", "prerelease-tag", "release"]);
  const tagged = services.all.flatMap(({ refs }) =>
    [...refs].flatMap(([event, references]) => (references.some((each) => !each.includes("@")) ? [event] : [])),
  );
  return new Set(tagged);
}

/** Decides which runs are released, so that they are those that published before. */
export function releaseRuleOf(draft: Draft): ReleaseRule {
  const { rows, source, bakes } = draft;
  const own = new Set(["push", "release"]);
  const events = [...rows.events].filter((event) => !own.has(event) && !event.startsWith("pull_request")).sort();
  const published = publishedEvents(draft);
  const byHand = rows.byHandOnBranch.length === 0 && events.includes("workflow_dispatch") ? "trunk" : "all";
  if (bakes || !("push" in source.on)) return { events, branches: "all", byHand };
  const onTrunk = published.has("trunk-push");
  const onOthers = published.has("branch-push");
  if (onTrunk) return { events, branches: onOthers || !rows.startsOnBranches ? "all" : "trunk", byHand };
  if (onOthers) return { events, branches: "others", byHand };
  return { events, branches: rows.startsOnTrunk ? "none" : "all", byHand };
}
