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

/** Requests with authorization, mirrors, further tries, and the one limit on how many go to one server at once. */
export interface Transport {
  /** Tries until there is an answer; faults become SlipwayErrors that say how often it was tried. */
  call(call: Call): Promise<Reply>;
  /** The same for a request that changes something: `isDone` is asked after a fault that may have come after the deed. */
  callOrLook(call: Call, isDone: () => Promise<boolean>): Promise<Reply | "done">;
  /** An answer whose body is read as it comes. One try; the caller decides with `again` what to do about a fault. */
  open(call: Call, endpoint: Endpoint): Promise<WireAnswer>;
  /** Waits before another try, or throws what `error` means to a person when there is none. */
  again(call: Call, endpoint: Endpoint, tries: number, error: unknown): Promise<void>;
  readonly endpoints: Endpoints;
}

const defaultLimitBytes = 1024 * 1024;

/** What a transport is put together from. */
export interface TransportParts {
  readonly host: Host;
  readonly wire: Wire;
  readonly authorizer: Authorizer;
  readonly endpoints: Endpoints;
  readonly concurrency: number;
  readonly tries: number;
  readonly emit: Emit | undefined;
}

/** A transport to every registry that is asked for. */
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
    if (reply === "done") throw new Error("nothing said that the request was done already");
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

  /** The answer of the first mirror that has the content. Each mirror gets one try, and no error of a mirror counts. */
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

/** A portal, a proxy or a login page says 200 to everything. Some servers call an empty answer HTML. */
function isWebPage({ method }: Call, reply: Reply): boolean {
  const isHtml = (reply.header("content-type") ?? "").toLowerCase().startsWith("text/html");
  if (reply.status < 200 || reply.status > 299 || !isHtml) return false;
  if (method === "HEAD") return reply.header("docker-content-digest") === null;
  return new TextDecoder().decode(reply.bytes.subarray(0, 256)).trimStart().startsWith("<");
}

function webPage({ status, url }: Reply): string {
  return `${url.host} answered ${status} with a web page (text/html)`;
}
