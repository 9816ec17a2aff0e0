import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { RecordedPush } from "../../model/build-record.ts";
import type { Platform } from "../../model/platform.ts";

/** Pulls an image into the engine's store and tags it with these references, as `--load` would. Returns its id in the store. */
export async function loadImage(
  host: Host,
  { name, digest }: RecordedPush,
  references: readonly string[],
  platform: Platform,
): Promise<string> {
  const pinned = `${name}@${digest}`;
  await docker(host, ["pull", "--quiet", "--platform", platform, pinned]);
  for (const reference of references) await docker(host, ["tag", pinned, reference]);
  return docker(host, ["image", "inspect", "--format", "{{.Id}}", pinned]);
}

async function docker(host: Host, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run("docker", args);
  if (exitCode === 0) return new TextDecoder().decode(stdout).trim();
  const said = stderr.trim().split("\n").at(-1) ?? "";
  throw new SlipwayError("failed", `running docker ${args.join(" ")}: ${said}`);
}
