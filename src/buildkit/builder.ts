import { hasKind, SlipwayError, whileDoing } from "../errors.ts";
import type { Host, ProcessResult } from "../host.ts";
import { parsePlatform, type Platform } from "../model/platform.ts";
import { runBuildx } from "./buildx.ts";

/** A buildx builder that responds. */
export interface Builder {
  readonly name: string;
  /** Driver: `docker`, `docker-container`, `kubernetes`, `remote`. */
  readonly driver: string;
  readonly endpoint: string;
  /** Names of its nodes. With the driver docker-container, a node runs in the container `buildx_buildkit_NODE`. */
  readonly nodes: readonly string[];
  /** Version of BuildKit, such as `v0.25.1` (engines of Linux distributions report `v0.0.0+unknown`). Undefined: not reported. */
  readonly buildkit: string | undefined;
  /** Version of BuildKit on each node. Undefined: the node does not run. */
  readonly nodeVersions: readonly (string | undefined)[];
  /** Platforms of all nodes. */
  readonly platforms: readonly Platform[];
  /**
   * Whether it exports gha and registry caches and attestations. True for every driver; for `docker` only with the containerd image store.
   */
  readonly exportsCaches: boolean;
  /** Whether it can push without a tag. The `docker` driver cannot. */
  readonly pushesByDigest: boolean;
  /** Whether its containers use the machine's network. */
  readonly usesHostNetwork: boolean;
  /** Text of its `buildkitd.toml`; undefined: it has none, or buildx does not print it. */
  readonly settings: string | undefined;
}

/** Inspects the named builder, or the selected one, without starting it. Throws as `inspectBuilder` does. */
export async function inspectBuilderAsIs(host: Host, name?: string): Promise<Builder> {
  const printed = await inspectNow(host, name);
  const builder = parseBuilder(text(printed));
  if (hasFailed(printed) || builder === undefined) {
    throw explainInspection(printed, name ?? host.env["BUILDX_BUILDER"], builder);
  }
  return builder;
}

const inspections = new WeakMap<Host, Map<string, Promise<ProcessResult>>>();

/** Runs `docker buildx inspect`, or gives what it last printed of this builder while it ran. `name`: undefined for the selected one. */
export function printBuilder(host: Host, name: string | undefined): Promise<ProcessResult> {
  return inspections.get(host)?.get(name ?? "") ?? inspectNow(host, name);
}

async function inspectNow(host: Host, name: string | undefined): Promise<ProcessResult> {
  const known = inspections.get(host) ?? new Map<string, Promise<ProcessResult>>();
  inspections.set(host, known);
  const asked = askBuildx(host, ["inspect", ...(name === undefined ? [] : [name])]);
  known.set(name ?? "", asked);
  const builder = await asked.then(
    (printed) => (hasFailed(printed) ? undefined : parseBuilder(text(printed))),
    () => undefined,
  );
  if (builder === undefined || builder.platforms.length === 0) known.delete(name ?? "");
  else known.set(builder.name, asked);
  return asked;
}

/**
 * Inspects the named builder, or the selected one, and starts it if necessary. Throws `unavailable` if docker, buildx or the builder does
 * not respond, `configuration` if there is no builder of that name.
 */
export async function inspectBuilder(host: Host, name?: string): Promise<Builder> {
  const builder = await inspectBuilderAsIs(host, name);
  if (builder.platforms.length > 0) return builder;
  // The builder is not running. A remote one cannot be started from here: buildx would only wait for it.
  if (!startedByBuildx.has(builder.driver)) throw explainDown(builder, undefined);
  const second = await askBuildx(host, ["inspect", ...(name === undefined ? [] : [name]), "--bootstrap"]);
  const started = parseBuilder(text(second));
  if (hasFailed(second) || started === undefined) throw explainDown(builder, lastError(second));
  return started;
}

const startedByBuildx: ReadonlySet<string> = new Set(["docker-container", "kubernetes"]);

/** Parses the output of `docker buildx inspect`. Undefined: it names no builder. Source: buildx, commands/inspect.go. */
export function parseBuilder(printed: string): Builder | undefined {
  const [named] = fieldsOf(printed, "Name");
  if (named === undefined) return undefined;
  const driver = fieldsOf(printed, "Driver")[0] ?? "";
  const platforms = fieldsOf(printed, "Platforms")
    .flatMap((list) => list.split(","))
    .flatMap((each) => parsePlatform(each.trim().replace(/\*$/, "")) ?? []);
  const isDocker = driver === "docker";
  const at = printed.search(/^Nodes:$/m);
  const options = fieldsOf(printed, "Driver Options");
  return {
    name: named,
    driver,
    endpoint: fieldsOf(printed, "Endpoint")[0] ?? "",
    nodes: at < 0 ? [] : fieldsOf(printed.slice(at), "Name"),
    buildkit: fieldsOf(printed, "BuildKit version")[0],
    nodeVersions: readNodeVersions(printed),
    platforms: [...new Set(platforms)],
    exportsCaches: !isDocker || /^[ \t]*org\.mobyproject\.buildkit\.worker\.containerd\./m.test(printed),
    pushesByDigest: !isDocker,
    usesHostNetwork: options.length > 0 && options.every((each) => /\bnetwork="host"/.test(each)),
    settings: settingsOf(printed),
  };
}

