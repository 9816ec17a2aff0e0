import { SlipwayError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Fault, type FaultError, describeFault, mayPass } from "./fault.ts";
import type { Call } from "./transport.ts";
import { unreadableHint } from "./unreadable.ts";

/** What a fault means to a person, and what to do about it. */
export function errorOf(
  call: Call,
  endpoint: Endpoint,
  tries: number,
  error: FaultError,
  source: string,
): SlipwayError {
  const { fault } = error;
  const { registry } = endpoint;
  const message = `${call.doing}: ${registry}: ${describeFault(fault)}`;
  if (fault.kind === "status" && fault.isBlobUnknown) {
    const hint =
      "a layer of the image is gone from the registry, or never came to be there: build it again with `slipway build --force`";
    return new SlipwayError("failed", `${message}, tried ${times(tries)}`, { hint, cause: error });
  }
  if (mayPass(fault)) {
    const again = "run the same command again later; it takes up where this one stopped";
    const isUnknown = fault.kind === "connection" && fault.what === "name";
    const check = `check that "${registry}" is spelled right and that this machine can reach it`;
    const hint = isUnknown ? `${check}; then ${again}` : again;
    return new SlipwayError("unavailable", `${message}, tried ${times(tries)}`, { hint, cause: error });
  }
  if (fault.kind !== "status")
    return new SlipwayError("unavailable", message, { hint: hintOf(fault, registry), cause: error });
  if (fault.status === 401 || fault.status === 403) {
    const login = registry === "docker.io" ? "docker login" : `docker login ${registry}`;
    const hint = `run \`${login}\` as somebody who may ${call.actions.includes("pull") && call.actions.length === 1 ? "read" : "write"} ${call.name}`;
    return new SlipwayError("credentials", `${message}, asked with ${source}`, { hint, cause: error });
  }
  const code = fault.status === 405 || fault.status === 409 ? "refused" : "failed";
  return new SlipwayError(code, message, { cause: error });
}

function hintOf(fault: Exclude<Fault, { kind: "status" }>, registry: string): string | undefined {
  if (fault.kind === "answer") return unreadableHint;
  if (fault.kind !== "connection" || fault.what !== "untrusted") return undefined;
  return `if ${registry} speaks plain HTTP, set SLIPWAY_INSECURE_REGISTRIES=${registry}; for a private certificate authority, NODE_EXTRA_CA_CERTS`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
