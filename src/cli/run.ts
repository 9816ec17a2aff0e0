import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodeOfServices } from "../errors.ts";
import type { Host } from "../host.ts";
import type { VersionSource } from "../model/version-source.ts";
import { openWorkspace } from "../pipeline/workspace.ts";
import { parseCacheSetting } from "../pipeline/cache-setting.ts";
import { type CommonOptions, withSession } from "./session.ts";

export interface PlanOptions extends CommonOptions {
  readonly force?: true | string[];
}

export interface InputsOptions extends CommonOptions {
  readonly platform?: string;
  readonly offline?: boolean;
}

export interface BuildOptions extends CommonOptions {
  readonly force?: true | string[];
  readonly parallel?: number;
  readonly cache?: string;
  readonly builder?: string;
}

export interface ReleaseOptions extends BuildOptions {
  readonly versionFrom?: VersionSource;
  readonly only?: string[];
  readonly group?: string;
  readonly branch?: string;
  readonly notesFile?: string;
  readonly dryRun?: boolean;
  readonly allowDirty?: boolean;
  /** False: `--no-github-release`. */
  readonly githubRelease?: boolean;
}

export interface StatusOptions extends CommonOptions {
  readonly limit: number;
}

export interface RollbackOptions extends CommonOptions {
  readonly group?: string;
  readonly dryRun?: boolean;
}

export interface ReplayOptions extends CommonOptions {
  readonly commits: number;
  readonly buildSeconds?: number;
}

/** What commands do is loaded while git looks at the repository. */
const loadDeeds = () => import("./deeds.ts");

export function runServices(host: Host, options: CommonOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { listServices, renderServices }] = await Promise.all([
      openWorkspace(host, { ...options, offline: true }, emit),
      loadDeeds(),
    ]);
    const { document, shown } = await listServices(workspace);
    print(document, shown, renderServices);
    return 0;
  });
}

export function runPlan(host: Host, names: readonly string[], options: PlanOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { planServices, renderPlan, renderServicePlan }] = await Promise.all([
      openWorkspace(host, options, emit),
      loadDeeds(),
    ]);
    const { plan } = await planServices(workspace, { services: names, force: options.force ?? [] });
    const [only] = names;
    print(plan, plan, (shown, style) =>
      only !== undefined && names.length === 1 ? renderServicePlan(shown, only, style) : renderPlan(shown, style),
    );
    return 0;
  });
}

export function runInputs(host: Host, name: string, options: InputsOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { readServiceInputs, renderInputs }] = await Promise.all([
      openWorkspace(host, options, emit),
      loadDeeds(),
    ]);
    const inputs = await readServiceInputs(workspace, name, options);
    print(inputs, inputs, renderInputs);
    return 0;
  });
}

export function runBuild(host: Host, names: readonly string[], options: BuildOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const request = { services: names, ...buildRequest(options) };
    const [workspace, { build, renderBuildResult }] = await Promise.all([
      openWorkspace(host, { ...options, outputs: outputsOf(options) }, emit),
      loadDeeds(),
    ]);
    const result = await build(workspace, request);
    print(result, result, renderBuildResult);
    return exitCodeOfServices(result.services);
  });
}

export function runRelease(host: Host, version: string | undefined, options: ReleaseOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print, isLive }) => {
    const request = {
      ...buildRequest(options),
      version,
      versionFrom: options.versionFrom,
      only: options.only ?? [],
      group: options.group,
      branch: options.branch,
      dryRun: options.dryRun ?? false,
      allowDirty: options.allowDirty ?? false,
      githubRelease: options.githubRelease ?? true,
    };
    const [workspace, { release, renderReleaseResult }] = await Promise.all([
      openWorkspace(host, { ...options, outputs: outputsOf(options) }, emit),
      loadDeeds(),
    ]);
    const result = await release(workspace, request);
    const toStdout = options.notesFile === "-";
    if (options.notesFile !== undefined && !toStdout && result.notes !== null) {
      await writeFile(resolve(host.cwd, options.notesFile), result.notes);
    }
    print(result, result, (shown, style) =>
      toStdout && result.notes !== null ? result.notes : renderReleaseResult(shown, style, isLive),
    );
    return result.state === "failed" ? exitCodeOfServices(result.services) : 0;
  });
}

export function runStatus(host: Host, options: StatusOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { status, renderStatus }] = await Promise.all([openWorkspace(host, options, emit), loadDeeds()]);
    const found = await status(workspace, { limit: options.limit });
    print(found, found, (shown, style) => renderStatus(shown, style, host.now()));
    return 0;
  });
}

export function runRollback(host: Host, to: string, options: RollbackOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { rollback, renderRollback }] = await Promise.all([
      openWorkspace(host, options, emit),
      loadDeeds(),
    ]);
    const result = await rollback(workspace, { to, group: options.group, dryRun: options.dryRun ?? false });
    print(result, result, renderRollback);
    return 0;
  });
}

export function runAbandon(host: Host, release: string, options: RollbackOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { abandon, renderAbandon }] = await Promise.all([
      openWorkspace(host, options, emit),
      loadDeeds(),
    ]);
    const result = await abandon(workspace, { release, group: options.group, dryRun: options.dryRun ?? false });
    print(result, result, renderAbandon);
    return 0;
  });
}

export function runReplay(host: Host, options: ReplayOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const [workspace, { replay, renderReplay }] = await Promise.all([openWorkspace(host, options, emit), loadDeeds()]);
    const found = await replay(workspace, { commits: options.commits, buildSeconds: options.buildSeconds });
    print(found, found, renderReplay);
    return 0;
  });
}

function buildRequest(options: BuildOptions) {
  return {
    force: options.force ?? [],
    parallel: options.parallel,
    cache: options.cache === undefined ? undefined : parseCacheSetting(options.cache),
    builder: options.builder,
  };
}

/** Files that the command writes; one that lies in the repository is no change of it. */
function outputsOf({ events, notesFile }: { events?: string; notesFile?: string }): string[] {
  return [events, notesFile].flatMap((path) => (path === undefined || path === "-" ? [] : [path]));
}
