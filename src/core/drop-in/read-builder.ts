import { type Builder, parseBuilder } from "../../buildkit/builder.ts";
import { runBuildx } from "../../buildkit/buildx.ts";
import type { Host } from "../../host.ts";

/**
 * The builder that an invocation uses, as far as buildx says it without starting it; undefined: it says nothing, and the build itself will
 * say why.
 */
export async function readBuilder(host: Host, name: string | undefined): Promise<Builder | undefined> {
  const { exitCode, stdout } = await runBuildx(host, ["inspect", ...(name === undefined ? [] : [name])]);
  return exitCode === 0 ? parseBuilder(new TextDecoder().decode(stdout)) : undefined;
}
