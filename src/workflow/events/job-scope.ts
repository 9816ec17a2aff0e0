import { type Evaluated, makeObject, makeValue, unknown } from "../../expressions/evaluated.ts";
import type { PublishEvent } from "./publish-event.ts";

/** Contexts by name, as expressions see them. */
export type ContextMap = ReadonlyMap<string, Evaluated>;

/** Returns the contexts that do not change within a workflow. `inputs`: those of a call or a dispatch. */
export function workflowContexts(event: PublishEvent, github: Evaluated, inputs: Evaluated): ContextMap {
  return new Map([
    ["github", github],
    ["inputs", inputs],
    ["vars", makeObject({}, "vars")],
    // A pull request from a fork gets the token, but none of the repository's secrets.
    [
      "secrets",
      makeObject({ GITHUB_TOKEN: unknown("secrets.GITHUB_TOKEN") }, event.hasSecrets ? "secrets" : undefined),
    ],
  ]);
}

/** Returns the contexts with further ones added. */
export function withContexts(contexts: ContextMap, more: Readonly<Record<string, Evaluated>>): ContextMap {
  return new Map([...contexts, ...Object.entries(more)]);
}

/** Returns the `env` context. `isOpen`: other variables may exist, because an earlier step may have set them. */
export function envContext(env: ReadonlyMap<string, Evaluated>, isOpen: boolean): Evaluated {
  return makeObject(env, isOpen ? "env" : undefined);
}

/** Returns the `runner` context, as far as the runner's label shows its system. */
export function runnerContext(label: string): Evaluated {
  const systems = { ubuntu: "Linux", windows: "Windows", macos: "macOS" } as const;
  const [, os] = Object.entries(systems).find(([name]) => label.startsWith(name)) ?? [];
  return makeObject(os === undefined ? {} : { os: makeValue(os) }, "runner");
}

/** Returns the variables that GitHub sets for every step. */
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
