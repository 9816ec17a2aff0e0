import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DockerAnswer } from "../../testing/docker/fake-docker.ts";

/** Recordings of `docker buildx build --progress=rawjson` (buildx 0.29, BuildKit of Docker Engine 28.5), named by what happened. */
export type Recording =
  | "built"
  | "cached"
  | "cache-fetched"
  | "cache-layer-gone"
  | "failed-copy"
  | "failed-run"
  | "failed-syntax"
  | "gha-down"
  | "gha-layer-refused"
  | "gha-refused"
  | "interrupted"
  | "missing-base"
  | "push-502"
  | "push-denied"
  | "secret"
  | "warning";

/** The lines that buildx wrote to standard error. */
export function readRecording(recording: Recording): string[] {
  return textOf(recording).split("\n");
}

/** Makes a fake docker's run end as a recorded one did. `digest`: of the image that it built. */
export function replay(recording: Recording, exitCode: number, digest?: string): DockerAnswer {
  const metadata = digest === undefined ? {} : { metadata: { "containerimage.digest": digest } };
  return { stderr: textOf(recording), exitCode, ...metadata };
}

function textOf(recording: Recording): string {
  return readFileSync(join(import.meta.dirname, `${recording}.jsonl`), "utf8");
}
