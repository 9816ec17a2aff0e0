import type { Host } from "../host.ts";

/** Removes a builder that was made for a job, with its container and what it cached; one that is gone is no fault. */
export async function removeBuilder(host: Host, name: string, dockerConfig: string): Promise<void> {
  const env = dockerConfig === "" ? {} : { DOCKER_CONFIG: dockerConfig };
  await host.run("docker", ["buildx", "rm", "--force", name], { env }).catch(() => undefined);
}
