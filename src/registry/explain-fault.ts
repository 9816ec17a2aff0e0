import { SlipwayError } from "../errors.ts";
import { type Endpoint, urlAt } from "./endpoint.ts";
import { type Fault, type FaultError, describeFault, mayPass } from "./fault.ts";
import type { Call } from "./call.ts";
import { unreadableHint } from "./unreadable.ts";

/** A call that is not retried any more. */
export interface FailedCall {
  readonly call: Call;
  readonly endpoint: Endpoint;
  readonly tries: number;
  /** Origin of the credentials, for the message. */
  readonly source: string;
}

/** Turns the fault of a call into an error with a hint for the user. */
export function errorOf(error: FaultError, { call, endpoint, tries, source }: FailedCall): SlipwayError {
  const { fault } = error;
  const { registry } = endpoint;
  const message = `${call.doing}: ${registry}: ${describeFault(fault)}`;
  if (fault.kind === "status" && fault.isBlobUnknown) {
    const hint =
      "a layer of the image is gone from the registry, or was never pushed: build it again with `slipway build --force`";
    return new SlipwayError("content-missing", `${message}, tried ${times(tries)}`, { hint, cause: error });
  }
  if (mayPass(fault)) {
    const again = "run the same command again later; it continues where this one stopped";
    const isUnknown = fault.kind === "connection" && fault.what === "name";
    const check = `check that "${registry}" is spelled right and that this machine can reach it`;
    const hint = isUnknown ? `${check}; then ${again}` : again;
    const kind = isRateLimit(fault) ? "registry-rate-limited" : "registry-unavailable";
    return new SlipwayError(kind, `${message}, tried ${times(tries)}`, { hint, cause: error, data: { registry } });
  }
  if (fault.kind !== "status") {
    const hint = hintOf(fault, registry);
    return new SlipwayError("registry-unavailable", message, { hint, cause: error, data: { registry } });
  }
  if (fault.status === 401 || fault.status === 403) {
    const login = registry === "docker.io" ? "docker login" : `docker login ${registry}`;
    const hint = `run \`${login}\` with an account that may ${call.actions.includes("pull") && call.actions.length === 1 ? "read" : "write"} ${call.name}`;
    return new SlipwayError("registry-denied", `${message}, asked with ${source}`, {
      hint,
      cause: error,
      data: { registry },
    });
  }
  return unexpectedStatus(call, endpoint, fault, error);
}

/**
 * The error for a status that a retry does not change. A refused write is `refused`. A read is `unavailable`, like any invalid answer,
 * because an unread image must not count as permanently refused.
 */
function unexpectedStatus(
  call: Call,
  endpoint: Endpoint,
  fault: Extract<Fault, { kind: "status" }>,
  cause: FaultError,
): SlipwayError {
  const path = typeof call.at === "string" ? urlAt(endpoint, call.name, call.at).pathname : call.at.pathname;
  const message = `${call.doing}: ${endpoint.registry} answered ${call.method} ${path} with ${describeFault(fault)}`;
  if (call.method === "GET" || call.method === "HEAD") {
    const data = { registry: endpoint.registry };
    return new SlipwayError("registry-unavailable", message, { hint: unreadableHint, cause, data });
  }
  return new SlipwayError("registry-refused", message, { hint: refusedHint(call, fault.status), cause });
}

function refusedHint({ name }: Call, status: number): string {
  if (status === 404) return `create the repository ${name} at the registry, or log in with an account that may see it`;
  if (status === 413) return "a server in front of the registry limits what a request may hold: raise its limit";
  return "a retry would be refused as well: look at the registry's message and at what it allows (names, tags that may be put once, media types, quotas)";
}

function hintOf(fault: Exclude<Fault, { kind: "status" }>, registry: string): string | undefined {
  if (fault.kind === "answer") return unreadableHint;
  if (fault.kind !== "connection" || fault.what !== "untrusted") return undefined;
  return `if ${registry} speaks plain HTTP, set SLIPWAY_INSECURE_REGISTRIES=${registry}; for a private certificate authority, NODE_EXTRA_CA_CERTS`;
}

function isRateLimit(fault: Fault): boolean {
  return fault.kind === "status" && fault.status === 429;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
