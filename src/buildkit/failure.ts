import { before, trimEndOf } from "../formats/trim.ts";
import { explainLogin, meaningOf } from "./known-errors.ts";
import type { FailedBuild } from "./request.ts";

/** What is known of a solve that failed. */
export interface FailureFacts {
  /** The vertex that failed first, if one did. */
  readonly vertex: { readonly name: string; readonly error: string } | undefined;
  /** The last lines that this vertex wrote. */
  readonly log: readonly string[];
  /** Lines on standard error that are no progress: buildx's closing words. */
  readonly plain: readonly string[];
  readonly exitCode: number;
}

/** A failed solve, explained. */
export interface Failure extends Pick<FailedBuild, "because" | "code" | "registry" | "transient" | "hint"> {
  /** Of the Dockerfile, counted from 1. */
  readonly line: number | undefined;
}

/** What went wrong, in one line; whether the same build may succeed in a moment; where in the Dockerfile. */
export function explainFailure(facts: FailureFacts): Failure {
  const { vertex } = facts;
  const line = dockerfileLine(facts.plain);
  const exit = exitCodeOfInstruction(facts);
  if (exit !== undefined) {
    const instruction = vertex === undefined ? "RUN" : instructionOf(vertex.name);
    const because = `${instruction}: exit code ${exit}${killed(exit)}`;
    const hint = facts.log.some((each) => /exec format error/i.test(each)) ? otherPlatform : undefined;
    return { because, code: "failed", registry: undefined, transient: false, hint, line };
  }
  const error = errorText(facts);
  const isOwn = vertex === undefined || vertex.name.startsWith("[internal]");
  const subject = isOwn ? "" : `${instructionOf(vertex.name)}: `;
  const because = oneLine(subject + clean(error));
  // When a registry's answer has a JSON body, BuildKit's error is that body's words; the status is only in the log.
  const said = vertex?.name.startsWith("exporting ") === true ? [error, ...facts.log].join("\n") : error;
  switch (meaningOf(said)) {
    case "passes":
      return { because, code: "unavailable", registry: undefined, transient: true, hint: undefined, line };
    case "credentials":
      return { because, code: "credentials", ...explainLogin(error), transient: false, line };
    case undefined:
      return { because, code: "failed", registry: undefined, transient: false, hint: undefined, line };
  }
}

/** runc's words for a program that the kernel cannot run are the last line of its log. */
const otherPlatform =
  "the program is for another platform than the machine's: look at the platform of the image that it comes from, or install emulation: docker run --privileged --rm tonistiigi/binfmt --install all";

/** Undefined when it was not an instruction's program that failed. */
export function exitCodeOfInstruction(facts: FailureFacts): string | undefined {
  return /did not complete successfully: exit code: (\d+)/.exec(errorText(facts))?.[1];
}

/** What buildx closed with, or the error of the vertex that failed. */
export function errorText({ plain, vertex, exitCode }: FailureFacts): string {
  const at = plain.findLastIndex((line) => line.startsWith("ERROR: "));
  if (at >= 0) return plain.slice(at).join("\n");
  if (exitCode === 0) return "docker buildx did not say which digest it pushed";
  return vertex?.error ?? [...plain, `docker buildx ended with exit code ${exitCode}`].slice(-2).join("; ");
}

/** 128 and a signal's number: the engine or the kernel ended it. */
function killed(exitCode: string): string {
  return exitCode === "137" ? " (killed, often because memory ran out)" : "";
}

/** `RUN npm ci` of `[build 2/5] RUN --mount=type=cache,target=/root/.npm npm ci`. */
function instructionOf(name: string): string {
  const text = oneLine(name.replace(/^\[[^\]]*\]\s*/, "").replace(/^([A-Z]+)(?: --\S+)+/, "$1"));
  return text.length > longestInstruction ? `${text.slice(0, longestInstruction)}…` : text;
}

const longestInstruction = 120;

/** Without what BuildKit wraps around a message and a reader has no use for. */
function clean(error: string): string {
  return (
    error
      .replace(/^ERROR: /, "")
      .replace(/^(?:failed to build: )?(?:failed to solve: )?/, "")
      .replace(/^failed to compute cache key: /, "")
      .replace(/^failed to calculate checksum of ref \S+ /, "")
      // The state of an upload: long, and of use to the registry alone.
      .replaceAll(/https?:\/\/[^\s"]+/g, withoutQuery)
  );
}

/** A colon at the end is the message's. */
function withoutQuery(url: string): string {
  const bare = before(url, "?");
  return bare === url ? url : bare + url.slice(trimEndOf(url, ":").length);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** buildx shows the instruction under a line `Dockerfile:12` and a rule. */
function dockerfileLine(plain: readonly string[]): number | undefined {
  const at = plain.findIndex((line, index) => /^\S.*:\d+$/.test(line) && /^-{10,}$/.test(plain[index + 1] ?? ""));
  const line = /:(\d+)$/.exec(plain[at] ?? "")?.[1];
  return line === undefined ? undefined : Number(line);
}
