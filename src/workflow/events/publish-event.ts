import type { Dictionary } from "../../expressions/evaluated.ts";
import type { EventName } from "./event-titles.ts";
import type { RefClass } from "./ref-classes.ts";

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
  /** Branches and tags that workflows tell apart from those above, with an example of each. */
  readonly classes?: readonly RefClass[];
}

/** One event that GitHub sends for a happening. A pushed tag, for example, sends two: `push` and `create`. */
export interface PublishEvent {
  /** Name of the happening; `class`: of a branch or tag that a workflow tells apart; `other`: one without a row in every table. */
  readonly name: EventName | "class" | "other";
  /** Title of its row. */
  readonly title: string;
  /** Value of `github.event_name`. */
  readonly event: string;
  /** The `github` context; values that only a run knows are unknown. */
  readonly github: Dictionary;
  /** Whether the run gets the repository's secrets. */
  readonly hasSecrets: boolean;
  /** Values of `github.event.action` that GitHub sends for the happening. The first one that a workflow accepts is used. */
  readonly activities: readonly string[];
}
