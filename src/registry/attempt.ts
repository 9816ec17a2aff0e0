import { isInterruption, SlipwayError, whileDoing } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Call } from "./call.ts";
import { type Endpoint, repositoryAt, urlAt } from "./endpoint.ts";
import { type Fault, FaultError, mayPass, plainStatus, statusFault } from "./fault.ts";
import type { Gates } from "./gates.ts";
import { type Scope, joinScopes } from "./scope.ts";
import { type Wire, type WireAnswer, type WireRequest, discard } from "./wire.ts";

/** Parts that an attempt is made of. */
export interface AttemptParts {
  readonly host: Host;
  readonly wire: Wire;
  readonly authorizer: Authorizer;
  readonly gates: Gates;
}

/** One try of a request: waits for the gate, adds authorization, and answers at most one challenge. */
export class Attempt {
  readonly #parts: AttemptParts;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  /** Sends the request. Throws `FaultError` for a status that the call does not accept. Closing the answer frees its place in the gate. */
  async open(call: Call, endpoint: Endpoint): Promise<WireAnswer> {
    const leave = await this.#parts.gates.enter(call, endpoint);
    try {
      const answer = await this.#authorized(call, endpoint);
      if (!call.accept.includes(answer.status)) throw new FaultError(await this.#faultOf(call, endpoint, answer));
      return leaveOnClose(answer, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #authorized(call: Call, endpoint: Endpoint): Promise<WireAnswer> {
    const { wire, authorizer } = this.#parts;
    const url = typeof call.at === "string" ? urlAt(endpoint, call.name, call.at) : call.at;
    const scopes = scopesOf(call, endpoint);
    const authorization =
      url.origin === endpoint.origin
        ? await authorizer.authorize(endpoint, scopes).catch((error: unknown) => {
            throw whileAuthorizing(call, error);
          })
        : undefined;
    const { method, headers = {}, body, signal } = call;
    const request: WireRequest = { method, url, headers, body, signal, authorization };
    const answer = await wire.open(request);
    if (answer.status !== 401 || answer.url.origin !== endpoint.origin) return answer;
    const challenge = answer.header("www-authenticate") ?? "";
    const better = await authorizer
      .answerChallenge(endpoint, scopes, challenge, authorization)
      .catch((error: unknown) => {
        answer.close();
        throw whileAuthorizing(call, error);
      });
    if (better === undefined) return answer;
    await discard(answer);
    return wire.open({ ...request, authorization: better });
  }

  /** Reads why a request failed. A HEAD has no body, so after a 403, which may be a rate limit, the request is repeated as GET. */
  async #faultOf(call: Call, endpoint: Endpoint, answer: WireAnswer): Promise<Fault> {
    const reason = await answer.bytes(65_536).catch((error: unknown) => {
      // Without its body, a rate limit would look like a denied permission.
      if (answer.status === 403 && error instanceof FaultError && mayPass(error.fault)) throw error;
      return new Uint8Array();
    });
    answer.close();
    if (answer.url.origin !== endpoint.origin && (answer.status === 401 || answer.status === 403)) {
      // The signed URL of a redirect has expired. A retry gets a new one.
      const detail = `${answer.url.host} answered ${answer.status} after a redirect`;
      return { kind: "connection", what: "broken", detail };
    }
    if (call.method !== "HEAD" || answer.status !== 403) {
      const body = new TextDecoder().decode(reason);
      return statusFault(answer.status, body, (name) => answer.header(name), Date.parse(this.#parts.host.now()));
    }
    const get: Call = { ...call, method: "GET" };
    const asked = await this.#authorized(get, endpoint);
    if (!call.accept.includes(asked.status)) return this.#faultOf(get, endpoint, asked);
    asked.close();
    return plainStatus(503, "403 to HEAD only");
  }
}

function scopesOf(call: Call, endpoint: Endpoint): readonly Scope[] {
  const own: Scope = { repository: repositoryAt(endpoint, call.name), actions: call.actions };
  if (call.from === undefined || call.from === call.name) return [own];
  return joinScopes([own, { repository: repositoryAt(endpoint, call.from), actions: ["pull"] }]);
}

function leaveOnClose(answer: WireAnswer, leave: () => void): WireAnswer {
  return {
    status: answer.status,
    url: answer.url,
    header: (name) => answer.header(name),
    bytes: (limit) => answer.bytes(limit),
    chunks: () => answer.chunks(),
    close: () => {
      answer.close();
      leave();
    },
  };
}

/** Adds the image name to an error about credentials. */
function whileAuthorizing(call: Call, error: unknown): unknown {
  return error instanceof SlipwayError && !isInterruption(error) ? whileDoing(call.doing, error) : error;
}
