import { isInterruption, SlipwayError, whileDoing } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Authorizer } from "./authorizer.ts";
import type { Call, Reply } from "./call.ts";
import { type Endpoint, type Endpoints, repositoryAt, urlAt } from "./endpoint.ts";
import { errorOf } from "./explain-fault.ts";
import { type Fault, FaultError, describeFault, isAmbiguous, mayPass, plainStatus, statusFault } from "./fault.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";
import { backoffMs, mostTries } from "./retry.ts";
import { type Scope, joinScopes } from "./scope.ts";
import { type Wire, type WireAnswer, discard } from "./wire.ts";

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
/** No more go to a server at once when it has asked for patience. More than the blobs that are read to be written at once. */
const atOnceAfterRateLimit = 8;

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
  const { host, wire, authorizer, endpoints, emit } = parts;
  const limiters = new Map<string, Limiter>();
  const waits = new Map<string, number>();

  const limiterOf = (endpoint: Endpoint): Limiter => {
    const known = limiters.get(endpoint.origin) ?? makeLimiter(parts.concurrency);
    limiters.set(endpoint.origin, known);
    return known;
  };

  /** One try: a place, authorization, at most one challenge. The place is given back when the answer is closed. */
  const open = async (call: Call, endpoint: Endpoint): Promise<WireAnswer> => {
    const leave = await limiterOf(endpoint)
      .enter(call.signal ?? host.signal)
      .catch(() => {
        throw interrupted(call);
      });
    try {
      await waitForTurn(endpoint, call.signal);
      const answer = await authorized(call, endpoint);
      if (!call.accept.includes(answer.status)) throw new FaultError(await faultOf(call, endpoint, answer));
      return leaveOnClose(answer, leave);
    } catch (error) {
      leave();
      throw error;
    }
  };

  const authorized = async (call: Call, endpoint: Endpoint): Promise<WireAnswer> => {
    const url = typeof call.at === "string" ? urlAt(endpoint, call.name, call.at) : call.at;
    const isOwn = url.origin === endpoint.origin;
    const scopes = scopesOf(call, endpoint);
    const authorization = isOwn
      ? await authorizer.authorize(endpoint, scopes).catch((error: unknown) => {
          throw whileAuthorizing(call, error);
        })
      : undefined;
    const request = {
      method: call.method,
      url,
      headers: call.headers ?? {},
      body: call.body,
      signal: call.signal,
    };
    const answer = await wire.open({ ...request, authorization });
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
  };

  /** A HEAD has no body to say why; for a 403, which may be a rate limit, the same is asked with GET. */
  const faultOf = async (call: Call, endpoint: Endpoint, answer: WireAnswer): Promise<Fault> => {
    const reason = await answer.bytes(65_536).catch((error: unknown) => {
      // Without its reason, a rate limit would look like a missing permission.
      if (answer.status === 403 && error instanceof FaultError && mayPass(error.fault)) throw error;
      return new Uint8Array();
    });
    const body = new TextDecoder().decode(reason);
    answer.close();
    if (answer.url.origin !== endpoint.origin && (answer.status === 401 || answer.status === 403)) {
      // A signed address that has expired: the next try gets a new one.
      return {
        kind: "connection",
        what: "broken",
        detail: `${answer.url.host} answered ${answer.status} after a redirect`,
      };
    }
    if (call.method !== "HEAD" || answer.status !== 403) {
      return statusFault(answer.status, body, (name) => answer.header(name), Date.parse(host.now()));
    }
    const asked = await authorized({ ...call, method: "GET" }, endpoint);
    if (!call.accept.includes(asked.status)) return faultOf({ ...call, method: "GET" }, endpoint, asked);
    asked.close();
    return plainStatus(503, "403 to HEAD only");
  };

  /** When a registry has asked for patience, every request to it waits, not only the one that was told. */
  const waitForTurn = async (endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> => {
    for (;;) {
      const left = (waits.get(endpoint.origin) ?? 0) - host.monotonic();
      if (left <= 0) return;
      await host.sleep(left, signal);
    }
  };

  const again = async (call: Call, endpoint: Endpoint, tries: number, error: unknown): Promise<void> => {
    if (!(error instanceof FaultError)) throw error;
    const { fault } = error;
    if (!mayPass(fault) || tries >= Math.min(call.tries ?? parts.tries, mostTries(fault))) {
      throw await explain(call, endpoint, tries, error);
    }
    const milliseconds = backoffMs(fault, tries, host.random());
    if (milliseconds > 1000) {
      const message = `${endpoint.registry}: ${describeFault(fault)}; trying again`;
      emit?.({ kind: "waiting", message, seconds: Math.round(milliseconds / 100) / 10 });
    }
    if (fault.kind === "status" && fault.isRateLimit) {
      waits.set(endpoint.origin, host.monotonic() + milliseconds);
      limiterOf(endpoint).narrow(atOnceAfterRateLimit);
    }
    await host.sleep(milliseconds, call.signal);
  };

  const explain = async (call: Call, endpoint: Endpoint, tries: number, error: FaultError): Promise<SlipwayError> => {
    const source = await authorizer.describe(endpoint).catch(() => "no credentials");
    return errorOf(error, { call, endpoint, tries, source });
  };

  const askOnce = async (call: Call, endpoint: Endpoint): Promise<Reply> => {
    const answer = await open(call, endpoint);
    try {
      const bytes = await answer.bytes(call.limitBytes ?? defaultLimitBytes);
      const reply: Reply = { status: answer.status, url: answer.url, bytes, header: (name) => answer.header(name) };
      if (isWebPage(call, reply)) throw new FaultError({ kind: "answer", detail: webPage(reply) });
      call.check?.(reply);
      return reply;
    } finally {
      answer.close();
    }
  };

  /** The first mirror that has it; one try each, and no error of theirs counts. */
  const askMirrors = async (call: Call): Promise<Reply | undefined> => {
    for (const mirror of call.isMirrored === true ? endpoints.mirrorsOf(call.name) : []) {
      try {
        const reply = await askOnce(call, mirror);
        if (reply.status !== 404) return reply;
      } catch (error) {
        if (isInterruption(error)) throw error;
      }
    }
    return undefined;
  };

  const callOrLook: Transport["callOrLook"] = async (call, isDone) => {
    const mirrored = await askMirrors(call);
    if (mirrored !== undefined) return mirrored;
    const endpoint = endpoints.originOf(call.name);
    let mayBeDone = false;
    for (let tries = 1; ; tries++) {
      try {
        return await askOnce(call, endpoint);
      } catch (error) {
        if (!(error instanceof FaultError)) throw error;
        mayBeDone ||= isAmbiguous(error.fault);
        if (mayBeDone && (await isDone())) return "done";
        await again(call, endpoint, tries, error);
      }
    }
  };

  return {
    open,
    again,
    callOrLook,
    async call(call) {
      const reply = await callOrLook(call, () => Promise.resolve(false));
      if (reply === "done") throw new Error("nothing said that the request was done already");
      return reply;
    },
    endpoints,
  };
}

function scopesOf(call: Call, endpoint: Endpoint): readonly Scope[] {
  const own: Scope = { repository: repositoryAt(endpoint, call.name), actions: call.actions };
  if (call.from === undefined || call.from === call.name) return [own];
  return joinScopes([own, { repository: repositoryAt(endpoint, call.from), actions: ["pull"] }]);
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

function leaveOnClose(answer: WireAnswer, leave: () => void): WireAnswer {
  return {
    ...answer,
    close: () => {
      answer.close();
      leave();
    },
  };
}

/** An error about credentials names the image that they were for. */
function whileAuthorizing(call: Call, error: unknown): unknown {
  return error instanceof SlipwayError && !isInterruption(error) ? whileDoing(call.doing, error) : error;
}

function interrupted(call: Call): SlipwayError {
  return new SlipwayError("interrupted", `${call.doing}: interrupted`);
}
