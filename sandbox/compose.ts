import { join } from "node:path";
import { ensurePackages } from "./packages.ts";
import { SandboxUnavailable } from "./unavailable.ts";

/** The path of Compose, as a plugin of Docker's command; undefined where it cannot be had. A version that hands builds to buildx. */
export async function findCompose(): Promise<string | undefined> {
  try {
    const root = await ensurePackages("compose", ["docker-compose/forky"], () => undefined);
    return join(root, "usr/libexec/docker/cli-plugins/docker-compose");
  } catch (error) {
    if (error instanceof SandboxUnavailable) return undefined;
    throw error;
  }
}
