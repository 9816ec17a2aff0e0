import type { Host } from "../host.ts";

const waits: readonly number[] = [100, 200, 400, 800, 1600, 3000];

/**
 * Repeats a read for about six seconds until the answer is good, then returns the last one. Some registries (GHCR) give the old answer for
 * a while after a 201.
 */
export async function pollUntil<T>(host: Host, ask: () => Promise<T>, willDo: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  for (const wait of waits) {
    if (willDo(answer)) return answer;
    await host.sleep(wait * (0.75 + host.random() / 2));
    answer = await ask();
  }
  return answer;
}
