import { addAll } from "../../model/lists.ts";
import { configurationError } from "../../errors.ts";
import { excerpt } from "../../model/excerpt.ts";
import { platformObject } from "../../model/platform.ts";
import type { Steps } from "../../model/steps.ts";
import type { DockerfileOptions, Dockerfile } from "../syntax/dockerfile.ts";
import { ExpandError, expandWord, expansionSteps, type Variables } from "./expand.ts";

/** The variables of `FROM`: the platform args, and the `ARG`s before the first `FROM`. */
export interface GlobalScope {
  readonly get: Variables;
  /** Adds to these names every name that their values were made from. */
  readonly close: (names: Iterable<string>) => ReadonlySet<string>;
  /** Step limit for expanding all variables of the file, this scope included. */
  readonly steps: Steps;
}

/** Args that name the machine of the build. A build that uses one differs between builders. */
export const buildPlatformArgs: ReadonlySet<string> = new Set([
  "BUILDPLATFORM",
  "BUILDOS",
  "BUILDOSVERSION",
  "BUILDARCH",
  "BUILDVARIANT",
]);

/** Whether BuildKit itself reads an arg, declared or not. */
export function isBuilderArg(name: string): boolean {
  return name.startsWith("BUILDKIT_") || name === "SOURCE_DATE_EPOCH";
}

/**
 * Makes the scope from the options and the global `ARG`s.
 * @throws SlipwayError `configuration` if a default cannot be expanded
 */
export function makeGlobalScope(dockerfile: Dockerfile, options: DockerfileOptions): GlobalScope {
  const values = predefinedArgs(dockerfile, options);
  const madeFrom = new Map<string, Set<string>>();
  const steps = expansionSteps();
  for (const { name, value, line, column } of dockerfile.globalArgs) {
    const given = givenArg(options, name);
    if (given !== undefined) {
      values.set(name, given);
      continue;
    }
    if (value === undefined) continue;
    const used = madeFrom.get(name) ?? new Set();
    madeFrom.set(name, used);
    const lookUp: Variables = (variable) => {
      used.add(variable);
      return values.get(variable);
    };
    try {
      values.set(name, expandWord(value, lookUp, dockerfile.escape, steps));
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      const message = `ARG ${name}=${excerpt(value)}: ${error.message}`;
      throw configurationError([{ file: dockerfile.file, line, column, message }]);
    }
  }
  return { get: (name) => values.get(name), close: (names) => closeOver(names, madeFrom), steps };
}

/** The given value of a build arg; undefined: none was given. */
export function givenArg(options: DockerfileOptions, name: string): string | undefined {
  return Object.hasOwn(options.args, name) ? options.args[name] : undefined;
}

function predefinedArgs(dockerfile: Dockerfile, options: DockerfileOptions): Map<string, string> {
  const build = platformObject(options.buildPlatform);
  const target = platformObject(options.platform);
  const values = new Map([
    ["BUILDPLATFORM", options.buildPlatform],
    ["BUILDOS", build.os],
    ["BUILDOSVERSION", ""],
    ["BUILDARCH", build.architecture],
    ["BUILDVARIANT", build.variant ?? ""],
    ["TARGETPLATFORM", options.platform],
    ["TARGETOS", target.os],
    ["TARGETOSVERSION", ""],
    ["TARGETARCH", target.architecture],
    ["TARGETVARIANT", target.variant ?? ""],
    ["TARGETSTAGE", options.target ?? dockerfile.stages.at(-1)?.name ?? "default"],
  ]);
  for (const name of values.keys()) {
    const given = givenArg(options, name);
    if (given !== undefined) values.set(name, given);
  }
  return values;
}

function closeOver(names: Iterable<string>, madeFrom: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const closed = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (closed.has(name)) continue;
    closed.add(name);
    addAll(open, madeFrom.get(name) ?? []);
  }
  return closed;
}
