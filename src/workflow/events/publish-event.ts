import {
  type Dictionary,
  type Evaluated,
  makeObject,
  makeText,
  makeValue,
  nothing,
  unknown,
} from "../../expressions/evaluated.ts";

/** Name of a happening in a repository that may start a publishing workflow. */
export type EventName =
  | "trunk-push"
  | "branch-push"
  | "version-tag"
  | "prerelease-tag"
  | "pull-request"
  | "fork-pull-request"
  | "schedule"
  | "dispatch"
  | "release";

/** Titles of the events, in the order of tables. */
export const eventTitles: Readonly<Record<EventName, string>> = {
  "trunk-push": "push to trunk",
  "branch-push": "push to another branch",
  "version-tag": "version tag",
  "prerelease-tag": "pre-release tag",
  "pull-request": "pull request",
  "fork-pull-request": "pull request of a fork",
  schedule: "schedule",
  dispatch: "dispatch",
  release: "published release",
};

/** Facts of the repository from which example events are made. */
export interface EventFacts {
  /** Name of the repository: `owner/name`. */
  readonly repository: string;
  /** Name of the default branch. */
  readonly trunk: string;
  /** Newest commit of the default branch; without it, `github.sha` is unknown. */
  readonly commit?: string;
  /** Name of another branch than the default one. Default: `dev`. */
  readonly branch?: string;
  /** Git tag of a version. Default: `v1.2.3`. */
  readonly versionTag?: string;
  /** Git tag of a pre-release. Default: `v1.3.0-rc.1`. */
  readonly prereleaseTag?: string;
}

/** One event that GitHub sends for a happening. A pushed tag, for example, sends two: `push` and `create`. */
export interface PublishEvent {
  readonly name: EventName;
  /** Value of `github.event_name`. */
  readonly event: string;
  /** The `github` context; values that only a run knows are unknown. */
  readonly github: Dictionary;
  /** Whether the run gets the repository's secrets. */
  readonly hasSecrets: boolean;
  /** Values of `github.event.action` that GitHub sends for the happening. The first one that a workflow accepts is used. */
  readonly activities: readonly string[];
}

/** Returns all events that GitHub sends for the happenings of the table, in the order of the table. */
export function publishEvents(facts: EventFacts): PublishEvent[] {
  const trunk = `refs/heads/${facts.trunk}`;
  const branch = `refs/heads/${facts.branch ?? "dev"}`;
  const version = `refs/tags/${facts.versionTag ?? "v1.2.3"}`;
  const prerelease = `refs/tags/${facts.prereleaseTag ?? "v1.3.0-rc.1"}`;
  return [
    pushed("trunk-push", trunk, facts),
    pushed("branch-push", branch, facts),
    pushed("version-tag", version, facts),
    created("version-tag", version, facts),
    pushed("prerelease-tag", prerelease, facts),
    created("prerelease-tag", prerelease, facts),
    ...pullRequests("pull-request", facts),
    ...pullRequests("fork-pull-request", facts),
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

/** Values that differ between events; all others come from the repository's facts. */
interface Happening {
  readonly name: EventName;
  readonly event: string;
  readonly ref: string | Evaluated;
  readonly payload: Readonly<Record<string, Evaluated>>;
  readonly activities?: readonly string[];
  readonly hasSecrets?: boolean;
  /** Members of the `github` context that replace the usual ones. */
  readonly github?: Readonly<Record<string, Evaluated>>;
}

/** Makes an event with its whole `github` context. Source: GitHub's "github context" and "Webhook events and payloads". */
function makeEvent(happening: Happening, facts: EventFacts): PublishEvent {
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
      event: makeObject({
        ...(activity === undefined ? {} : { action: makeValue(activity) }),
        ...payload,
        repository: repositoryOf(facts),
        sender: open("sender"),
        organization: open("organization"),
        enterprise: open("enterprise"),
        installation: open("installation"),
      }),
    }),
  };
}

/** Returns an unknown part of the payload, named by its path. */
function open(path: string): Evaluated {
  return unknown(`github.event.${path}`);
}

function refNames(ref: Evaluated): { ref_name: Evaluated; ref_type: Evaluated } {
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

/**
 * Makes the event of a pushed branch or tag. The commit is known on the default branch and for tags, which are made there, and unknown on another
 * branch.
 */
function pushed(name: EventName, ref: string, facts: EventFacts): PublishEvent {
  const isTrunkCommit = name !== "branch-push" && facts.commit !== undefined;
  const sha = isTrunkCommit ? makeValue(facts.commit ?? "") : unknown("github.sha");
  const isTag = ref.startsWith("refs/tags/");
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
  return makeEvent({ name, event: "push", ref, payload, github: { sha } }, facts);
}

/** Makes the `create` event, which GitHub sends in addition to the push of a new tag. */
function created(name: EventName, ref: string, facts: EventFacts): PublishEvent {
  const payload = {
    ref: makeValue(ref.replace("refs/tags/", "")),
    ref_type: makeValue("tag"),
    master_branch: makeValue(facts.trunk),
    description: open("description"),
    pusher_type: makeValue("user"),
  };
  return makeEvent({ name, event: "create", ref, payload }, facts);
}

/** Makes the events of a pull request with new commits: `pull_request` on its merge commit, and `pull_request_target` on the default branch. */
function pullRequests(name: "pull-request" | "fork-pull-request", facts: EventFacts): PublishEvent[] {
  const isFork = name === "fork-pull-request";
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
      base: makeObject({ ref: makeValue(facts.trunk), repo: repositoryOf(facts) }, `${path}.base`),
    },
    path,
  );
  const payload = { number, pull_request: pullRequest, before: open("before"), after: open("after") };
  const activities = ["synchronize", "opened", "reopened"];
  const github = { base_ref: makeValue(facts.trunk), head_ref: unknown("github.head_ref") };
  const merge = {
    sha: unknown("github.sha"),
    ref_name: makeText([{ because }, "/merge"]),
    ref_type: makeValue("branch"),
  };
  return [
    makeEvent(
      {
        name,
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
      { name, event: "pull_request_target", ref: `refs/heads/${facts.trunk}`, payload, activities, github },
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
function released(ref: string, facts: EventFacts): PublishEvent {
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
