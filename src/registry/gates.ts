import type { Host } from "../host.ts";
import type { Call } from "./call.ts";
import type { Endpoint } from "./endpoint.ts";
import { interrupted } from "./interrupted.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";

/**
 * Number of parallel requests to a server after it answered with a rate limit. It must exceed the number of blobs that are copied in
 * parallel.
 */
const atOnceAfterRateLimit = 8;

/** Limits the parallel requests to each server, and delays all of them during a server's rate limit. */
export class Gates {
  readonly #host: Host;
  readonly #concurrency: number;
  readonly #limiters = new Map<string, Limiter>();
  /** Time on the host's monotonic clock from which requests may be sent, by origin. */
  readonly #openAt = new Map<string, number>();

  constructor(host: Host, concurrency: number) {
    this.#host = host;
    this.#concurrency = concurrency;
  }

  /** Waits for a place and for the end of the server's rate limit. Returns the function that frees the place. */
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

  /** Delays every request to a server by this long, and lowers the number of its parallel requests. */
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
