import { asList, fieldsOf, parseJson, textField } from "../formats/json.ts";
import type { CiRun, RunTokens } from "../model/ci-run.ts";

/** Whether a job may read and write GitHub's cache, and the reason if not. */
export interface GhaAccess {
  readonly reads: boolean;
  readonly writes: boolean;
  /** Reason for a missing permission; undefined: both are granted. */
  readonly because: string | undefined;
}

/**
 * Derives access from the run: the service's address, the workflow's `cache-mode`, and the scopes in the token. GitHub gives no write scope
 * to a job that anyone can start. If the token cannot be parsed, grants both and leaves the decision to the service.
 */
export function readGhaAccess(
  { results, cacheMode = "" }: Pick<CiRun, "results" | "cacheMode">,
  { runtime }: Pick<RunTokens, "runtime">,
): GhaAccess {
  if (results === undefined || runtime === undefined)
    return deny("ACTIONS_RESULTS_URL and ACTIONS_RUNTIME_TOKEN are not set");
  const allowed = modes[cacheMode] ?? both;
  const granted = bitsOf(runtime.reveal());
  const reads = allowed.reads && (granted & 1) !== 0;
  const writes = allowed.writes && (granted & 2) !== 0;
  const isAllowed = reads === allowed.reads && writes === allowed.writes;
  return { reads, writes, because: isAllowed ? allowed.because : explain(reads, writes) };
}

const both: GhaAccess = { reads: true, writes: true, because: undefined };

/** Access by the workflow's `cache-mode`. Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax */
const modes: Readonly<Record<string, GhaAccess>> = {
  read: { reads: true, writes: false, because: "the workflow says cache-mode: read" },
  "write-only": { reads: false, writes: true, because: "the workflow says cache-mode: write-only" },
  none: deny("the workflow says cache-mode: none"),
};

function deny(because: string): GhaAccess {
  return { reads: false, writes: false, because };
}

function explain(reads: boolean, writes: boolean): string {
  if (!reads && !writes) return "the job's token reads and writes no cache";
  return reads ? "the job's token may only read caches" : "the job's token may only write caches";
}

/** The permission bits of all scopes in the claim `ac`: 1 read, 2 write. */
function bitsOf(token: string): number {
  const scopes = parseScopes(token);
  return scopes === undefined ? 3 : scopes.reduce<number>((bits, scope) => bits | permissionOf(scope), 0);
}

function parseScopes(token: string): readonly unknown[] | undefined {
  const claims = fieldsOf(parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url")));
  return asList(parseJson(textField(claims, "ac")));
}

function permissionOf(scope: unknown): number {
  const permission = fieldsOf(scope)["Permission"];
  return typeof permission === "number" ? permission : 0;
}
