import { SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type Digest, parseDigest } from "../model/digest.ts";
import { didYouMean } from "../model/closest.ts";
import { parsePlatform, type Platform } from "../model/platform.ts";
import type { CacheSetting } from "../model/service.ts";
import { parseVersionSource, type VersionSource } from "../model/version-source.ts";
import type { ReleaseIntent } from "../core/workspace/decide-purpose.ts";
import { parseCacheSetting } from "../cache/cache-setting.ts";
import { type ActionInputName, actionCommands, actionInputs } from "../workflow/action-contract.ts";
import { parseRegistries, type RegistryLogin } from "./registries.ts";

/** Inputs that every command of the action has. */
export interface CommonInputs {
  /** Token for GitHub, ghcr.io and git; undefined: the input is empty. */
  readonly token: string | undefined;
  readonly config: string | undefined;
  readonly logins: readonly RegistryLogin[];
  readonly shadow: boolean;
  /** Whether the repository is untrusted, and gets nothing from the runner's environment (docs/threat-model.md). */
  readonly untrusted: boolean;
  /** Release that a person or a calling workflow requests. */
  readonly asked: ReleaseIntent;
}

/** Request to the action, read from its inputs. */
export type ActionRequest =
  | (CommonInputs & {
      readonly command: "plan";
      readonly services: readonly string[];
      readonly force: readonly string[] | true;
      /** Number of matrix jobs in each round. */
      readonly matrixJobs: readonly number[];
      readonly runners: RunnerMap;
    })
  | (CommonInputs & {
      readonly command: "build";
      readonly service: string;
      readonly platform: Platform;
      /** Digest of the run's plan; undefined: the workflow does not pass it. */
      readonly planDigest: Digest | undefined;
      readonly force: readonly string[] | true;
      readonly cache: CacheSetting | undefined;
    })
  | (CommonInputs & {
      readonly command: "release";
      /** Layout of the workflow; `single`: this job also builds. */
      readonly jobs: (typeof jobLayouts)[number];
      /** Digest of the run's plan, as for `build`. */
      readonly planDigest: Digest | undefined;
      readonly services: readonly string[];
      readonly force: readonly string[] | true;
      readonly cache: CacheSetting | undefined;
      /** Whether files that steps before changed are released as they are. */
      readonly allowDirty: boolean;
    });

/** Inputs of the command `release`. */
export type ReleaseInputs = Extract<ActionRequest, { command: "release" }>;

/** Runner labels by platform, in the form of a matrix. */
export type RunnerMap = Readonly<Record<string, string | readonly string[]>>;

const jobLayouts = ["matrix", "single"] as const;

type Read = (name: ActionInputName) => string;

/** Faults found so far. A fallback replaces each invalid value, so that the other inputs are checked, too. */
class Faults {
  readonly found: string[] = [];

  check<T>(name: ActionInputName, fallback: T, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      const hint = error.hint === undefined ? "" : ` (${error.hint})`;
      this.found.push(`input "${name}": ${error.message}${hint}`);
      return fallback;
    }
  }
}

