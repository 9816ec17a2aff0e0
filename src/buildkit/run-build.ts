import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { CacheUse, Emit, SolveId } from "../event.ts";
import type { Host } from "../host.ts";
import { type CacheEntry, cacheReference } from "../model/cache-entry.ts";
import type { BuildSecret } from "../model/service.ts";
import { buildArguments } from "./arguments.ts";
import { cacheFault, explainFailure } from "./failure.ts";
import { parseMetadata } from "./metadata.ts";
import { makeProgress } from "./progress.ts";
import { makeRedact, type Redact } from "./redact.ts";
import type { BuildOutcome, BuildRequest } from "./request.ts";

/**
 * Builds and pushes one service on one platform, telling of its vertices, logs and caches as it goes. A cache tier that fails the build is left out
 * and the build tried once more. Throws `unavailable` when there is no docker, `interrupted` when the host's signal is
 * aborted; every other end is an outcome.
 */
export async function runBuild(host: Host, request: BuildRequest, emit: Emit): Promise<BuildOutcome> {
  const solve: SolveId = { service: request.service, platform: request.platform };
  const redact = makeRedact(await readSecrets(host, request, emit));
  const started = host.monotonic();
  const folder = await mkdtemp(join(tmpdir(), "slipway-build-"));
  try {
    const seconds = (): number => (host.monotonic() - started) / 1000;
    const attempt = { host, solve, redact, emit, seconds, metadata: join(folder, "metadata.json") };
    const first = await runSolve(attempt, request, []);
    if (first.faultyCache === undefined) return first.outcome;
    const type = first.faultyCache;
    const left = first.cacheUses.concat(leftOut(attempt, request, type, because(first.outcome)));
    const second = await runSolve(attempt, withoutCache(request, type), left);
    return second.outcome;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Attempt {
  readonly host: Host;
  readonly solve: SolveId;
  readonly redact: Redact;
  readonly emit: Emit;
  /** Since the build began. */
  readonly seconds: () => number;
  readonly metadata: string;
}

interface Attempted {
  readonly outcome: BuildOutcome;
  readonly cacheUses: readonly CacheUse[];
  /** The type of the cache that failed the build. */
  readonly faultyCache: "gha" | "registry" | undefined;
}

async function runSolve(attempt: Attempt, request: BuildRequest, before: readonly CacheUse[]): Promise<Attempted> {
  const { host, solve, redact, emit, metadata } = attempt;
  const { cacheFrom, dockerfileName = request.dockerfile } = request;
  const cacheTo = request.cacheTo.map((entry) => withListingToken(host, entry));
  const progress = makeProgress({ solve, dockerfile: dockerfileName, cacheFrom, cacheTo: request.cacheTo, redact });
  const { exitCode } = await host.run("docker", buildArguments({ ...request, cacheTo }, { metadata }), {
    env: buildEnvironment,
    onStderrLine: (line) => progress.read(line).forEach(emit),
  });
  if (host.signal.aborted) throw new SlipwayError("interrupted", `interrupted while building ${request.service}`);
  const found = exitCode === 0 ? parseMetadata(await readFile(metadata, "utf8").catch(() => "")) : undefined;
  if (found !== undefined) progress.finish().forEach(emit);
  const cacheUses = [...before, ...progress.cacheUses()];
  const seconds = attempt.seconds();
  if (found !== undefined) {
    const counts = progress.counts();
    return {
      outcome: { kind: "built", digest: found.digest, seconds, ...counts, cacheUses },
      cacheUses,
      faultyCache: undefined,
    };
  }
  const facts = progress.failure(exitCode);
  const entries = [...cacheFrom, ...cacheTo];
  const fault = cacheFault(facts, entries.map(cacheReference));
  const faultyCache = before.length === 0 && entries.some((entry) => typeOf(entry) === fault) ? fault : undefined;
  const { line, ...explained } = explainFailure(facts);
  const place = line === undefined ? {} : { place: { file: dockerfileName, line } };
  const outcome: BuildOutcome = { kind: "failed", ...explained, log: facts.log, ...place, seconds, cacheUses };
  return { outcome, cacheUses, faultyCache };
}

/**
 * What must not come from the environment: `SOURCE_DATE_EPOCH` enters cache keys, labels from git change with every commit,
 * and attestations are asked for by the request alone. The metadata file needs no provenance, which buildx would look up.
 */
const buildEnvironment: Readonly<Record<string, string | undefined>> = {
  SOURCE_DATE_EPOCH: undefined,
  BUILDX_NO_DEFAULT_ATTESTATIONS: undefined,
  BUILDX_GIT_LABELS: undefined,
  BUILDX_METADATA_PROVENANCE: "disabled",
  BUILDX_METADATA_WARNINGS: undefined,
};

/** The token to list a repository's caches joins only here, so that it is in no plan, event or record. */
function withListingToken(host: Host, entry: CacheEntry): CacheEntry {
  const token = host.env["GITHUB_TOKEN"] ?? host.env["GH_TOKEN"];
  if (entry.attributes["repository"] === undefined) return entry;
  if (token !== undefined && token !== "") return { ...entry, attributes: { ...entry.attributes, ghtoken: token } };
  const { repository: _unused, ...attributes } = entry.attributes;
  return { ...entry, attributes };
}

function typeOf({ tier, attributes }: CacheEntry): string {
  return attributes["type"] ?? tier;
}

function withoutCache(request: BuildRequest, type: "gha" | "registry"): BuildRequest {
  const keeps = (entry: CacheEntry): boolean => typeOf(entry) !== type;
  return { ...request, cacheFrom: request.cacheFrom.filter(keeps), cacheTo: request.cacheTo.filter(keeps) };
}

/** Tells which tiers the second attempt goes without. */
function leftOut({ emit, solve }: Attempt, request: BuildRequest, type: string, because: string): CacheUse[] {
  const side = (entries: readonly CacheEntry[], direction: CacheUse["direction"]): CacheUse[] =>
    entries
      .filter((entry) => typeOf(entry) === type)
      .map((entry) => ({
        tier: entry.tier,
        direction,
        reference: cacheReference(entry),
        state: "failed",
        seconds: 0,
        because,
      }));
  const uses = [...side(request.cacheFrom, "import"), ...side(request.cacheTo, "export")];
  for (const use of uses) emit({ kind: "cache", ...solve, use });
  return uses;
}

function because(outcome: BuildOutcome): string {
  return outcome.kind === "failed" ? outcome.because : "";
}

/** The values to keep out of everything that is told: secrets, and the tokens in the environment that BuildKit is given. */
async function readSecrets(host: Host, request: BuildRequest, emit: Emit): Promise<string[]> {
  const values = await Promise.all(request.secrets.map((secret) => readSecret(host, secret)));
  request.secrets.forEach((secret, index) => {
    if (values[index] !== undefined) return;
    const { from } = secret;
    const source = from.kind === "env" ? `the variable ${from.name} is not set` : `there is no file "${from.path}"`;
    emit({ kind: "warning", message: `secret "${secret.id}" is empty: ${source}`, service: request.service });
  });
  const tokens = ["ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"].map((name) => host.env[name]);
  return [...values, ...tokens].filter((value) => value !== undefined);
}

async function readSecret(host: Host, { from }: BuildSecret): Promise<string | undefined> {
  if (from.kind === "env") return host.env[from.name];
  return readFile(from.path, "utf8").catch(() => undefined);
}
