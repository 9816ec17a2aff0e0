import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "../source/repository.ts";

const cleaned = new WeakSet<Repository>();

/** A new, empty folder below git's own, named after this process. What killed runs left there is removed first, once a run. */
export async function makeStageFolder(repository: Repository): Promise<string> {
  const stages = join(repository.gitFolder, "slipway", "stage");
  await mkdir(stages, { recursive: true });
  if (!cleaned.has(repository)) {
    cleaned.add(repository);
    await removeStale(repository, stages);
  }
  return mkdtemp(join(stages, `${repository.host.processId}-`));
}

async function removeStale(repository: Repository, stages: string): Promise<void> {
  const { host } = repository;
  const stale = (await readdir(stages)).filter((name) => {
    const processId = Number(name.split("-")[0]);
    return !Number.isInteger(processId) || processId <= 0 || !host.isRunning(processId);
  });
  // Another run may be removing the same.
  await Promise.all(
    stale.map((name) => rm(join(stages, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}