/** Before buildx 0.13 the field was named `Buildkit`. */
function readNodeVersions(printed: string): (string | undefined)[] {
  const [, nodes = ""] = printed.split(/^Nodes:$/m);
  const each = nodes.split(/^(?=Name:)/m).filter((text) => text.startsWith("Name:"));
  return each.map((text) => /^Buildkit(?: version)?:[ \t]*(\S.*)$/im.exec(text)?.[1]?.trim());
}

function fieldsOf(printed: string, key: string): string[] {
  return [...printed.matchAll(new RegExp(`^${key}:[ \\t]*(\\S.*)$`, "gm"))].map(([, value = ""]) => value.trim());
}

/** Reads the lines `> …` under `File#buildkitd.toml:`. */
function settingsOf(printed: string): string | undefined {
  const block = /^File#buildkitd\.toml:\n((?:[ \t]*>.*\n?)*)/m.exec(printed)?.[1];
  return block?.replaceAll(/^[ \t]*> ?/gm, "");
}

async function askBuildx(host: Host, args: readonly string[]): Promise<ProcessResult> {
  try {
    return await runBuildx(host, args);
  } catch (error) {
    if (!hasKind(error, "program-unavailable")) throw whileDoing("looking for a builder", error);
    throw error.reworded(
      "looking for a builder: docker is not installed or not in PATH",
      "install Docker Engine with the buildx plugin (https://docs.docker.com/engine/install/)",
    );
  }
}

/** Whether an inspection failed. If a builder exists but its engine is down, buildx exits with 0 and prints a field `Error`. */
function hasFailed(result: ProcessResult): boolean {
  return result.exitCode !== 0 || fieldsOf(text(result), "Error").length > 0;
}

function lastError(result: ProcessResult): string {
  const lines = `${text(result)}\n${result.stderr}`.split("\n");
  const errors = lines.flatMap((line) => /^\s*(?:#\d+ )?(?:ERROR|Error):\s*(\S.*)$/.exec(line)?.[1] ?? []);
  return (errors.at(-1) ?? result.stderr).trim();
}

function explainInspection(
  result: ProcessResult,
  name: string | undefined,
  builder: Builder | undefined,
): SlipwayError {
  const reason = lastError(result);
  if (/unknown command|is not a docker command/.test(result.stderr)) {
    return new SlipwayError("builder-unavailable", "looking for a builder: docker has no buildx plugin", {
      hint: "install it: the package docker-buildx-plugin or docker-buildx, or https://github.com/docker/buildx#installing",
    });
  }
  if (/no builder "[^"]*" found/.test(reason)) {
    return new SlipwayError("no-such-builder", `looking for a builder: there is none named "${name ?? ""}"`, {
      hint: "`docker buildx ls` lists them; `docker buildx create --name …` makes one; BUILDX_BUILDER selects one",
    });
  }
  if (/Docker daemon|docker API|error during connect|permission denied/i.test(reason)) {
    return new SlipwayError("builder-unavailable", `looking for a builder: no engine answers: ${reason}`, {
      hint: "start Docker (systemctl start docker), or say where it is in DOCKER_HOST; the user must be in the group docker",
    });
  }
  if (builder !== undefined && builder.driver !== "") return explainDown(builder, reason);
  return new SlipwayError("builder-unavailable", `looking for a builder: docker buildx inspect: ${reason}`, {
    hint: "run it by hand: docker buildx inspect --bootstrap",
  });
}

/** Makes the error for a builder that does not respond, with a hint for its driver. */
function explainDown({ name, driver, endpoint, nodes }: Builder, reason: string | undefined): SlipwayError {
  const why = reason === undefined || reason === "" ? "" : `: ${reason}`;
  const other = "or choose another builder with --builder or BUILDX_BUILDER (`docker buildx ls` lists them)";
  const down = (message: string, hint: string): SlipwayError =>
    new SlipwayError("builder-unavailable", `the builder "${name}" ${message}${why}`, { hint: `${hint}, ${other}` });
  switch (driver) {
    case "docker-container": {
      const again = `create it again: docker buildx rm ${name} && docker buildx create --name ${name} --driver docker-container --bootstrap`;
      const logs = nodes.map((node) => `docker logs buildx_buildkit_${node}`).join("; ");
      return down("does not start", logs === "" ? again : `see \`${logs}\`, ${again}`);
    }
    case "remote":
      return down(`does not answer at ${endpoint}`, "start its buildkitd there");
    case "kubernetes":
      return down("does not start", "look at its pods with `kubectl get pods`");
    default:
      return down(`does not answer at ${endpoint}`, `run \`docker buildx inspect --bootstrap ${name}\``);
  }
}

function text(result: ProcessResult): string {
  return new TextDecoder().decode(result.stdout);
}
