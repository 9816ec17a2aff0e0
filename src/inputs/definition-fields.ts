import type { BuildDefinition } from "../model/build-definition.ts";
import { digestHex, digestOf } from "../model/digest.ts";

/** Short digests of a build definition's fields, by field name. Another job compares them to name the fields that differ. */
export type DefinitionFields = Readonly<Record<string, string>>;

const nouns: Readonly<Record<keyof BuildDefinition, string>> = {
  platform: "platform",
  buildPlatform: "BUILDPLATFORM",
  target: "target",
  instructions: "instructions",
  args: "build args",
  clientArgs: "proxies of the Docker client",
  frontend: "frontend",
  bases: "base images",
  context: "files of the build context",
  contexts: "named contexts",
  secrets: "names of secrets",
  ssh: "names of ssh agents",
  labels: "labels",
  annotations: "annotations",
  settings: "settings",
};

/** The first 16 hex digits of each field's digest. */
export function definitionFields(definition: BuildDefinition): DefinitionFields {
  const values = Object.entries({ ...definition }).map(([name, value]) => [name, JSON.stringify(value)] as const);
  return Object.fromEntries(values.map(([name, text]) => [name, digestHex(digestOf(text)).slice(0, 16)]));
}

/** Names of the fields that differ, in words for the user; empty: none. */
export function differingFields(before: DefinitionFields, now: DefinitionFields): string[] {
  return Object.entries(nouns)
    .filter(([name]) => before[name] !== now[name])
    .map(([, noun]) => noun);
}
