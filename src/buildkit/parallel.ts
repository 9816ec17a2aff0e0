const bytesPerSolve = 1024 ** 3;

/**
 * Number of solves that a machine runs in parallel. More than its cores, because solves often wait for the network and the disk; limited to
 * one per gigabyte of memory, but at least two, because one alone leaves the machine idle.
 */
export function defaultParallel(machine: { readonly cores: number; readonly memoryBytes: number }): number {
  const byMemory = Math.max(2, Math.floor(machine.memoryBytes / bytesPerSolve));
  return Math.min(32, Math.max(4, machine.cores * 2), byMemory);
}
