import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { type Lookups, readInputs, type ReadInputs } from "../../src/inputs/inputs.ts";
import { stageContext } from "../../src/inputs/stage.ts";
import { makeService } from "../../src/inputs/testing/service.ts";
import type { Platform } from "../../src/model/platform.ts";
import { openRepository } from "../../src/source/repository.ts";
import { readTree } from "../../src/source/tree.ts";
import { type Case, type Handed, type World, writePlain, writeWorld } from "./world.ts";

/** What Slipway says of one side of a case. */
export type Said =
  | { readonly kind: "inputs"; readonly read: ReadInputs }
  | { readonly kind: "refused"; readonly because: string };

/** A case on the disk: what is to be built, and what Slipway said of it. */
export interface Prepared {
  readonly one: Case;
  readonly before: { readonly plain: Handed; readonly said: Said };
  readonly after: { readonly plain: Handed; readonly said: Said };
  /** The exact context of one side. */
  readonly staged: { readonly side: "before" | "after"; readonly handed: Handed } | undefined;
}

export interface Workshop {
  readonly host: Host;
  readonly folder: string;
  /** A `.git` of a repository without commits. */
  readonly template: string;
  readonly lookups: Lookups;
  readonly platform: Platform;
}

/** Writes a case: plain contexts of both sides, and a repository in which Slipway reads both, one after the other. */
export async function prepare(workshop: Workshop, one: Case): Promise<Prepared> {
  const folder = join(workshop.folder, one.name);
  mkdirSync(folder, { recursive: true });
  const before = writePlain(folder, `${one.name}-before`, one.before);
  const after = writePlain(folder, `${one.name}-after`, one.after);
  const repository = join(folder, "repository");
  mkdirSync(repository);
  cpSync(workshop.template, join(repository, ".git"), { recursive: true });
  // Either side is handed over exactly: in the working tree where the change is not committed.
  const side = one.isCommitted ? "before" : "after";
  const first = await read(workshop, repository, one.before, true, side === "before");
  const second = await read(workshop, repository, one.after, one.isCommitted, side === "after");
  const handed = side === "before" ? first.handed : second.handed;
  return {
    one,
    before: { plain: before, said: first.said },
    after: { plain: after, said: second.said },
    staged: handed === undefined ? undefined : { side, handed },
  };
}

async function read(
  workshop: Workshop,
  repository: string,
  world: World,
  isCommitted: boolean,
  isStaged: boolean,
): Promise<{ said: Said; handed: Handed | undefined }> {
  for (const name of readdirSync(repository)) if (name !== ".git") rmSync(join(repository, name), { recursive: true });
  writeWorld(repository, world);
  if (isCommitted) await commit(workshop.host, repository);
  const opened = await openRepository(workshop.host, repository);
  const tree = await readTree(opened, { workingTree: opened.dirty });
  const service = makeService({
    dockerfile: world.dockerfilePath,
    context: world.context,
    target: world.target,
    args: Object.fromEntries(Object.entries(world.args).map(([name, value]) => [name, { value, stamp: false }])),
    contexts: Object.fromEntries(
      Object.entries(world.contexts).map(([name, path]) => [name, { kind: "folder", path }]),
    ),
  });
  const { platform, lookups } = workshop;
  try {
    const inputs = await readInputs({ service, platform, tree, lookups, buildPlatform: platform });
    if (!isStaged) return { said: { kind: "inputs", read: inputs }, handed: undefined };
    const staged = await stageContext(tree, inputs);
    const handed = { context: staged.contextFolder, dockerfile: staged.dockerfile, contexts: staged.namedFolders };
    return { said: { kind: "inputs", read: inputs }, handed };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { said: { kind: "refused", because: error.message }, handed: undefined };
  }
}

async function commit(host: Host, cwd: string): Promise<void> {
  for (const args of [
    ["add", "--all", "--force"],
    ["commit", "--quiet", "--allow-empty", "--message", "Change"],
  ]) {
    const { exitCode, stderr } = await host.run("git", args, { cwd });
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  }
}
