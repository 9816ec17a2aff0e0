import { type Builder, parseBuilder, printBuilder } from "../../buildkit/builder.ts";
import type { Host } from "../../host.ts";

/** Inspects the builder of an invocation without starting it; undefined: buildx fails, and the build itself will report why. */
export async function readBuilder(host: Host, name: string | undefined): Promise<Builder | undefined> {
  const { exitCode, stdout } = await printBuilder(host, name);
  return exitCode === 0 ? parseBuilder(new TextDecoder().decode(stdout)) : undefined;
}
