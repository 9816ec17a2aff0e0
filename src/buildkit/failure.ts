import { before, trimEndOf } from "../formats/trim.ts";
import { explainLogin, meaningOf } from "./known-errors.ts";
import type { FailedBuild } from "./request.ts";

/** Facts about a failed solve. */
export interface FailureFacts {
  /** First vertex that failed; undefined: no vertex failed. */
  readonly vertex: { readonly name: string; readonly error: string } | undefined;
  /** Last output lines of this vertex. */
  readonly log: readonly string[];
  /** Lines on standard error that are not progress: buildx's final message. */
  readonly plain: readonly string[];
  readonly exitCode: number;
}

/** Explanation of a failed solve. */
export interface Failure extends Pick<FailedBuild, "because" | "errorKind" | "registry" | "transient" | "hint"> {
  /** Line of the Dockerfile, from 1; undefined: unknown. */
  readonly line: number | undefined;
}

/** Explains a failed solve: the error in one line, whether a retry may succeed, and the line of the Dockerfile. */
export function explainFailure(facts: FailureFacts): Failure {
  const { vertex } = facts;
  const line = dockerfileLine(facts.plain);
  const exit = exitCodeOfInstruction(facts);
  if (exit !== undefined) {
    const instruction = vertex === undefined ? "RUN" : instructionOf(vertex.name);
    const because = `${instruction}: exit code ${exit}${killed(exit)}`;
    const hint = facts.log.some((each) => /exec format error/i.test(each)) ? otherPlatform : undefined;
    return { because, errorKind: "build-failed", registry: undefined, transient: false, hint, line };
  }
  const error = errorText(facts);
  const isOwn = vertex === undefined || vertex.name.startsWith("[internal]");
  const subject = isOwn ? "" : `${instructionOf(vertex.name)}: `;
  const because = oneLine(subject + clean(error));
  // If a registry answers with a JSON body, BuildKit's error has only the body's message; the HTTP status is in the log.
  const words = vertex?.name.startsWith("exporting ") === true ? [error, ...facts.log].join("\n") : error;
  switch (meaningOf(words)) {
    case "passes":
      return { because, errorKind: "build-unavailable", registry: undefined, transient: true, hint: undefined, line };
    case "credentials":
      return { because, errorKind: "registry-denied", ...explainLogin(error), transient: false, line };
    case undefined:
      return { because, errorKind: "build-failed", registry: undefined, transient: false, hint: undefined, line };
  }
}

/**
 * Whether a solve failed because of the SBOM scanner: its image could not be fetched, or its program failed. BuildKit has no other sign of
 * either than the name of the vertex (frontend/attestations/sbom).
 */
export function isAboutScanner({ vertex }: FailureFacts, scanner: string): boolean {
  if (vertex === undefined) return false;
  const { name } = vertex;
  return name.endsWith(`generating sbom using ${scanner}`) || name.endsWith(`docker-image://${scanner}`);
}

/** Hint for `exec format error`. runc writes that message to the instruction's log if the kernel cannot run a program. */
const otherPlatform =
  "the program is for another platform than the machine's: look at the platform of the image that it comes from, or install emulation: docker run --privileged --rm tonistiigi/binfmt --install all";

/** Exit code of the failed instruction's program; undefined: something else failed. */
export function exitCodeOfInstruction(facts: FailureFacts): string | undefined {
  return /did not complete successfully: exit code: (\d+)/.exec(errorText(facts))?.[1];
}

/** The final error of buildx, or the error of the failed vertex. */
export function errorText({ plain, vertex, exitCode }: FailureFacts): string {
  const at = plain.findLastIndex((line) => line.startsWith("ERROR: "));
  if (at >= 0) return plain.slice(at).join("\n");
  if (exitCode === 0) return "docker buildx reported no digest for the pushed image";
  return vertex?.error ?? [...plain, `docker buildx ended with exit code ${exitCode}`].slice(-2).join("; ");
}

/** Explains an exit code of 128 plus a signal's number: the engine or the kernel killed the program. */
function killed(exitCode: string): string {
  return exitCode === "137" ? " (killed, often because memory ran out)" : "";
}

/** The instruction in a vertex name, without flags: `RUN npm ci` for `[build 2/5] RUN --mount=type=cache,target=/root/.npm npm ci`. */
function instructionOf(name: string): string {
  const text = oneLine(name.replace(/^\[[^\]]*\]\s*/, "").replace(/^([A-Z]+)(?: --\S+)+/, "$1"));
  return text.length > longestInstruction ? `${text.slice(0, longestInstruction)}…` : text;
}

const longestInstruction = 120;

/** Removes the prefixes that BuildKit adds to every message. */
function clean(error: string): string {
  return (
    error
      .replace(/^ERROR: /, "")
      .replace(/^(?:failed to build: )?(?:failed to solve: )?/, "")
      .replace(/^failed to compute cache key: /, "")
      .replace(/^failed to calculate checksum of ref \S+ /, "")
      // The query of an upload's URL is long and meaningful only to the registry.
      .replaceAll(/https?:\/\/[^\s"]+/g, withoutQuery)
  );
}

/** Removes the query of a URL, but not a colon after it, which belongs to the message. */
function withoutQuery(url: string): string {
  const bare = before(url, "?");
  return bare === url ? url : bare + url.slice(trimEndOf(url, ":").length);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Line of the failed instruction. buildx prints a line `Dockerfile:12`, then a rule, then the instruction. */
function dockerfileLine(plain: readonly string[]): number | undefined {
  const at = plain.findIndex((line, index) => /^\S.*:\d+$/.test(line) && /^-{10,}$/.test(plain[index + 1] ?? ""));
  const line = /:(\d+)$/.exec(plain[at] ?? "")?.[1];
  return line === undefined ? undefined : Number(line);
}
