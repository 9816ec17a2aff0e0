import { type Builder, parseBuilder } from "../../buildkit/builder.ts";
import { runBuildx } from "../../buildkit/buildx.ts";
import type { Host } from "../../host.ts";

/** Inspects the builder of an invocation without starting it; undefined: buildx fails, and the build itself will report why. */
export async function readBuilder(host: Host, name: string | undefined): Promise<Builder | undefined> {
  const { exitCode, stdout } = await runBuildx(host, ["inspect", ...(name === undefined ? [] : [name])]);
  return exitCode === 0 ? parseBuilder(new TextDecoder().decode(stdout)) : undefined;
}
