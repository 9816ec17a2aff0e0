const bytesPerSolve = 1024 ** 3;

/**
 * How many solves a machine takes at once. Solves wait for the network and the disk much of the time, so there may be more
 * than cores; each is given a gigabyte of memory, and there are at least two, as one alone leaves the machine idle.
 */
export function defaultParallel(machine: { readonly cores: number; readonly memoryBytes: number }): number {
  const byMemory = Math.max(2, Math.floor(machine.memoryBytes / bytesPerSolve));
  return Math.min(32, Math.max(4, machine.cores * 2), byMemory);
}
