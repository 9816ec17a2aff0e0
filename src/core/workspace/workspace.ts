import { resolve } from "node:path";
import { discover, loadReaders } from "../../config/discover.ts";
import type { Emit } from "../../event.ts";
import { type ReadRun, readRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { CiRun, RunTokens } from "../../model/ci-run.ts";
import type { Project } from "../../model/service.ts";
import { makeRegistry, type Registry } from "../../registry/registry.ts";
import { openRepository, type Repository } from "../../source/git/repository.ts";
import type { Trust } from "../../model/trust.ts";
import { readTree, type GitTree } from "../../source/tree/tree.ts";
import { besideCommit, generatedOf } from "./beside-commit.ts";
import { isReadToPlan, mostDefinitions } from "./definition-files.ts";
import { guardRegistry, publicHosts } from "./guarded-registry.ts";
import type { TrunkReader } from "./trunk.ts";
import { readTrunk, readTrust, type TakenFromTrunk } from "./untrusted.ts";

/** Values that every command starts from: the repository, its project, and the current files. */
export interface Workspace {
  readonly host: Host;
  readonly emit: Emit;
  readonly ci: CiRun;
  readonly tokens: RunTokens;
  readonly repository: Repository;
  readonly project: Project;
  readonly tree: GitTree;
  readonly registry: Registry;
  /** Trust in the checked-out content, decided once a command. */
  readonly trust: Trust;
  /** Registries and git hosts that the run may contact; undefined: all. */
  readonly hosts: ReadonlySet<string> | undefined;
}

/** Where to find the repository and its configuration, and how the command may use them. */
export interface WorkspaceOptions {
  /** A folder inside the repository; default: the host's working directory. */
  readonly repo?: string | undefined;
  /** Configuration file, relative to the host's working directory. */
  readonly config?: string | undefined;
  /** Files that the command writes, relative to the host's working directory. If untracked, they do not make the repository dirty. */
  readonly outputs?: readonly string[];
  /** Whether the command contacts no registry. */
  readonly offline?: boolean | undefined;
  /** Whether the repository gets nothing of this machine (docs/threat-model.md). Always true for pull requests in GitHub Actions. */
  readonly untrusted?: boolean | undefined;
  /** Revision whose slipway.yaml counts in an untrusted run. Default: the one that the event names; on a person's machine, none. */
  readonly trunk?: string | undefined;
  /** CI run and tokens; default: read from the host's environment. */
  readonly run?: ReadRun;
}

/** Opens the repository and discovers its project. Throws `repository`, or `configuration` with every fault. */
export async function openWorkspace(host: Host, options: WorkspaceOptions, emit: Emit): Promise<Workspace> {
  emit({ kind: "phase", phase: "discover" });
  const folder = resolve(host.cwd, options.repo ?? ".");
  const opening = openRepository(
    host,
    folder,
    (options.outputs ?? []).map((path) => resolve(host.cwd, path)),
  );
  // Imports the config readers while git runs.
  const loading = loadReaders(folder, options.config);
  if (options.offline !== true) host.prepareFetch();
  const reading = options.run ?? readRun(host.env);
  const [repository, run] = await Promise.all([opening, reading, loading]);
  if (options.run === undefined) for (const message of run.warnings) emit({ kind: "warning", message });
  const plain = await readTree(repository, { workingTree: repository.dirty });
  await readAhead(repository, plain);
  const { project, trust, trunk } = await discoverTrusted({ host, run }, repository, plain, options);
  const generated = generatedOf(project);
  const tree =
    generated.length === 0 ? plain : await readTree(repository, { workingTree: repository.dirty, generated });
  for (const message of project.warnings) emit({ kind: "warning", message });
  const registry = makeRegistry(host, { emit });
  const hosts = trunk === undefined ? undefined : new Set([...publicHosts, ...trunk.hosts, ...project.hosts]);
  const guarded = hosts === undefined ? registry : guardRegistry(registry, hosts);
  return { host, emit, ci: run.ci, tokens: run.tokens, repository, project, tree, registry: guarded, trust, hosts };
}

/** The discovered project, with the trust that it was discovered under. */
interface Discovered {
  readonly project: Project;
  readonly trust: Trust;
  readonly trunk: TakenFromTrunk | undefined;
}

/**
 * Discovers the project under the trust of the run and commit. If files beside the commit remove that trust, discovers again as untrusted.
 */
async function discoverTrusted(
  at: TrunkReader,
  repository: Repository,
  tree: GitTree,
  options: WorkspaceOptions,
): Promise<Discovered> {
  const { host, run } = at;
  const discoverAs = async (trust: Trust, read: Set<string>): Promise<Discovered> => {
    const trunk = await readTrunk(at, repository, trust, options.config);
    const project = await discover(host, {
      root: repository.root,
      untrusted: trunk?.reading,
      ...(options.config === undefined ? {} : { configFile: resolve(host.cwd, options.config) }),
      files: {
        tracked: tree.paths,
        read: async (path) => {
          read.add(path);
          return tree.get(path) === undefined ? undefined : tree.read(path);
        },
        isLink: (path) => tree.get(path)?.mode === "120000",
        remote: repository.remote,
      },
    });
    return { project, trust, trunk };
  };
  const read = new Set<string>();
  const found = await discoverAs(await readTrust(run.ci, repository, options, []), read);
  if (found.trust.kind === "untrusted") return found;
  const trust = await readTrust(run.ci, repository, options, besideCommit(repository, tree, found.project, read));
  return trust.kind === "trusted" ? found : discoverAs(trust, new Set());
}

/** Reads ahead all files that planning needs: a partial clone fetches them in one request; otherwise their blobs are read and cached. */
async function readAhead(repository: Repository, tree: GitTree): Promise<void> {
  const paths = tree.paths.filter(isReadToPlan);
  if (repository.promisor !== undefined) await tree.fetch(paths);
  if (!repository.dirty && paths.length <= mostDefinitions)
    await Promise.allSettled(paths.map((path) => tree.read(path)));
}
