import { type Evaluated, makeObject, makeValue, unknown } from "../../expressions/evaluated.ts";
import type { PublishEvent } from "./publish-event.ts";

/** ContextMap by name, as expressions see them. */
export type ContextMap = ReadonlyMap<string, Evaluated>;

/** The contexts that are the same in a whole workflow. `inputs`: of a call or a dispatch. */
export function workflowContexts(event: PublishEvent, github: Evaluated, inputs: Evaluated): ContextMap {
  return new Map([
    ["github", github],
    ["inputs", inputs],
    ["vars", makeObject({}, "vars")],
    // A fork's pull request gets the token, and nothing else.
    [
      "secrets",
      makeObject({ GITHUB_TOKEN: unknown("secrets.GITHUB_TOKEN") }, event.hasSecrets ? "secrets" : undefined),
    ],
  ]);
}

/** The contexts with some more. */
export function withContexts(contexts: ContextMap, more: Readonly<Record<string, Evaluated>>): ContextMap {
  return new Map([...contexts, ...Object.entries(more)]);
}

/** The `env` context. Variables that no file names may come from what ran before. */
export function envContext(env: ReadonlyMap<string, Evaluated>, isOpen: boolean): Evaluated {
  return makeObject(env, isOpen ? "env" : undefined);
}

/** The runner of a job, as far as its label says what it is. */
export function runnerContext(label: string): Evaluated {
  const systems = { ubuntu: "Linux", windows: "Windows", macos: "macOS" } as const;
  const [, os] = Object.entries(systems).find(([name]) => label.startsWith(name)) ?? [];
  return makeObject(os === undefined ? {} : { os: makeValue(os) }, "runner");
}

/** Variables that GitHub sets for every step. */
export function defaultVariables(github: Evaluated): Map<string, Evaluated> {
  const names = (
    "ref ref_name ref_type sha repository repository_owner event_name base_ref head_ref " +
    "actor run_id run_number run_attempt workflow server_url api_url workspace job"
  ).split(" ");
  const of = (name: string): Evaluated =>
    (github.kind === "object" ? github.members.get(name.toUpperCase())?.value : undefined) ?? unknown(`github.${name}`);
  return new Map([
    ["CI", makeValue("true")],
    ["GITHUB_ACTIONS", makeValue("true")],
    ...names.map((name) => [`GITHUB_${name.toUpperCase()}`, of(name)] as const),
  ]);
}
