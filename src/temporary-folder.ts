import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { hasErrorCode } from "./errors.ts";
import type { Host } from "./host.ts";

/** What a temporary folder is for: a word of its name. */
export type TemporaryFolderKind = "agent" | "build" | "docker" | "images" | "stage" | "tuf";

type Process = Pick<Host, "processId" | "isRunning">;

/**
 * Makes an empty folder below `parent` (default: the machine's temporary folder), which whoever asks removes. Its name holds this
 * process's id and machine, so that a later run can remove it when this one is killed: the first call a process makes for a parent
 * removes what killed runs left there. Give it a folder that other users may write to only where it has the sticky bit.
 */
export async function makeTemporaryFolder(
  host: Process,
  kind: TemporaryFolderKind,
  parent: string = tmpdir(),
): Promise<string> {
  await mkdir(parent, { recursive: true });
  await removeOnce(host, parent);
  return mkdtemp(join(parent, `slipway-${kind}-${machine}-${host.processId}-`));
}

/** Containers may share a temporary folder and count processes on their own. */
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const removals = new WeakMap<Process, Map<string, Promise<void>>>();

function removeOnce(host: Process, parent: string): Promise<void> {
  const known = removals.get(host) ?? new Map<string, Promise<void>>();
  removals.set(host, known);
  const removal = known.get(parent) ?? removeAbandoned(host, parent);
  known.set(parent, removal);
  return removal;
}

/** Another user's folder cannot be removed, and another run may be removing the same: neither is this run's fault. */
async function removeAbandoned(host: Process, parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const abandoned = names.filter((name) => {
    const [, kind, of, processId] = /^slipway-([a-z]+)-([0-9a-f]{8})-(\d+)-[A-Za-z0-9]{6}$/.exec(name) ?? [];
    // The action's step ends before the job does, and the step's end removes its Docker configuration.
    return of === machine && kind !== "docker" && !host.isRunning(Number(processId));
  });
  await Promise.all(abandoned.map((name) => removeFolder(join(parent, name)).catch(() => undefined)));
}

async function removeFolder(path: string): Promise<void> {
  if ((await lstat(path)).isDirectory()) await removeTemporaryFolder(path);
}

/** Removes a folder with everything in it, also folders in it that may not be written to, such as those of Go's module cache. */
export async function removeTemporaryFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasErrorCode(error, "EACCES", "EPERM")) throw error;
    await makeWritable(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** What the failed removal goes on to remove meanwhile is gone, and needs nothing. */
async function makeWritable(folder: string): Promise<void> {
  try {
    await chmod(folder, 0o700);
    const entries = await readdir(folder, { withFileTypes: true });
    await Promise.all(entries.flatMap((each) => (each.isDirectory() ? [makeWritable(join(folder, each.name))] : [])));
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
}
