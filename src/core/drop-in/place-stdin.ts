import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "../../host.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import type { DropInRequest } from "./request.ts";

/** An invocation whose Dockerfile can be read. */
export interface PlacedInvocation {
  readonly invocation: BuildInvocation;
  /** Removes what was written for it. */
  readonly close: () => Promise<void>;
}

/** Whether the caller should read standard input for an invocation: its Dockerfile is there, and its context is a folder. */
export function isDockerfileOnStdin({ context, dockerfile }: BuildInvocation): boolean {
  return context.kind === "folder" && dockerfile === "-";
}

/** Writes a Dockerfile that was on standard input into a file, as buildx does. Another invocation stays as it is. */
export async function placeStdin(
  host: Host,
  { stdin }: Pick<DropInRequest, "stdin">,
  invocation: BuildInvocation,
): Promise<PlacedInvocation> {
  if (stdin === undefined || !isDockerfileOnStdin(invocation)) {
    return { invocation, close: () => Promise.resolve() };
  }
  const folder = await makeTemporaryFolder(host, "build");
  const dockerfile = join(folder, "Dockerfile");
  await writeFile(dockerfile, stdin);
  return { invocation: { ...invocation, dockerfile }, close: () => rm(folder, { recursive: true, force: true }) };
}
