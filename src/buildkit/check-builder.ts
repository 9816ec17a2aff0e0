import type { Platform } from "../model/platform.ts";
import type { Builder } from "./builder.ts";

/** Needs of a command's builds that a builder must meet. */
export interface BuilderDemands {
  readonly solves: readonly BuilderSolve[];
  /** Whether images are pushed or written to disk; false: they stay in the build cache. */
  readonly keepsImages: boolean;
  /** Registries on this machine's loopback that are pushed to or read from, such as `127.0.0.1:5000`. */
  readonly loopback: readonly string[];
  /** Plain-HTTP registries of base images. Registries of pushes and caches are not listed, because each build names them. */
  readonly plainBases: readonly string[];
}

/** One build of a service, for one platform. */
export interface BuilderSolve {
  readonly service: string;
  /** Platforms that its instructions run on. */
  readonly runsOn: readonly Platform[];
}

/** Facts about a builder's machine that buildx does not print. */
export interface BuilderPlace {
  /** Network of the builder. `own`: its loopback is not this machine's. */
  readonly network: "machine" | "own" | "unknown";
  /** Architectures that the kernel emulates; empty if the builder runs on another machine. */
  readonly emulated: readonly string[];
  /** Hosts that the engine reads from by plain HTTP; undefined: unknown. */
  readonly plainRegistries: readonly string[] | undefined;
}

/** Reason in one line why a build would fail, and the command or setting that fixes it. */
export interface BuilderFault {
  readonly message: string;
  readonly hint: string;
  /** Whether the fault is only likely. The build is tried, with a warning. */
  readonly isGuess: boolean;
}

/** Checks what a builder cannot do, before the first build. Empty: no obstacle is known. */
export function checkBuilder(builder: Builder, place: BuilderPlace, demands: BuilderDemands): readonly BuilderFault[] {
  return [
    ...checkDriver(builder),
    ...checkImageStore(builder, demands),
    ...checkPlatforms(builder, place, demands),
    ...checkLoopback(builder, place, demands),
    ...checkPlainBases(builder, place, demands),
  ];
}

/** Platforms that instructions run on and the builder does not list, in order of their first use. */
export function missingPlatforms({ platforms }: Builder, solves: readonly BuilderSolve[]): Platform[] {
  const wanted = new Set(solves.flatMap(({ runsOn }) => runsOn));
  return [...wanted].filter((platform) => !platforms.some((has) => runs(has, platform)));
}

/** Whether a machine of one platform runs programs of another without emulation. */
function runs(has: Platform, wanted: Platform): boolean {
  if (has === wanted) return true;
  const [os, architecture, variant = ""] = wanted.split("/");
  const [hasOs, hasArchitecture, hasVariant = ""] = has.split("/");
  if (os !== hasOs) return false;
  // A worker of amd64 runs 386 too, but does not list it.
  if (architecture === "386") return hasArchitecture === "amd64";
  if (architecture !== hasArchitecture) return false;
  return architecture === "arm" ? variant <= hasVariant : true;
}

const drivers: ReadonlySet<string> = new Set(["docker", "docker-container", "kubernetes", "remote", "cloud"]);

function checkDriver({ name, driver }: Builder): BuilderFault[] {
  if (drivers.has(driver)) return [];
  const isPodman = driver === "podman";
  const what = isPodman ? "is Podman's, which has no BuildKit" : "has a driver that Slipway does not know";
  return [
    {
      message: `the builder "${name}" (driver ${driver === "" ? "unknown" : driver}) ${what}`,
      hint: isPodman
        ? "run BuildKit and name it: docker buildx create --use --driver remote unix:///run/buildkit/buildkitd.sock (with Docker's buildx), or use Docker Engine"
        : "if builds fail, create a builder with a known driver: docker buildx create --use --driver docker-container",
      isGuess: !isPodman,
    },
  ];
}

