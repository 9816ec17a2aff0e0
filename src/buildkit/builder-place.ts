import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "../host.ts";
import type { Builder } from "./builder.ts";
import { type BuilderDemands, type BuilderPlace, missingPlatforms } from "./check-builder.ts";

/** Reads facts about the machine where a builder runs. Skips each fact that none of the demands depends on. */
export async function readBuilderPlace(host: Host, builder: Builder, demands: BuilderDemands): Promise<BuilderPlace> {
  const isMissing = missingPlatforms(builder, demands.solves).length > 0;
  return {
    network: demands.loopback.length === 0 ? "unknown" : await readNetwork(host, builder),
    emulated: isMissing && runsHere(host, builder) ? await readEmulated() : [],
    plainRegistries: demands.plainBases.length === 0 ? undefined : await readPlainRegistries(host, builder),
  };
}

async function readNetwork(host: Host, { driver, usesHostNetwork, nodes }: Builder): Promise<BuilderPlace["network"]> {
  if (driver === "kubernetes") return "own";
  if (driver !== "docker-container") return "unknown";
  if (usesHostNetwork) return "machine";
  // buildx before 0.12 does not print driver options, so the container itself is inspected.
  const [node] = nodes;
  if (node === undefined) return "unknown";
  const mode = await ask(host, ["inspect", "--format", "{{.HostConfig.NetworkMode}}", `buildx_buildkit_${node}`]);
  if (mode === undefined) return "unknown";
  return mode === "host" ? "machine" : "own";
}

function runsHere({ env }: Host, { driver, endpoint }: Builder): boolean {
  if (driver !== "docker" && driver !== "docker-container") return false;
  const address = endpoint.includes("://") ? endpoint : (env["DOCKER_HOST"] ?? "unix:");
  return address.startsWith("unix:");
}

/** Architectures of the kernel's enabled emulators. Source: Linux, Documentation/admin-guide/binfmt-misc.rst. */
async function readEmulated(): Promise<string[]> {
  const folder = "/proc/sys/fs/binfmt_misc";
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const architecture = name === "rosetta" ? "amd64" : emulators[name.replace(/^qemu-/, "")];
    return architecture === undefined ? [] : [{ name, architecture }];
  });
  const states = await Promise.all(found.map(({ name }) => readFile(join(folder, name), "utf8").catch(() => "")));
  return found.filter((_, at) => states[at]?.startsWith("enabled") === true).map(({ architecture }) => architecture);
}

const emulators: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  arm: "arm",
  i386: "386",
  loongarch64: "loong64",
  mips64: "mips64",
  mips64el: "mips64le",
  ppc64le: "ppc64le",
  riscv64: "riscv64",
  s390x: "s390x",
  x86_64: "amd64",
};

/**
 * Plain-HTTP registries that `docker info` names. Undefined if it also has address ranges besides loopback, because a registry's address
 * may lie in one.
 */
async function readPlainRegistries(host: Host, { name, driver }: Builder): Promise<string[] | undefined> {
  if (driver !== "docker") return undefined;
  const context = name === "default" ? [] : ["--context", name];
  const printed = await ask(host, [...context, "info", "--format", registriesFormat]);
  const [ranges = "", ...names] = printed?.split("\n").map((line) => line.trim()) ?? [];
  const isPlain = ranges.replaceAll(/[[\]"]|127\.0\.0\.0\/8|::1\/128|,/g, "") === "";
  return printed !== undefined && isPlain ? names.filter((each) => each !== "") : undefined;
}

/** Format for `docker info`: the address ranges on the first line, then one registry per line. */
const registriesFormat =
  "{{json .RegistryConfig.InsecureRegistryCIDRs}}\n{{range $name, $index := .RegistryConfig.IndexConfigs}}{{if not $index.Secure}}{{$name}}\n{{end}}{{end}}";

/** Runs docker and returns its output, trimmed; undefined: docker failed. */
async function ask(host: Host, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await host.run("docker", args);
  return exitCode === 0 ? new TextDecoder().decode(stdout).trim() : undefined;
}
