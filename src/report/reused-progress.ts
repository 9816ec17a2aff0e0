import type { Fingerprint } from "../model/inputs.ts";

/** An image that was reused in place of a build, for the build's caller. */
export interface ReusedProgress {
  /** As `--progress` has it; the format of a terminal is that of plain text. */
  readonly progress: string;
  /** `ghcr.io/acme/api:1.2@sha256:…`. */
  readonly image: string;
  /** One line. */
  readonly because: string;
  readonly fingerprint: Fingerprint;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly completed: string;
}

/**
 * What a build of a reused image writes to standard error, in the format that its caller reads: BuildKit's plain lines, or its JSON, with one vertex.
 * Source of the JSON: moby/buildkit, client/graph.go, `SolveStatus`.
 */
export function renderReusedProgress(reused: ReusedProgress): string {
  const { progress, image, because, fingerprint, started, completed } = reused;
  const name = `[slipway] reused ${image}: ${because}`;
  if (progress === "quiet" || progress === "none") return "";
  if (progress !== "rawjson") return `#1 ${name}\n#1 DONE 0.0s\n`;
  const vertex = { digest: fingerprint, name, started };
  return [{ vertexes: [vertex] }, { vertexes: [{ ...vertex, completed, cached: true }] }]
    .map((status) => `${JSON.stringify(status)}\n`)
    .join("");
}
