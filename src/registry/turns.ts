import { SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { ImageName } from "../model/reference.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";

/**
 * Writes one blob to one name one writer at a time: whoever comes second finds it there, and sends nothing. For
 * docker-registry it is also a matter of being right: a blob that is linked again is unknown for that moment. What refers
 * to one manifest is written one at a time, too, under that manifest's digest.
 */
export interface Turns {
  /** Runs `write` after whoever came first with this digest, whether they succeeded or not. */
  take<Result>(
    name: ImageName,
    digest: Digest,
    signal: AbortSignal | undefined,
    write: () => Promise<Result>,
  ): Promise<Result>;
}

/** What nobody writes takes no memory. */
export function makeTurns(host: { readonly signal: AbortSignal }): Turns {
  const queues = new Map<string, { readonly limiter: Limiter; users: number }>();
  return {
    async take(name, digest, signal, write) {
      const key = `${name}@${digest}`;
      const queue = queues.get(key) ?? { limiter: makeLimiter(1), users: 0 };
      queues.set(key, queue);
      queue.users += 1;
      try {
        const leave = await queue.limiter.enter(signal ?? host.signal).catch(() => {
          throw new SlipwayError("interrupted", `pushing ${key}: interrupted`);
        });
        try {
          return await write();
        } finally {
          leave();
        }
      } finally {
        queue.users -= 1;
        if (queue.users === 0) queues.delete(key);
      }
    },
  };
}
