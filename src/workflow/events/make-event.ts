import {
  type Dictionary,
  type Evaluated,
  makeObject,
  makeText,
  makeValue,
  nothing,
  unknown,
} from "../../expressions/evaluated.ts";
import { eventTitles } from "./event-titles.ts";
import type { EventFacts, PublishEvent } from "./publish-event.ts";

/** Values that differ between events; all others come from the repository's facts. */
export interface Happening {
  readonly name: PublishEvent["name"];
  /** Title of its row. Default: that of the name. */
  readonly title?: string;
  readonly event: string;
  readonly ref: string | Evaluated;
  readonly payload: Readonly<Record<string, Evaluated>>;
  readonly activities?: readonly string[];
  readonly hasSecrets?: boolean;
  /** Whether the payload may hold more than what is given. */
  readonly isOpen?: boolean;
  /** Members of the `github` context that replace the usual ones. */
  readonly github?: Readonly<Record<string, Evaluated>>;
}

/** Makes an event with its whole `github` context. Source: GitHub's "github context" and "Webhook events and payloads". */
export function makeEvent(happening: Happening, facts: EventFacts): PublishEvent {
  const { name, event, payload, activities = [] } = happening;
  const ref = typeof happening.ref === "string" ? makeValue(happening.ref) : happening.ref;
  const [owner = ""] = facts.repository.split("/");
  const ofRun = ["actor_id", "repository_id", "repository_owner_id", "run_id", "run_number", "run_attempt", "workflow"];
  const ofRunner = [
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "event_path",
    "path",
    "env",
    "workspace",
  ];
  const others = ["actor", "triggering_actor", "job", "token", "ref_protected", "retention_days", "secret_source"];
  const ofWorkflow = ["workflow_ref", "workflow_sha", "action_status"];
  const onlyAtRuntime = [...ofRun, ...ofRunner, ...others, ...ofWorkflow];
  const [activity] = activities;
  return {
    name,
    title: happening.title ?? (name === "class" || name === "other" ? event : eventTitles[name]),
    event,
    activities,
    hasSecrets: happening.hasSecrets ?? true,
    github: makeObject({
      ...Object.fromEntries(onlyAtRuntime.map((each) => [each, unknown(`github.${each}`)])),
      event_name: makeValue(event),
      ref,
      ...refNames(ref),
      sha: facts.commit === undefined ? unknown("github.sha") : makeValue(facts.commit),
      repository: makeValue(facts.repository),
      repository_owner: makeValue(owner),
      repositoryurl: makeValue(`git://github.com/${facts.repository}.git`),
      server_url: makeValue("https://github.com"),
      api_url: makeValue("https://api.github.com"),
      graphql_url: makeValue("https://api.github.com/graphql"),
      base_ref: makeValue(""),
      head_ref: makeValue(""),
      ...happening.github,
      event: makeObject(
        {
          ...(activity === undefined ? {} : { action: makeValue(activity) }),
          ...payload,
          repository: repositoryOf(facts),
          sender: open("sender"),
          organization: open("organization"),
          enterprise: open("enterprise"),
          installation: open("installation"),
        },
        happening.isOpen === true ? "github.event" : undefined,
      ),
    }),
  };
}

/** Returns an unknown part of the payload, named by its path. */
export function open(path: string): Evaluated {
  return unknown(`github.event.${path}`);
}

