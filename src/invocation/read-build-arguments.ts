import type {
  BuildInvocation,
  InvocationContext,
  InvocationLimits,
  UnknownArgument,
} from "../model/build-invocation.ts";
import { isClosedVariable } from "../model/build-variables.ts";
import { parseImageName } from "../model/reference.ts";
import { readGoBoolean } from "../formats/go-boolean.ts";
import type { BuildFlag } from "./build-flags.ts";
import { readAttestations } from "./read-attestations.ts";
import { readOutputs } from "./read-outputs.ts";
import { readSecretFlag } from "./read-secret-flag.ts";
import { type SplitArguments, splitArguments } from "./split-flags.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** State while flags are read, with the arguments that are not understood. */
interface Reading {
  readonly split: SplitArguments;
  readonly env: Environment;
  readonly unknown: UnknownArgument[];
}

/** Reads the arguments after `docker buildx build`. Never throws: `unknown` lists the arguments that are not understood. */
export function readBuildArguments(argv: readonly string[], env: Environment): BuildInvocation {
  const split = splitArguments(argv);
  const reading: Reading = { split, env, unknown: [...split.unknown, ...unknownVariables(env)] };
  const refuse = (written: string, because: string): void => void reading.unknown.push({ written, because });
  for (const flag of notUnderstood) {
    for (const value of split.values.get(flag) ?? []) refuse(`--${flag} ${value}`, "Slipway does not understand it");
  }
  const invocation = {
    context: readContext(reading),
    dockerfile: last(reading, "file") || undefined,
    target: last(reading, "target") || undefined,
    platforms: readPlatforms(reading),
    tags: all(reading, "tag"),
    args: readArgs(reading),
    contexts: readContexts(reading),
    secrets: all(reading, "secret").flatMap((written) => readSecretFlag(written, env, refuse)),
    ssh: all(reading, "ssh"),
    labels: Object.fromEntries(all(reading, "label").map((written) => cut(written))),
    annotations: readAnnotations(reading),
    outputs: readOutputs(
      { outputs: all(reading, "output"), push: isOn(reading, "push"), load: isOn(reading, "load") },
      refuse,
    ),
    attestations: readAttestations(
      { attest: all(reading, "attest"), provenance: last(reading, "provenance"), sbom: last(reading, "sbom") },
      refuse,
    ),
    limits: readLimits(reading),
    pull: isOn(reading, "pull"),
    noCache: isOn(reading, "no-cache"),
    noCacheFilter: all(reading, "no-cache-filter"),
    call: isOn(reading, "check") ? "check" : (last(reading, "call") ?? last(reading, "print") ?? "build"),
    builder: last(reading, "builder") ?? env["BUILDX_BUILDER"],
    reports: {
      metadataFile: last(reading, "metadata-file"),
      imageIdFile: last(reading, "iidfile"),
      quiet: isOn(reading, "quiet") || last(reading, "progress") === "quiet",
      progress: last(reading, "progress") ?? env["BUILDKIT_PROGRESS"] ?? "auto",
    },
  };
  return { ...invocation, unknown: reading.unknown };
}

/** Flags that are always reported as unknown. A policy may refuse a build, and a reused image would skip it. */
const notUnderstood: readonly BuildFlag[] = ["policy"];

/** Variables of buildx that are read here, or have no effect on an image. Source: buildx, docs/reference, "Environment variables". */
const knownVariables: ReadonlySet<string> = new Set([
  "BUILDX_GIT_CHECK_DIRTY",
  "BUILDX_GIT_INFO",
  "BUILDX_GIT_LABELS",
  "BUILDX_METADATA_PROVENANCE",
  "BUILDX_METADATA_WARNINGS",
  "BUILDX_NO_DEFAULT_ATTESTATIONS",
  "BUILDX_NO_DEFAULT_LOAD",
  "BUILDX_EXPERIMENTAL",
  "BUILDX_SEND_GIT_QUERY_AS_INPUT",
  "BUILDKIT_COLORS",
  "BUILDKIT_PROGRESS",
  "BUILDKIT_TTY_LOG_LINES",
  "DOCKER_BUILDKIT",
  "DOCKER_CONTENT_TRUST",
  "DOCKER_DEFAULT_PLATFORM",
  "SOURCE_DATE_EPOCH",
]);

function unknownVariables(env: Environment): UnknownArgument[] {
  return (
    Object.keys(env)
      .filter((name) => isSet(env[name]) && isClosedVariable(name) && !knownVariables.has(name))
      // Variables of bake replace bake's own flags, and do not affect a single build.
      .filter((name) => !name.startsWith("BUILDX_BAKE_"))
      .map((name) => ({ written: name, because: "buildx reads this variable, and Slipway does not know it" }))
  );
}

