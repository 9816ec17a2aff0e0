import { SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { ImageName } from "../model/reference.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";

/**
 * Serializes the writers of one blob to one name: a second writer finds the blob and sends nothing. docker-registry also needs this,
 * because it briefly does not know a blob that is linked again. Referrers of one manifest are serialized too, under that manifest's digest.
 */
export interface WriteQueue {
  /** Runs `write` after all earlier writers of this digest, whether they succeeded or failed. */
  take<Result>(
    name: ImageName,
    digest: Digest,
    signal: AbortSignal | undefined,
    write: () => Promise<Result>,
  ): Promise<Result>;
}

/** Makes turns for all digests. An unused digest takes no memory. */
export function makeWriteQueue(host: { readonly signal: AbortSignal }): WriteQueue {
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