function refNames(ref: Evaluated): { ref_name: Evaluated; ref_type: Evaluated } {
  if (ref.kind === "unknown") return { ref_name: unknown("github.ref_name"), ref_type: unknown("github.ref_type") };
  const text = ref.kind === "value" ? String(ref.value) : "";
  const isTag = text.startsWith("refs/tags/");
  const name = makeValue(text.replace(/^refs\/(?:heads|tags)\//, ""));
  return { ref_name: name, ref_type: makeValue(isTag ? "tag" : "branch") };
}

function repositoryOf({ repository, trunk }: EventFacts): Dictionary {
  const [owner = "", name = ""] = repository.split("/");
  return makeObject(
    {
      name: makeValue(name),
      full_name: makeValue(repository),
      owner: makeObject({ login: makeValue(owner), name: makeValue(owner) }, "github.event.repository.owner"),
      default_branch: makeValue(trunk),
      master_branch: makeValue(trunk),
      html_url: makeValue(`https://github.com/${repository}`),
    },
    "github.event.repository",
  );
}

/** Branch or tag that is pushed. */
export interface PushedRef {
  readonly name: PublishEvent["name"];
  readonly title?: string;
  /** Whole name: `refs/heads/main`. */
  readonly ref: string;
}

/**
 * Makes the event of a pushed branch or tag. The commit is known on the default branch and for tags, which are made there, and unknown on another
 * branch.
 */
export function pushed({ name, title, ref }: PushedRef, facts: EventFacts): PublishEvent {
  const isTag = ref.startsWith("refs/tags/");
  const isTrunkCommit = (isTag || name === "trunk-push") && facts.commit !== undefined;
  const sha = isTrunkCommit ? makeValue(facts.commit ?? "") : unknown("github.sha");
  const openParts = ["before", "commits", "compare", "forced", "head_commit", "pusher"];
  const payload = {
    ...Object.fromEntries(openParts.map((each) => [each, open(each)])),
    ref: makeValue(ref),
    after: sha,
    // GitHub sets `base_ref` for some pushed tags only.
    base_ref: isTag ? open("base_ref") : nothing,
    created: isTag ? makeValue(true) : open("created"),
    deleted: makeValue(false),
  };
  return makeEvent({ name, ...titled(title), event: "push", ref, payload, github: { sha } }, facts);
}

function titled(title: string | undefined): { readonly title?: string } {
  return title === undefined ? {} : { title };
}

/** Makes the `create` event, which GitHub sends in addition to the push of a new tag. */
export function created({ name, title, ref }: PushedRef, facts: EventFacts): PublishEvent {
  const payload = {
    ref: makeValue(ref.replace("refs/tags/", "")),
    ref_type: makeValue("tag"),
    master_branch: makeValue(facts.trunk),
    description: open("description"),
    pusher_type: makeValue("user"),
  };
  return makeEvent({ name, ...titled(title), event: "create", ref, payload }, facts);
}

/** Makes the events of a pull request with new commits: `pull_request` on its merge commit, and `pull_request_target` on the default branch. */
export function pullRequests(
  given: {
    readonly name: PublishEvent["name"];
    readonly title?: string;
    readonly isFork: boolean;
    /** Branch that it changes. Default: the default branch. */
    readonly base?: string;
  },
  facts: EventFacts,
): PublishEvent[] {
  const { name, title, isFork, base = facts.trunk } = given;
  const number = open("number");
  const because = ["github.event.number"];
  const headRepository = isFork ? forkOf(facts.repository) : repositoryOf(facts);
  const path = "github.event.pull_request";
  const pullRequest = makeObject(
    {
      number,
      state: makeValue("open"),
      draft: makeValue(false),
      merged: makeValue(false),
      head: makeObject({ repo: headRepository }, `${path}.head`),
      base: makeObject({ ref: makeValue(base), repo: repositoryOf(facts) }, `${path}.base`),
    },
    path,
  );
  const payload = { number, pull_request: pullRequest, before: open("before"), after: open("after") };
  const activities = ["synchronize", "opened", "reopened"];
  const github = { base_ref: makeValue(base), head_ref: unknown("github.head_ref") };
  const merge = {
    sha: unknown("github.sha"),
    ref_name: makeText([{ because }, "/merge"]),
    ref_type: makeValue("branch"),
  };
  return [
    makeEvent(
      {
        name,
        ...titled(title),
        event: "pull_request",
        ref: makeText(["refs/pull/", { because }, "/merge"]),
        payload,
        activities,
        hasSecrets: !isFork,
        github: { ...github, ...merge },
      },
      facts,
    ),
    makeEvent(
      { name, ...titled(title), event: "pull_request_target", ref: `refs/heads/${base}`, payload, activities, github },
      facts,
    ),
  ];
}

/** Returns a fork's repository: its name and owner differ from those of this repository, and all else is unknown. */
function forkOf(repository: string): Dictionary {
  const path = "github.event.pull_request.head.repo";
  const [owner = ""] = repository.split("/");
  return makeObject(
    {
      fork: makeValue(true),
      full_name: makeValue(`fork-of-${repository}`),
      owner: makeObject({ login: makeValue(`fork-of-${owner}`) }, `${path}.owner`),
    },
    path,
  );
}

/** Makes the event of a published release. GitHub sends three activities for it, and starts a workflow that names no `types` for each of them. */
export function released(ref: string, facts: EventFacts): PublishEvent {
  const tag = ref.replace("refs/tags/", "");
  const release = makeObject(
    {
      tag_name: makeValue(tag),
      draft: makeValue(false),
      prerelease: makeValue(false),
      target_commitish: makeValue(facts.trunk),
      html_url: makeValue(`https://github.com/${facts.repository}/releases/tag/${tag}`),
    },
    "github.event.release",
  );
  const activities = ["published", "released", "created"];
  return makeEvent({ name: "release", event: "release", ref, payload: { release }, activities }, facts);
}
