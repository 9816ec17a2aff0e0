import { run } from "./processes.ts";
import { readInstances } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

/** Whether the Docker that is there can be used, and how; or why not. */
export type DockerThere =
  | {
      readonly use: true;
      /** Mirror that the daemon uses instead of Docker Hub. */
      readonly mirror: string | undefined;
      readonly env: Record<string, string>;
      /** Its own builder cannot export caches. */
      readonly needsBuilder: boolean;
    }
  | { readonly use: false; readonly because: string };

/**
 * Looks for a Docker Engine with buildx that can get base images. `SLIPWAY_SANDBOX_ENGINE=own` says not to look.
 */
export async function lookForDocker(log: (line: string) => void): Promise<DockerThere> {
  if (process.env["SLIPWAY_SANDBOX_ENGINE"] === "own") return { use: false, because: "SLIPWAY_SANDBOX_ENGINE is own" };
  const host = process.env["DOCKER_HOST"];
  if (host !== undefined && readInstances().some((each) => each.ready?.env["DOCKER_HOST"] === host)) {
    return { use: false, because: "the Docker that is there is a sandbox's own" };
  }
  const info = await run("docker", ["info", "--format", "{{json .}}"]);
  if (info.exitCode === 127) return { use: false, because: "there is no docker command" };
  const engine = info.exitCode === 0 ? readInfo(info.stdout) : undefined;
  if (!engine) return { use: false, because: "no Docker Engine answers" };
  const buildx = await run("docker", ["buildx", "version"]);
  if (buildx.exitCode !== 0) return { use: false, because: "its docker command has no buildx" };
  if (engine.mirror === undefined && !(await reachesDockerHub())) {
    return { use: false, because: "the Docker that is there has no mirror and Docker Hub does not answer" };
  }
  if (!engine.containerdStore) log("its image store cannot export caches; a builder in a container is made beside it");
  return { use: true, mirror: engine.mirror, env: dockerVariables(), needsBuilder: !engine.containerdStore };
}

/** Makes an empty builder in a container: what a fresh CI runner has, where only a Docker is there. */
export async function freshBuilder(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = [
    "buildx",
    "create",
    "--name",
    name,
    "--driver",
    "docker-container",
    "--driver-opt",
    "network=host",
    "--bootstrap",
  ];
  const made = await run("docker", args, { env });
  if (made.exitCode === 0) return name;
  await removeBuilder(name, env);
  const last = made.stderr.trim().split("\n").at(-1) ?? "";
  throw new SandboxUnavailable(`Making a builder in the Docker that is there: ${last}`);
}

export async function removeBuilder(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  await run("docker", ["buildx", "rm", "--force", name], { env });
}

function readInfo(json: string): { containerdStore: boolean; mirror: string | undefined } | undefined {
  const info = JSON.parse(json) as {
    ServerVersion?: string;
    DriverStatus?: [string, string][] | null;
    RegistryConfig?: { Mirrors?: string[] | null } | null;
  };
  if (!info.ServerVersion) return undefined;
  const containerdStore = (info.DriverStatus ?? []).some(([, value]) => value.startsWith("io.containerd.snapshotter"));
  const mirror = info.RegistryConfig?.Mirrors?.[0]?.replace(/\/$/, "");
  return { containerdStore, mirror: mirror === undefined || mirror === "" ? undefined : mirror };
}

async function reachesDockerHub(): Promise<boolean> {
  const answer = await fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(4000) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.status === 401 || answer?.status === 200;
}

function dockerVariables(): Record<string, string> {
  const names = ["PATH", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "BUILDX_BUILDER"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
