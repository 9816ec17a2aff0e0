import { SlipwayError, whileDoing } from "../errors.ts";
import type { Host, ProcessResult } from "../host.ts";
import { parsePlatform, type Platform } from "../model/platform.ts";

/** A buildx builder that answers. */
export interface Builder {
  readonly name: string;
  /** `docker`, `docker-container`, `kubernetes`, `remote`. */
  readonly driver: string;
  readonly endpoint: string;
  /** As BuildKit says it: `v0.25.1`; distributions' engines say `v0.0.0+unknown`. Undefined when it says nothing. */
  readonly buildkit: string | undefined;
  /** Over all its nodes. */
  readonly platforms: readonly Platform[];
  /** Exports gha and registry caches, and attestations: every driver, but `docker` only with the containerd image store. */
  readonly exportsCaches: boolean;
  /** Pushes without a tag; the `docker` driver refuses it. */
  readonly pushesByDigest: boolean;
}

/**
 * Asks for the named builder, or the one that is selected; starts it when it is not running. Throws `unavailable` without
 * docker, buildx or an engine that answers, `configuration` when there is no builder of that name.
 */
export async function inspectBuilder(host: Host, name?: string): Promise<Builder> {
  const args = ["buildx", "inspect", ...(name === undefined ? [] : [name])];
  let result = await runDocker(host, args);
  let builder = parseBuilder(text(result));
  // A container builder that was never started knows neither its version nor its platforms.
  if (result.exitCode === 0 && builder !== undefined && builder.platforms.length === 0 && builder.driver !== "") {
    result = await runDocker(host, [...args, "--bootstrap"]);
    builder = parseBuilder(text(result));
  }
  const fault = result.exitCode !== 0 || builder === undefined || /^\s*Error:/m.test(text(result));
  if (fault || builder === undefined) throw explainInspection(result, name ?? host.env["BUILDX_BUILDER"]);
  return builder;
}

/** What `docker buildx inspect` prints. Undefined when it names no builder. */
export function parseBuilder(printed: string): Builder | undefined {
  const field = (key: string): string | undefined =>
    new RegExp(`^${key}:[ \\t]*(\\S.*)$`, "m").exec(printed)?.[1]?.trim();
  const name = field("Name");
  if (name === undefined) return undefined;
  const driver = field("Driver") ?? "";
  const platforms = [...printed.matchAll(/^Platforms:[ \t]*(\S.*)$/gm)]
    .flatMap(([, list = ""]) => list.split(","))
    .flatMap((each) => parsePlatform(each.trim().replace(/\*$/, "")) ?? []);
  const isDocker = driver === "docker";
  return {
    name,
    driver,
    endpoint: field("Endpoint") ?? "",
    buildkit: field("BuildKit version"),
    platforms: [...new Set(platforms)],
    exportsCaches: !isDocker || /^\s*org\.mobyproject\.buildkit\.worker\.containerd\./m.test(printed),
    pushesByDigest: !isDocker,
  };
}

async function runDocker(host: Host, args: readonly string[]): Promise<ProcessResult> {
  try {
    return await host.run("docker", args);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "unavailable")
      throw whileDoing("looking for a builder", error);
    throw new SlipwayError("unavailable", "looking for a builder: docker is not installed or not in PATH", {
      hint: "install Docker Engine with the buildx plugin (https://docs.docker.com/engine/install/)",
      cause: error,
    });
  }
}

function explainInspection(result: ProcessResult, name: string | undefined): SlipwayError {
  const said = (/^\s*(?:ERROR|Error):\s*(.+)$/m.exec(`${result.stderr}\n${text(result)}`)?.[1] ?? result.stderr).trim();
  if (/unknown command|is not a docker command/.test(result.stderr)) {
    return new SlipwayError("unavailable", "looking for a builder: docker has no buildx plugin", {
      hint: "install it: the package docker-buildx-plugin or docker-buildx, or https://github.com/docker/buildx#installing",
    });
  }
  if (/no builder .* found/.test(said)) {
    return new SlipwayError("configuration", `looking for a builder: there is none named "${name ?? ""}"`, {
      hint: "`docker buildx ls` lists them; `docker buildx create --name …` makes one; BUILDX_BUILDER selects one",
    });
  }
  if (/cannot connect|failed to connect|error during connect|permission denied/i.test(said)) {
    return new SlipwayError("unavailable", `looking for a builder: no engine answers: ${said}`, {
      hint: "start Docker (systemctl start docker), or say where it is in DOCKER_HOST; a user needs the group docker",
    });
  }
  return new SlipwayError("unavailable", `looking for a builder: docker buildx inspect: ${said}`, {
    hint: "run it by hand: docker buildx inspect --bootstrap",
  });
}

function text(result: ProcessResult): string {
  return new TextDecoder().decode(result.stdout);
}
