import { appendFile } from "node:fs/promises";
import { release as spec } from "../commands/release/spec.ts";
import { findGitHub } from "../github/context.ts";
import type { CiRun } from "../model/ci-run.ts";
import type { ReleaseDocument } from "../model/documents.ts";
import { renderCount } from "../model/units.ts";
import { release } from "../core/releasing/release-command.ts";
import { makeReleaseOutputs } from "../core/releasing/release-outputs.ts";
import { selectGroup } from "../core/releasing/release-request.ts";
import type { Workspace } from "../core/workspace/workspace.ts";
import {
  parsePluginConfig,
  type PluginConfig,
  type PluginContext,
  type ReleaseContext,
  withWorkspace,
} from "./context.ts";
import { aggregate, withFaults } from "./fault.ts";
import { faultOfService, forgetState, keepState, recallState } from "./run-state.ts";

/** A release as semantic-release lists it. */
export interface PublishedRelease {
  readonly name: string;
  readonly url?: string;
  readonly channel?: string;
}

/**
 * Commits the release and moves the tags. Files that other plugins changed in the working tree are part of it. The GitHub release is
 * written here, or in `success` if @semantic-release/github makes it, so that the order of plugins does not matter.
 */
export function publish(pluginConfig: unknown, context: ReleaseContext): Promise<PublishedRelease> {
  return withFaults(async () => {
    const config = parsePluginConfig(pluginConfig);
    const { version, channel } = context.nextRelease;
    const { document, workspace } = await releaseVersion(context, config, !isMadeByAnother(context));
    if (document.state === "failed") throw aggregate(document.services.flatMap(faultOfService));
    keepState(context.cwd, { services: recallState(context.cwd)?.services ?? document.services, isCommitted: true });
    await writeOutputs(workspace.ci, version, document);
    const count = document.releases.flatMap(({ manifest }) => manifest.services).length;
    context.logger.log(`Released ${renderCount(count, "image")} as ${version}`);
    const url = document.releases[0]?.githubRelease?.url ?? findUrl(context, workspace);
    return {
      name: "Container images",
      ...(url === undefined ? {} : { url }),
      ...(typeof channel === "string" ? { channel } : {}),
    };
  });
}

/** Completes the GitHub release that another plugin made with the images' section and files. */
export function success(pluginConfig: unknown, context: ReleaseContext): Promise<void> {
  return withFaults(async () => {
    const config = parsePluginConfig(pluginConfig);
    forgetState(context.cwd);
    if (!isMadeByAnother(context)) return;
    const { document } = await releaseVersion(context, config, true);
    const url = document.releases[0]?.githubRelease?.url;
    if (url !== undefined) context.logger.log(`The images are in the GitHub release: ${url}`);
  });
}

/** Releases the version. A second call finds everything in place and does the rest. */
function releaseVersion(
  context: ReleaseContext,
  config: PluginConfig,
  githubRelease: boolean,
): Promise<{ readonly document: ReleaseDocument; readonly workspace: Workspace }> {
  return withWorkspace(context, config, async (workspace) => {
    const document = await release(workspace, {
      ...spec.defaults,
      ...config,
      version: context.nextRelease.version,
      group: selectGroup(workspace.project.groups, { group: config.group, only: [] }).name,
      allowDirty: true,
      githubRelease,
    });
    return { document, workspace };
  });
}

/** Whether another plugin makes the GitHub release. Without a list of plugins, semantic-release loads GitHub's. */
function isMadeByAnother({ options: { plugins } }: PluginContext): boolean {
  const name = (plugin: unknown): unknown => {
    if (Array.isArray(plugin)) return plugin[0];
    return typeof plugin === "object" && plugin !== null && "path" in plugin ? plugin.path : plugin;
  };
  return plugins === undefined || plugins.some((plugin) => name(plugin) === "@semantic-release/github");
}

function findUrl(context: ReleaseContext, workspace: Workspace): string | undefined {
  const github = findGitHub(workspace, workspace.repository.remote);
  if (github === undefined) return undefined;
  const { server, repository } = github;
  const tag = encodeURIComponent(context.nextRelease.gitTag);
  return `${server.url}/${repository.owner}/${repository.name}/releases/tag/${tag}`;
}

/** Writes the outputs of the workflow's release job, for later jobs. */
async function writeOutputs({ files }: CiRun, version: string, { releases }: ReleaseDocument): Promise<void> {
  if (files.output === undefined) return;
  const outputs = { ...makeReleaseOutputs(releases), version };
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${value}`);
  await appendFile(files.output, `${lines.join("\n")}\n`);
}
