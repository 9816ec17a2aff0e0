import { runBuildx } from "../buildkit/buildx.ts";
import type { Host } from "../host.ts";

/** Removes the builder of a job with its container and its cache. A builder that no longer exists is not an error. */
export async function removeBuilder(host: Host, name: string, dockerConfig: string): Promise<void> {
  const env = dockerConfig === "" ? {} : { DOCKER_CONFIG: dockerConfig };
  await runBuildx(host, ["rm", "--force", name], { env }).catch(() => undefined);
}