function readContext({ split, unknown }: Reading): InvocationContext {
  const [path, ...more] = split.positional;
  if (path === undefined || more.length > 0) {
    unknown.push({ written: split.positional.join(" "), because: "a build has one context" });
    return { kind: "stdin" };
  }
  if (path === "-") return { kind: "stdin" };
  return isAddress(path) ? { kind: "address", url: path } : { kind: "folder", path };
}

/** Whether a context is an address. Source: buildx, util/urlutil, `IsRemoteURL`. */
export function isAddress(path: string): boolean {
  return /^(?:https?|git|ssh):\/\//i.test(path) || /^[^/@:]+@[^/:]+:/.test(path) || path.startsWith("github.com/");
}

function readPlatforms(reading: Reading): string[] {
  const given = all(reading, "platform");
  const written = given.length === 0 ? [reading.env["DOCKER_DEFAULT_PLATFORM"] ?? ""] : given;
  return written
    .flatMap((each) => each.split(","))
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** Reads build args; a name without `=` takes its value from the environment. Source: buildx, commands/build.go, `listToMap`. */
function readArgs(reading: Reading): Record<string, string> {
  const { env } = reading;
  const args: Record<string, string> = {};
  const epoch = env["SOURCE_DATE_EPOCH"];
  if (isSet(epoch)) args["SOURCE_DATE_EPOCH"] = epoch;
  for (const written of all(reading, "build-arg")) {
    const [name, value] = written.includes("=") ? cut(written) : [written, env[written]];
    if (value !== undefined) args[name] = value;
  }
  return args;
}

/**
 * Reads named contexts. Names are normalized as image names, so that `node` and `node:latest` are equal. Source: buildx, util/buildflags/context.go.
 */
function readContexts(reading: Reading): Record<string, string> {
  return Object.fromEntries(
    all(reading, "build-context")
      .filter((written) => written !== "")
      .flatMap((written) => {
        const [name, value] = cut(written);
        const isName = parseImageName(name.replace(/:[^:/]*$/, "").toLowerCase()) !== undefined;
        if (written.includes("=") && isName) return [[name.replace(/:latest$/, ""), value] as const];
        reading.unknown.push({ written: `--build-context ${written}`, because: "it is not NAME=VALUE" });
        return [];
      }),
  );
}

function readAnnotations(reading: Reading): Record<string, string> {
  const found: Record<string, string> = {};
  for (const written of all(reading, "annotation").filter((each) => each !== "")) {
    const [left, value] = cut(written);
    const colon = left.indexOf(":");
    const scopes = colon < 0 ? [""] : left.slice(0, colon).split(",");
    for (const scope of scopes)
      found[scope === "" ? left.slice(colon + 1) : `${scope}:${left.slice(colon + 1)}`] = value;
    if (!written.includes("="))
      reading.unknown.push({ written: `--annotation ${written}`, because: "it is not KEY=VALUE" });
  }
  return found;
}

const resourceFlags = [
  "memory",
  "memory-swap",
  "cpu-shares",
  "cpu-period",
  "cpu-quota",
  "cpuset-cpus",
  "cpuset-mems",
] as const;

function readLimits(reading: Reading): InvocationLimits {
  const older = resourceFlags.flatMap((flag) => {
    const value = last(reading, flag);
    return value === undefined ? [] : [`${flag}=${value}`];
  });
  return {
    network: last(reading, "network") || undefined,
    extraHosts: all(reading, "add-host"),
    ulimits: all(reading, "ulimit"),
    shmSize: last(reading, "shm-size"),
    cgroupParent: last(reading, "cgroup-parent") || undefined,
    resources: [...older, ...all(reading, "resource")],
    allow: all(reading, "allow"),
  };
}

function all({ split }: Reading, flag: BuildFlag): readonly string[] {
  return split.values.get(flag) ?? [];
}

function last({ split }: Reading, flag: BuildFlag): string | undefined {
  return split.values.get(flag)?.at(-1);
}

/** Whether a boolean flag is on. */
function isOn(reading: Reading, flag: BuildFlag): boolean {
  const value = last(reading, flag);
  const read = value === undefined ? false : readGoBoolean(value);
  if (read === undefined)
    reading.unknown.push({ written: `--${flag}=${value ?? ""}`, because: "it is neither true nor false" });
  return read ?? true;
}

function cut(written: string): [name: string, value: string] {
  const at = written.indexOf("=");
  return at < 0 ? [written, ""] : [written.slice(0, at), written.slice(at + 1)];
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
