import {
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { isStandIn } from "./read-stand-in.ts";

/** Folder for `DOCKER_CONFIG` of one job, and the original folder from which it is made. Absolute paths. */
export interface DockerFolder {
  readonly folder: string;
  /** Original folder of Docker's configuration; it may not exist. */
  readonly original: string;
}

/** State of a stand-in at the end of its job. `replaced`: another buildx was installed over it. */
export type StandInEnd = "kept" | "replaced" | "gone";

const plugin = "docker-buildx";
const plugins = "cli-plugins";
/** Name of a link to the job's folder. If its target is gone, a later job knows that this job has ended. */
const jobLink = "slipway-job";
const prefix = "slipway-";

/**
 * Returns the place of a job's folder for `DOCKER_CONFIG`: inside the original one, because Docker saves logins by renaming a file of its folder,
 * which is not possible across file systems.
 */
export function dockerFolderOf(original: string, name: string): DockerFolder {
  return { original, folder: join(original, `${prefix}${name}`) };
}

/**
 * Makes the job's folder: the plugin `docker-buildx` is `standIn`, and all else links to the original. Logins of the job are therefore saved in the
 * original's `config.json`. Removes folders of jobs that have ended.
 */
export async function makeDockerFolder(
  { folder, original }: DockerFolder,
  standIn: string,
  jobFolder: string,
): Promise<void> {
  await mkdir(original, { recursive: true, mode: 0o700 });
  await removeAbandoned(original);
  await mkdir(join(folder, plugins), { recursive: true, mode: 0o700 });
  await symlink(jobFolder, join(folder, jobLink));
  for (const entry of await readdir(original)) {
    if (entry === "config.json" || entry === plugins || entry.startsWith(prefix)) continue;
    await symlink(join(original, entry), join(folder, entry));
  }
  // The link names the file itself, because some versions of Docker follow only one link when they save.
  const config = join(original, "config.json");
  await symlink(await realpath(config).catch(() => config), join(folder, "config.json"));
  for (const entry of await readdir(join(original, plugins)).catch(() => [])) {
    if (entry !== plugin) await symlink(join(original, plugins, entry), join(folder, plugins, entry));
  }
  await writeFile(join(folder, plugins, plugin), standIn, { mode: 0o755 });
}

/**
 * Removes the job's folder. Files that steps of the job made there are moved to the original folder, where they would be without the stand-in. May be
 * called twice, and for a folder that is incomplete.
 */
export async function removeDockerFolder({ folder, original }: DockerFolder): Promise<StandInEnd> {
  if (!(await isThere(folder))) return "gone";
  const file = join(folder, plugins, plugin);
  const text = await readFile(file, "latin1").catch(() => undefined);
  const end = text === undefined ? "gone" : isStandIn(text) ? "kept" : "replaced";
  if (end === "kept") await rm(file, { force: true });
  await rm(join(folder, jobLink), { force: true });
  await moveOver(folder, original);
  await rm(folder, { recursive: true, force: true });
  // Removes the original folder if it is empty, as it is if it was made for this job.
  await rmdir(original).catch(() => undefined);
  return end;
}

/** Moves files and folders; a file replaces one of the same name, which the step would have overwritten. Links to the original are left behind. */
async function moveOver(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isSymbolicLink()) {
      const isOurs = (await readlink(source)).startsWith(to) || entry.name === "config.json";
      if (!isOurs && !(await isThere(target))) await rename(source, target);
    } else if (entry.isDirectory() && (await isFolder(target))) await moveOver(source, target);
    else if (entry.isFile() || entry.isDirectory()) {
      if (entry.isDirectory() && (await readdir(source)).length === 0) continue;
      await moveFile(source, await realpath(target).catch(() => target));
    }
  }
}

async function moveFile(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await rename(source, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await cp(source, target, { recursive: true, force: true });
  });
}

async function removeAbandoned(original: string): Promise<void> {
  for (const entry of await readdir(original)) {
    if (!entry.startsWith(prefix)) continue;
    const folder = join(original, entry);
    const job = await readlink(join(folder, jobLink)).catch(() => undefined);
    if (job !== undefined && !(await isThere(job)))
      await removeDockerFolder({ folder, original }).catch(() => undefined);
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