/** Reads the inputs that GitHub passes in the environment. Throws `usage` with all faults. */
export function parseInputs(env: Host["env"]): ActionRequest {
  const read: Read = (name) => (env[`INPUT_${name.toUpperCase()}`] ?? "").trim();
  const faults = new Faults();
  const command = faults.check("command", undefined, () => oneOf(actionCommands, read("command")));
  const jobs = faults.check("jobs", "single", () => oneOf(jobLayouts, read("jobs") || "single"));
  const services = words(read("services"));
  const platform = faults.check("platform", undefined, () => readPlatform(read("platform")));
  const planDigest = faults.check("plan-digest", undefined, () => readDigest(read("plan-digest")));
  const force = readForce(read("force"));
  const matrixJobs = faults.check("matrix-jobs", [1], () => readCounts(withFallback(read, "matrix-jobs")));
  const runners = faults.check("runners", {}, () => readRunners(withFallback(read, "runners")));
  const cache = faults.check("cache", undefined, () => readCache(read("cache")));
  const common: CommonInputs = {
    token: read("github-token") || undefined,
    config: read("config") || undefined,
    logins: faults.check("registries", [], () => parseRegistries(read("registries"))),
    shadow: faults.check("shadow", false, () => readYesNo(read("shadow")) ?? false),
    untrusted: faults.check("untrusted", false, () => readYesNo(read("untrusted")) ?? false),
    asked: {
      release: faults.check("release", undefined, () => readYesNo(read("release"))),
      version: read("version") || undefined,
      versionFrom: faults.check("version-from", undefined, () => readVersionSource(read("version-from"))),
    },
  };
  const [service = ""] = services;
  if (command === "build") {
    if (services.length !== 1)
      faults.found.push(`input "services": \`build\` builds one service, not "${services.join(" ")}"`);
    if (read("platform") === "") faults.found.push('input "platform": `build` needs one, such as linux/amd64');
  } else if (command !== undefined && read("platform") !== "") {
    faults.found.push(`input "platform": it is for \`build\`, and the command is \`${command}\``);
  }
  if (command === "plan" && read("plan-digest") !== "") {
    faults.found.push('input "plan-digest": it is for `build` and `release`, and the command is `plan`');
  }
  const allowDirty = faults.check("allow-dirty", false, () => readYesNo(read("allow-dirty")) ?? false);
  if (faults.found.length > 0) throw explain(faults.found);
  if (command === "build" && platform !== undefined) {
    return { ...common, command, service, platform, planDigest, force, cache };
  }
  if (command === "release") return { ...common, command, jobs, planDigest, services, force, cache, allowDirty };
  return { ...common, command: "plan", services, force, matrixJobs, runners };
}

function explain(found: readonly string[]): SlipwayError {
  return new SlipwayError("option-invalid", found, {
    hint: "every input is described in action.yml and docs/reference/action.md",
  });
}

function withFallback(read: Read, name: ActionInputName): string {
  return read(name) || actionInputs[name].fallback;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  const said = text === "" ? "nothing was given" : `"${text}" is not known${didYouMean(text, known)}`;
  throw new SlipwayError("option-invalid", said, { hint: `one of ${known.join(", ")}` });
}

function readYesNo(text: string): boolean | undefined {
  if (text === "") return undefined;
  return oneOf(["true", "false"], text.toLowerCase()) === "true";
}

function readForce(text: string): readonly string[] | true {
  if (text === "" || text === "false") return [];
  return text === "true" ? true : words(text);
}

function readVersionSource(text: string): VersionSource | undefined {
  if (text === "") return undefined;
  const source = parseVersionSource(text);
  if (source !== undefined) return source;
  throw new SlipwayError("option-invalid", `"${text}" is no source of versions`, {
    hint: "tag, file, commits, or a file's path",
  });
}

function readPlatform(text: string): Platform | undefined {
  if (text === "") return undefined;
  const platform = parsePlatform(text);
  if (platform !== undefined) return platform;
  throw new SlipwayError("option-invalid", `"${text}" is no platform`, { hint: "such as linux/amd64 or linux/arm64" });
}

function readDigest(text: string): Digest | undefined {
  if (text === "") return undefined;
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  throw new SlipwayError("option-invalid", `"${text}" is no digest`, {
    hint: "the output `plan-digest` of the job that plans",
  });
}

function readCounts(text: string): number[] {
  const counts = words(text).map(Number);
  if (counts.every((count) => Number.isSafeInteger(count) && count > 0)) return counts;
  throw new SlipwayError("option-invalid", `"${text}" is no list of counts`, { hint: 'such as "1" or "2 1"' });
}

function readCache(text: string): CacheSetting | undefined {
  return text === "" ? undefined : parseCacheSetting(text);
}

function readRunners(text: string): RunnerMap {
  const hint = `a JSON map such as ${actionInputs.runners.fallback}`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new SlipwayError("option-invalid", `"${text}" is not JSON`, { hint });
  }
  if (isRunnerMap(parsed)) return parsed;
  throw new SlipwayError("option-invalid", `"${text}" does not map platforms to labels`, { hint });
}

function isRunnerMap(value: unknown): value is RunnerMap {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (labels: unknown) =>
      typeof labels === "string" || (Array.isArray(labels) && labels.every((label) => typeof label === "string")),
  );
}
