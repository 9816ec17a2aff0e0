import { readFileSync } from "node:fs";
import { join } from "node:path";

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

export function recordingFile(recording: Recording): string {
  return join(import.meta.dirname, `${recording}.jsonl`);
}

/** The lines that buildx wrote to standard error. */
export function readRecording(recording: Recording): string[] {
  return readFileSync(recordingFile(recording), "utf8").split("\n");
}
