/**
 * Awaits several promises. Waits for all of them even when one rejects, so that no work goes on after the error; then throws the first
 * error.
 */
export async function settleAll<const Promises extends readonly Promise<unknown>[]>(
  promises: Promises,
): Promise<{ -readonly [Key in keyof Promises]: Awaited<Promises[Key]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