function checkImageStore({ name, driver, exportsCaches }: Builder, { keepsImages }: BuilderDemands): BuilderFault[] {
  if (driver !== "docker" || exportsCaches || !keepsImages) return [];
  return [
    {
      message: `the builder "${name}" uses the engine's classic image store, which writes no provenance, no image layouts and no caches`,
      hint: 'make another builder: docker buildx create --use --driver docker-container; or turn on the containerd image store: "features": {"containerd-snapshotter": true} in /etc/docker/daemon.json',
      isGuess: false,
    },
  ];
}

function checkPlatforms(builder: Builder, { emulated }: BuilderPlace, { solves }: BuilderDemands): BuilderFault[] {
  const isRemote = builder.driver !== "docker" && builder.driver !== "docker-container";
  return missingPlatforms(builder, solves).flatMap((platform) => {
    const architecture = platform.split("/")[1] ?? "";
    if (emulated.includes(architecture)) return [];
    const names = solves.flatMap(({ service, runsOn }) => (runsOn.includes(platform) ? [service] : []));
    const who = [...new Set(names)].join(", ");
    const where = isRemote ? " on the builder's machine" : "";
    // Some arm64 machines run arm, but a worker of arm64 does not list it.
    const isGuess = architecture === "arm" && builder.platforms.some((has) => has === "linux/arm64");
    return [
      {
        message: `the builder "${builder.name}" cannot run ${platform}, and RUN of ${who} needs it (it has ${builder.platforms.join(", ")})`,
        isGuess,
        hint: `install emulation${where}: docker run --privileged --rm tonistiigi/binfmt --install ${architecture}; or build on a machine of that platform: a runner of its own in the workflow, or a node of the builder (docker buildx create --append --name ${builder.name} …); or cross-compile in a stage FROM --platform=$BUILDPLATFORM`,
      },
    ];
  });
}

function checkLoopback(builder: Builder, { network }: BuilderPlace, { loopback }: BuilderDemands): BuilderFault[] {
  const [first] = loopback;
  if (network !== "own" || first === undefined) return [];
  const { name, driver } = builder;
  const again = `docker buildx create --name ${name}-host --use --driver docker-container --driver-opt network=host`;
  return [
    {
      message: `the builder "${name}" has a loopback of its own, where ${loopback.join(", ")} is not this machine's registry`,
      hint:
        driver === "docker-container"
          ? `make one that shares this machine's network: ${again}`
          : "name the registry by an address that the builder reaches",
      isGuess: false,
    },
  ];
}

function checkPlainBases(
  builder: Builder,
  { plainRegistries }: BuilderPlace,
  { plainBases }: BuilderDemands,
): BuilderFault[] {
  const { name, driver, settings } = builder;
  const isDocker = driver === "docker";
  if (driver === "remote" || (isDocker && plainRegistries === undefined)) return [];
  const missing = plainBases.filter((host) =>
    isDocker ? plainRegistries?.includes(host) !== true : !takesPlainHttp(settings ?? "", host),
  );
  if (missing.length === 0) return [];
  const tables = missing.map((host) => `[registry."${host}"] with http = true`).join(", ");
  return [
    {
      message: `the builder "${name}" does not know that ${missing.join(", ")} speaks plain HTTP, and builds start from images there`,
      hint: isDocker
        ? `add "insecure-registries": ${JSON.stringify(missing)} to /etc/docker/daemon.json and restart Docker`
        : `make it with a buildkitd.toml that has ${tables}: docker buildx create --buildkitd-config buildkitd.toml …`,
      // Older buildx does not print a container builder's settings.
      isGuess: !isDocker,
    },
  ];
}

/** Whether a `buildkitd.toml` has `http` or `insecure` on in the table of a registry. */
function takesPlainHttp(settings: string, host: string): boolean {
  let table = "";
  return settings.split("\n").some((line) => {
    table = /^\s*\[([^\]]*(?:"[^"]*")?)\]\s*$/.exec(line)?.[1]?.trim() ?? table;
    return table === `registry."${host}"` && /^\s*(?:http|insecure)\s*=\s*true\b/.test(line);
  });
}
