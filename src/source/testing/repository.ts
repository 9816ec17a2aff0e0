import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Host } from "../../host.ts";
import { makeNodeHost } from "../../node-host.ts";

/** A file that a test writes: text or bytes, with the executable bit, a symlink, or a folder. */
export type TestFile =
  | string
  | Uint8Array
  | { readonly script: string }
  | { readonly link: string }
  | { readonly folder: true };

/** A git repository in a temporary folder, independent of the user's git settings. */
export interface TestRepository {
  readonly root: string;
  readonly host: Host;
  readonly write: (files: Readonly<Record<string, TestFile>>) => Promise<void>;
  readonly remove: (...paths: readonly string[]) => Promise<void>;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Writes files, commits everything, and returns the commit's id. */
  readonly commit: (files?: Readonly<Record<string, TestFile>>, message?: string) => Promise<string>;
  /** Removes the repository from the disk. */
  readonly dispose: () => Promise<void>;
}

export async function makeTestRepository(files: Readonly<Record<string, TestFile>> = {}): Promise<TestRepository> {
  const root = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const host = makeNodeHost({
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: join(root, "..", "nobody"),
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.test",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.test",
    },
  });
  const git = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await host.run("git", ["-c", "protocol.file.allow=always", ...args]);
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return new TextDecoder().decode(stdout).trimEnd();
  };
  const write = (more: Readonly<Record<string, TestFile>>): Promise<void> => writeFiles(root, more);
  const commit = async (more: Readonly<Record<string, TestFile>> = {}, message = "Change"): Promise<string> => {
    await write(more);
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "--message", message);
    return git("rev-parse", "HEAD");
  };
  await git("init", "--quiet", "--initial-branch=main");
  if (Object.keys(files).length > 0) await commit(files, "First");
  return {
    root,
    host,
    write,
    git,
    commit,
    remove: async (...paths) => {
      for (const path of paths) await rm(join(root, path), { recursive: true });
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

/** Writes files below an existing folder. */
export async function writeFiles(root: string, files: Readonly<Record<string, TestFile>>): Promise<void> {
  for (const [path, file] of Object.entries(files)) {
    const place = join(root, path);
    await mkdir(dirname(place), { recursive: true });
    if (typeof file === "string" || file instanceof Uint8Array) await writeFile(place, file);
    else if ("link" in file) await symlink(file.link, place);
    else if ("folder" in file) await mkdir(place, { recursive: true });
    else {
      await writeFile(place, file.script);
      await chmod(place, 0o755);
    }
  }
}
