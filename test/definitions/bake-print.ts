import { existsSync, mkdtempSync, rmSync, symlinkSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTools, toolPath, whyNoPackages } from "../../sandbox/packages.ts";
import { run } from "../../sandbox/processes.ts";

/** A Docker client with buildx; no engine is needed to print a definition. */
export interface BakeTool {
  /** The environment that finds it. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => void;
}

/** The machine's own buildx, else the sandbox's. A text: why there is none. */
export async function findBake(): Promise<BakeTool | string> {
  const own = await run("docker", ["buildx", "version"]);
  if (own.exitCode === 0) return { env: {}, close: () => undefined };
  const missing = whyNoPackages();
  if (missing !== undefined) return `no docker buildx on this machine, and no packages to take it from: ${missing}`;
  const tools = await ensureTools(() => undefined);
  const plugin = join(tools, "usr/libexec/docker/cli-plugins/docker-buildx");
  if (!existsSync(plugin)) return "the packages bring no buildx";
  const config = mkdtempSync(join(tmpdir(), "slipway-bake-"));
  mkdirSync(join(config, "cli-plugins"));
  symlinkSync(plugin, join(config, "cli-plugins/docker-buildx"));
  return {
    env: { PATH: toolPath(tools), DOCKER_CONFIG: config },
    close: () => rmSync(config, { recursive: true, force: true }),
  };
}
