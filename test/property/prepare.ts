import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { discover } from "../../src/config/discover.ts";
import { SlipwayError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { readInputs, type ReadInputs } from "../../src/inputs/inputs.ts";
import type { Lookups } from "../../src/inputs/request.ts";
import { stageContext } from "../../src/inputs/stage.ts";
import { makeService } from "../../src/inputs/testing/service.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Service } from "../../src/model/service.ts";
import { openRepository } from "../../src/source/git/repository.ts";
import { readTree, type GitTree } from "../../src/source/tree/tree.ts";
import { readFolder } from "./read-folder.ts";
import { type Case, type Handed, hasAttributes, type World, writePlain, writeWorld } from "./world.ts";

/** Slipway's reading of one side of a case. */
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
  if (one.source === "folder") return prepareFolders(workshop, one);
  const folder = join(workshop.folder, one.name);
  mkdirSync(folder, { recursive: true });
  const repository = join(folder, "repository");
  mkdirSync(repository);
  cpSync(workshop.template, join(repository, ".git"), { recursive: true });
  const hasRules = hasAttributes(one.before) || hasAttributes(one.after);
  const checkOut = !hasRules
    ? undefined
    : async (base: string): Promise<void> =>
        runGit(workshop.host, repository, ["checkout-index", "--all", "--force", `--prefix=${base}/`]);
  writeWorld(repository, one.before);
  await commit(workshop.host, repository, one.before);
  // Files as git checks them out stay on the disk, even if a change converts them.
  if (hasAttributes(one.before)) await runGit(workshop.host, repository, ["checkout-index", "--all", "--force"]);
  const first = await read(workshop, repository, one.before, one.staged === "before");
  const before = await writePlain(folder, `${one.name}-before`, one.before, checkOut);
  writeWorld(repository, one.after, one.before);
  if (one.isCommitted) await commit(workshop.host, repository, one.after);
  const second = await read(workshop, repository, one.after, one.staged === "after");
  const after = await writePlain(folder, `${one.name}-after`, one.after, checkOut);
  const handed = one.staged === "before" ? first.handed : second.handed;
  return {
    one,
    before: { plain: before, said: first.said },
    after: { plain: after, said: second.said },
    staged: handed === undefined ? undefined : { side: one.staged, handed },
  };
}

/** Writes plain contexts of both sides, which Slipway reads as they lie. */
async function prepareFolders(workshop: Workshop, one: Case): Promise<Prepared> {
  const folder = join(workshop.folder, one.name);
  mkdirSync(folder, { recursive: true });
  const before = await writePlain(folder, `${one.name}-before`, one.before, undefined);
  const first = await readFolder(workshop, before, one.before, one.staged === "before");
  const after = await writePlain(folder, `${one.name}-after`, one.after, undefined);
  const second = await readFolder(workshop, after, one.after, one.staged === "after");
  const handed = first.handed ?? second.handed;
  return {
    one,
    before: { plain: before, said: first.said },
    after: { plain: after, said: second.said },
    staged: handed === undefined ? undefined : { side: one.staged, handed },
  };
}

async function read(
  workshop: Workshop,
  repository: string,
  world: World,
  isStaged: boolean,
): Promise<{ said: Said; handed: Handed | undefined }> {
  const opened = await openRepository(workshop.host, repository);
  const tree = await readTree(opened, { workingTree: opened.dirty, generated: world.generated ?? [] });
  const { platform: own, lookups } = workshop;
  try {
    const service = await serviceOf(workshop, world, tree);
    const platform = world.platform ?? own;
    const inputs = await readInputs({ service, platform, tree, lookups, buildPlatform: own });
    if (!isStaged) return { said: { kind: "inputs", read: inputs }, handed: undefined };
    const staged = await stageContext(tree, inputs);
    const handed = { context: staged.contextFolder, dockerfile: staged.dockerfile, contexts: staged.namedFolders };
    return { said: { kind: "inputs", read: inputs }, handed };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { said: { kind: "refused", because: error.message }, handed: undefined };
  }
}

async function serviceOf({ host }: Workshop, world: World, tree: GitTree): Promise<Service> {
  if (world.isCompose === true) {
    const files = {
      tracked: tree.paths,
      read: async (path: string) => (tree.get(path) === undefined ? undefined : tree.read(path)),
      isLink: (path: string) => tree.get(path)?.mode === "120000",
      remote: undefined,
    };
    const { services } = await discover(host, { root: tree.repository.root, files });
    const [service] = services;
    if (service === undefined) throw new Error("Compose gave no service");
    return service;
  }
  return makeService({
    dockerfile: world.dockerfilePath,
    context: world.context,
    target: world.target,
    args: Object.fromEntries(Object.entries(world.args).map(([name, value]) => [name, { value, stamp: false }])),
    contexts: Object.fromEntries(
      Object.entries(world.contexts).map(([name, path]) => [name, { kind: "folder", path }]),
    ),
  });
}

async function commit(host: Host, repository: string, world: World): Promise<void> {
  const submodule = world.submodule === undefined ? undefined : join(repository, world.submodule);
  if (submodule !== undefined && existsSync(submodule)) {
    if (!existsSync(join(submodule, ".git"))) await runGit(host, submodule, ["init", "--quiet", "--template="]);
    await commitAll(host, submodule);
  }
  await commitAll(host, repository);
}

async function commitAll(host: Host, cwd: string): Promise<void> {
  await runGit(host, cwd, ["add", "--all"]);
  await runGit(host, cwd, ["commit", "--quiet", "--allow-empty", "--message", "Change"]);
}

async function runGit(host: Host, cwd: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await host.run("git", args, { cwd });
  if (exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
}
