import type { Host } from "../host.ts";
import type { Call } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import { interrupted } from "./interrupted.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";

/** Requests at once to a server that has answered with a rate limit. Must exceed the number of blobs that are copied at once. */
const atOnceAfterRateLimit = 8;

/** Limits the requests that are on their way to each server, and holds all of them back while a server's rate limit lasts. */
export class Gates {
  readonly #host: Host;
  readonly #concurrency: number;
  readonly #limiters = new Map<string, Limiter>();
  /** By origin: the time on the host's monotonic clock from which requests may be sent. */
  readonly #openAt = new Map<string, number>();

  constructor(host: Host, concurrency: number) {
    this.#host = host;
    this.#concurrency = concurrency;
  }

  /** Waits for a place and for the end of the server's rate limit. Returns the callback that gives the place back. */
  async enter(call: Call, endpoint: Endpoint): Promise<() => void> {
    const leave = await this.#limiterOf(endpoint)
      .enter(call.signal ?? this.#host.signal)
      .catch(() => {
        throw interrupted(call);
      });
    try {
      await this.#waitUntilOpen(endpoint, call.signal);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Holds every request to a server back for this long, and lets fewer go at once from now on. */
  slowDown(endpoint: Endpoint, milliseconds: number): void {
    this.#openAt.set(endpoint.origin, this.#host.monotonic() + milliseconds);
    this.#limiterOf(endpoint).narrow(atOnceAfterRateLimit);
  }

  async #waitUntilOpen(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const left = (this.#openAt.get(endpoint.origin) ?? 0) - this.#host.monotonic();
      if (left <= 0) return;
      await this.#host.sleep(left, signal);
    }
  }

  #limiterOf({ origin }: Endpoint): Limiter {
    const known = this.#limiters.get(origin) ?? makeLimiter(this.#concurrency);
    this.#limiters.set(origin, known);
    return known;
  }
}
