import { addAll } from "../model/lists.ts";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CacheUse, Emit, SolveId } from "../event.ts";
import type { Host } from "../host.ts";
import { type CacheEntry, cacheReference } from "../model/cache-entry.ts";
import { tokenValues } from "../model/ci-run.ts";
import type { Digest } from "../model/digest.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import { buildArguments } from "./arguments.ts";
import { buildEnvironment } from "./environment.ts";
import { type CacheFault, findCacheFault, hasLostSnapshot, isFaulty } from "./cache-fault.ts";
import { runBuildx } from "./buildx.ts";
import { explainFailure, isAboutScanner } from "./failure.ts";
import { parseMetadata } from "./metadata.ts";
import { makeProgress } from "./progress.ts";
import { readSecretValue } from "./read-secret-value.ts";
import { makeRedact, type Redact } from "./redact.ts";
import type { BuildOutcome, BuildRequest } from "./request.ts";

/**
 * Builds one service on one platform and writes the result to `output`; emits events of vertices, logs and caches. If a cache makes the
 * build fail, builds again without it; if the engine's own build cache is damaged, builds again once without reading it. Throws
 * `unavailable` if docker is missing, `interrupted` when the host's signal is aborted. Every other end is an outcome.
 */
export async function runBuild(host: Host, request: BuildRequest, emit: Emit): Promise<BuildOutcome> {
  const redact = makeRedact(await readSecrets(host, request, emit));
  const folder = await makeTemporaryFolder(host, "build");
  const solve: SolveId = { service: request.service, platform: request.definition.platform };
  const attempt: Attempt = {
    host,
    solve,
    redact,
    emit,
    metadata: join(folder, "metadata.json"),
    started: host.monotonic(),
  };
  try {
    let left = request;
    const failed: CacheUse[] = [];
    for (;;) {
      const { outcome, fault, isSnapshotLost } = await runSolve(attempt, left);
      if (outcome.kind === "failed" && isSnapshotLost && left.ignoresCaches !== true) {
        const message = `the engine's build cache is damaged: building without it; \`docker buildx prune\` repairs it (${outcome.because})`;
        emit({ kind: "warning", message, service: request.service });
        left = { ...left, ignoresCaches: true };
        continue;
      }
      if (outcome.kind === "built" || fault === undefined) {
        return { ...outcome, cacheUses: [...failed, ...outcome.cacheUses] };
      }
      addAll(failed, reportFault(attempt, left, fault, outcome.because));
      left = withoutFaulty(left, fault);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Attempt {
  readonly host: Host;
  readonly solve: SolveId;
  readonly redact: Redact;
  readonly emit: Emit;
  /** Path of buildx's metadata file. */
  readonly metadata: string;
  /** Start time on the host's monotonic clock, in milliseconds. */
  readonly started: number;
}

async function runSolve(
  attempt: Attempt,
  request: BuildRequest,
): Promise<{
  readonly outcome: BuildOutcome;
  readonly fault: CacheFault | undefined;
  readonly isSnapshotLost: boolean;
}> {
  const { host, solve, redact, emit, metadata, started } = attempt;
  const { cacheFrom, cacheTo, dockerfileName = request.folders.dockerfile } = request;
  const progress = makeProgress({ solve, dockerfile: dockerfileName, cacheFrom, cacheTo, redact });
  const args = buildArguments(
    { ...request, cacheTo: cacheTo.map((entry) => withListingToken(request, entry)) },
    { metadata },
  );
  const { exitCode } = await runBuildx(host, args, {
    env: buildEnvironment(host.env),
    onStderrLine: (line) => progress.read(line).forEach(emit),
  });
  if (host.signal.aborted) throw new SlipwayError("interrupted", `interrupted while building ${request.service}`);
  const found = exitCode === 0 ? await readResult(request, metadata) : undefined;
  const seconds = (host.monotonic() - started) / 1000;
  if (found !== undefined) {
    progress.finish().forEach(emit);
    const outcome = {
      kind: "built",
      ...found,
      seconds,
      ...progress.counts(),
      cacheUses: progress.cacheUses(),
    } as const;
    return { outcome, fault: undefined, isSnapshotLost: false };
  }
  const facts = progress.failure(exitCode);
  const fault = findCacheFault(facts, cacheFrom);
  const hasFaulty =
    fault !== undefined &&
    (cacheFrom.some((entry) => isFaulty(fault, "import", entry)) ||
      cacheTo.some((entry) => isFaulty(fault, "export", entry)));
  const { line, ...explained } = explainFailure(facts);
  const place = line === undefined ? {} : { place: { file: dockerfileName, line } };
  const { log } = facts;
  const outcome = {
    kind: "failed",
    ...explained,
    atScanner: request.scanner !== undefined && isAboutScanner(facts, request.scanner),
    log,
    ...place,
    seconds,
    cacheUses: progress.cacheUses(),
  } as const;
  return { outcome, fault: hasFaulty ? fault : undefined, isSnapshotLost: hasLostSnapshot(facts) };
}

/** The digest of the result; undefined: buildx should have pushed or written an image, but names no digest. */
async function readResult(
  { output }: BuildRequest,
  metadata: string,
): Promise<{ readonly digest: Digest | undefined } | undefined> {
  if (output.kind === "none") return { digest: undefined };
  return parseMetadata(await readFile(metadata, "utf8").catch(() => ""));
}

/** Adds the token that lists a repository's caches. Added only here, so that no plan, event or record holds it. */
function withListingToken({ tokens }: BuildRequest, entry: CacheEntry): CacheEntry {
  const token = (tokens.job ?? tokens.github)?.reveal();
  if (entry.attributes["repository"] === undefined) return entry;
  if (token !== undefined) return { ...entry, attributes: { ...entry.attributes, ghtoken: token } };
  const { repository: _unused, ...attributes } = entry.attributes;
  return { ...entry, attributes };
}

function withoutFaulty(request: BuildRequest, fault: CacheFault): BuildRequest {
  return {
    ...request,
    cacheFrom: request.cacheFrom.filter((entry) => !isFaulty(fault, "import", entry)),
    cacheTo: request.cacheTo.filter((entry) => !isFaulty(fault, "export", entry)),
  };
}

/** Emits an event for each cache that the next attempt leaves out. */
function reportFault({ emit, solve }: Attempt, request: BuildRequest, fault: CacheFault, because: string): CacheUse[] {
  const entries = fault.direction === "import" ? request.cacheFrom : request.cacheTo;
  const uses = entries
    .filter((entry) => isFaulty(fault, fault.direction, entry))
    .map((entry) => {
      const { direction } = fault;
      return {
        tier: entry.tier,
        direction,
        reference: cacheReference(entry),
        state: "failed",
        seconds: 0,
        because,
      } as const;
    });
  for (const use of uses) emit({ kind: "cache", ...solve, use });
  return uses;
}

/** Values to redact from all output: secrets, and the tokens in the environment that BuildKit gets. */
async function readSecrets(host: Host, request: BuildRequest, emit: Emit): Promise<string[]> {
  const secrets = Object.entries(request.sources.secrets);
  const values = await Promise.all(secrets.map(([, from]) => readSecretValue(host, from)));
  for (const [index, [id, from]] of secrets.entries()) {
    if (values[index] !== undefined) continue;
    const source = from.kind === "env" ? `the variable ${from.name} is not set` : `there is no file "${from.path}"`;
    emit({ kind: "warning", message: `secret "${id}" is empty: ${source}`, service: request.service });
  }
  return [...values, ...tokenValues(request.tokens)].filter((value) => value !== undefined);
}
