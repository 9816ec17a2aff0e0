import type { FailedBuild } from "./request.ts";

/** What is known of a solve that failed. */
export interface FailureFacts {
  /** The vertex that failed first, if one did. */
  readonly vertex: { readonly name: string; readonly error: string } | undefined;
  /** Lines on standard error that are no progress: buildx's closing words. */
  readonly plain: readonly string[];
  readonly exitCode: number;
}

export type Failure = Pick<FailedBuild, "because" | "code" | "transient"> & { readonly line: number | undefined };

/** What went wrong, in one line; whether the same build may succeed in a moment; where in the Dockerfile. */
export function explainFailure(facts: FailureFacts): Failure {
  const { vertex, plain } = facts;
  const error = closingError(plain) ?? vertex?.error ?? `docker buildx ended with exit code ${facts.exitCode}`;
  const line = dockerfileLine(plain);
  const exit = exitCodePattern.exec(error)?.[1];
  if (exit !== undefined) {
    const instruction = vertex === undefined ? "RUN" : instructionOf(vertex.name);
    return { because: `${instruction}: exit code ${exit}${killed(exit)}`, code: "failed", transient: false, line };
  }
  const because = oneLine(subject(vertex?.name) + clean(error));
  if (isTransient(error)) return { because, code: "unavailable", transient: true, line };
  return { because, code: isRefusal(error) ? "credentials" : "failed", transient: false, line };
}

/** The text of what failed in a cache tier and failed the build with it, or undefined: then the cache had no part in it. */
export function cacheFault(facts: FailureFacts, references: readonly string[]): "gha" | "registry" | undefined {
  const error = closingError(facts.plain) ?? facts.vertex?.error ?? "";
  if (exitCodePattern.test(error)) return undefined;
  const name = facts.vertex?.name ?? "";
  if (
    /gha cache (?:ex|im)porter|CacheService\/|GitHub Actions Cache|actions_storage|blob\.core\.windows\.net/i.test(
      `${error} ${name}`,
    )
  ) {
    return "gha";
  }
  if (/^(?:exporting cache to registry|importing cache manifest)/.test(name)) return "registry";
  if (/registry cache (?:ex|im)porter|error writing (?:layer blob|manifest blob|config blob)/.test(error))
    return "registry";
  return references.some((reference) => error.includes(reference)) ? "registry" : undefined;
}

const exitCodePattern = /did not complete successfully: exit code: (\d+)/;

/** 128 and a signal's number: the engine or the kernel ended it. */
function killed(exitCode: string): string {
  return exitCode === "137" ? " (killed, often because memory ran out)" : "";
}

/** `RUN npm ci` of `[build 2/5] RUN npm ci`. */
function instructionOf(name: string): string {
  const text = oneLine(name.replace(/^\[[^\]]*\]\s*/, ""));
  return text.length > longestInstruction ? `${text.slice(0, longestInstruction)}…` : text;
}

const longestInstruction = 120;

function subject(name: string | undefined): string {
  return name === undefined || name === "" ? "" : `${instructionOf(name)}: `;
}

function closingError(plain: readonly string[]): string | undefined {
  const at = plain.findLastIndex((line) => line.startsWith("ERROR: "));
  return at < 0 ? undefined : plain.slice(at).join(" ");
}

/** Without what BuildKit wraps around a message and a reader has no use for. */
function clean(error: string): string {
  return error
    .replace(/^ERROR: /, "")
    .replace(/^(?:failed to build: )?(?:failed to solve: )?/, "")
    .replace(/^failed to compute cache key: /, "")
    .replace(/^failed to calculate checksum of ref \S+ /, "");
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

const transientPatterns: readonly RegExp[] = [
  /unexpected status[^:]*(?: from [^:]*)?.*: (?:429|5\d\d)\b/i,
  /\b(?:429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b/i,
  /toomanyrequests|(?:secondary )?rate limit/i,
  /connection (?:reset|refused)|broken pipe|i\/o timeout|TLS handshake timeout|context deadline exceeded/i,
  /\bEOF\b|GOAWAY|server misbehaving|temporary failure in name resolution|error reading from server/i,
  /cannot connect to the Docker daemon|failed to connect to the docker API|error during connect|code = Unavailable/i,
];

function isTransient(error: string): boolean {
  return transientPatterns.some((pattern) => pattern.test(error));
}

function isRefusal(error: string): boolean {
  return /\b(?:401 Unauthorized|403 Forbidden|unauthorized|insufficient_scope|authorization failed|denied)\b/i.test(
    error,
  );
}
