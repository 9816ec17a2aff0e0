import { isInterruption } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { Attempt } from "./attempt.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Call, Reply } from "./call.ts";
import type { Endpoint, Endpoints } from "./endpoint.ts";
import { errorOf } from "./explain-fault.ts";
import { FaultError, describeFault, isAmbiguous, mayPass } from "./fault.ts";
import { Gates } from "./gates.ts";
import { backoffMs, mostTries } from "./retry.ts";
import type { Wire, WireAnswer } from "./wire.ts";

/** Sends requests with authorization, mirrors and retries, and limits the parallel requests to each server. */
export interface Transport {
  /** Retries until there is an answer. Faults become SlipwayErrors that name the number of tries. */
  call(call: Call): Promise<Reply>;
  /** Sends a request that changes something. After a fault for which the registry may have performed it, calls `isDone` before a retry. */
  callOrLook(call: Call, isDone: () => Promise<boolean>): Promise<Reply | "done">;
  /** Makes one try and returns an answer whose body is streamed. The caller decides with `again` about a fault. */
  open(call: Call, endpoint: Endpoint): Promise<WireAnswer>;
  /** Waits before a retry. Throws the error for the user if no retry is left. */
  again(call: Call, endpoint: Endpoint, tries: number, error: unknown): Promise<void>;
  readonly endpoints: Endpoints;
}

const defaultLimitBytes = 1024 * 1024;

/** Parts that a transport is made of. */
export interface TransportParts {
  readonly host: Host;
  readonly wire: Wire;
  readonly authorizer: Authorizer;
  readonly endpoints: Endpoints;
  readonly concurrency: number;
  readonly tries: number;
  readonly emit: Emit | undefined;
}

/** Makes a transport for all registries. */
export function makeTransport(parts: TransportParts): Transport {
  return new RegistryTransport(parts);
}

class RegistryTransport implements Transport {
  readonly endpoints: Endpoints;
  readonly #parts: TransportParts;
  readonly #gates: Gates;
  readonly #attempt: Attempt;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.endpoints = parts.endpoints;
    this.#gates = new Gates(parts.host, parts.concurrency);
    this.#attempt = new Attempt({ ...parts, gates: this.#gates });
  }

  open(call: Call, endpoint: Endpoint): Promise<WireAnswer> {
    return this.#attempt.open(call, endpoint);
  }

  async call(call: Call): Promise<Reply> {
    const reply = await this.callOrLook(call, () => Promise.resolve(false));
    if (reply === "done") throw new Error("isDone never returns true here");
    return reply;
  }

  async callOrLook(call: Call, isDone: () => Promise<boolean>): Promise<Reply | "done"> {
    const mirrored = await this.#askMirrors(call);
    if (mirrored !== undefined) return mirrored;
    const endpoint = this.endpoints.originOf(call.name);
    let mayBeDone = false;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#askOnce(call, endpoint);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        mayBeDone ||= isAmbiguous(error.fault);
        if (mayBeDone && (await isDone())) return "done";
        await this.again(call, endpoint, tries, error);
      }
    }
  }

  async again(call: Call, endpoint: Endpoint, tries: number, error: unknown): Promise<void> {
    if (!(error instanceof FaultError)) throw error;
    const { fault } = error;
    const { host, emit, authorizer } = this.#parts;
    if (!mayPass(fault) || tries >= Math.min(call.tries ?? this.#parts.tries, mostTries(fault))) {
      const source = await authorizer.describe(endpoint).catch(() => "no credentials");
      throw errorOf(error, { call, endpoint, tries, source });
    }
    const milliseconds = backoffMs(fault, tries, host.random());
    if (milliseconds > 1000) {
      const message = `${endpoint.registry}: ${describeFault(fault)}; trying again`;
      emit?.({ kind: "waiting", message, seconds: Math.round(milliseconds / 100) / 10 });
    }
    if (fault.kind === "status" && fault.isRateLimit) this.#gates.slowDown(endpoint, milliseconds);
    await host.sleep(milliseconds, call.signal);
  }

  async #askOnce(call: Call, endpoint: Endpoint): Promise<Reply> {
    const answer = await this.open(call, endpoint);
    try {
      const bytes = await answer.bytes(call.limitBytes ?? defaultLimitBytes);
      const reply: Reply = { status: answer.status, url: answer.url, bytes, header: (name) => answer.header(name) };
      if (isWebPage(call, reply)) throw new FaultError({ kind: "answer", detail: webPage(reply) });
      call.check?.(reply);
      return reply;
    } finally {
      answer.close();
    }
  }

  /** The answer of the first mirror that has the content. Each mirror gets one try; its errors are ignored. */
  async #askMirrors(call: Call): Promise<Reply | undefined> {
    for (const mirror of call.isMirrored === true ? this.endpoints.mirrorsOf(call.name) : []) {
      try {
        const reply = await this.#askOnce(call, mirror);
        if (reply.status !== 404) return reply;
      } catch (error) {
        if (isInterruption(error)) throw error;
      }
    }
    return undefined;
  }
}

/**
 * Whether an answer is a web page of a portal, a proxy or a login, which return 200 for every request. Some servers label an empty answer
 * as HTML.
 */
function isWebPage({ method }: Call, reply: Reply): boolean {
  const isHtml = (reply.header("content-type") ?? "").toLowerCase().startsWith("text/html");
  if (reply.status < 200 || reply.status > 299 || !isHtml) return false;
  if (method === "HEAD") return reply.header("docker-content-digest") === null;
  return new TextDecoder().decode(reply.bytes.subarray(0, 256)).trimStart().startsWith("<");
}

function webPage({ status, url }: Reply): string {
  return `${url.host} answered ${status} with a web page (text/html)`;
}
