import { appendFile } from "node:fs/promises";
import type { ReleaseDocument } from "../model/documents.ts";
import type { BuiltService } from "../model/documents.ts";
import { renderCount } from "../model/units.ts";
import { build } from "../pipeline/build-command.ts";
import { release } from "../pipeline/release-command.ts";
import { selectGroup } from "../pipeline/release-request.ts";
import { parsePluginConfig, type PluginContext, type ReleaseContext, withWorkspace } from "./context.ts";
import { aggregate, SemanticReleaseFault, withFaults } from "./fault.ts";

/** What semantic-release lists as a release. */
export interface PublishedRelease {
  readonly name: string;
  readonly url?: string;
  readonly channel?: string;
}

/**
 * What the steps of one run did so far. semantic-release hands each step a copy of its context, so that nothing can be kept
 * there; runs are told apart by their folder.
 */
const runs = new Map<string, { readonly services: readonly BuiltService[]; readonly isCommitted: boolean }>();

/** Builds what changed, for the version that comes. No visible tag moves. Throws a fault for each service that failed. */
export function prepare(pluginConfig: unknown, context: ReleaseContext): Promise<void> {
  return withFaults(async () => {
    const config = parsePluginConfig(pluginConfig);
    const { version } = context.nextRelease;
    const { services } = await withWorkspace(context, config, (workspace) =>
      build(workspace, {
        ...config,
        services: selectGroup(workspace.project.groups, { group: config.group, only: [] }).services,
        force: [],
        version,
      }),
    );
    runs.set(context.cwd, { services, isCommitted: false });
    const faults = services.flatMap(faultOfService);
    if (faults.length > 0) throw aggregate(faults);
    context.logger.log(`Images for ${version}: ${countOutcomes(services)}; no tag moved yet`);
  });
}

function faultOfService({ service, outcome, because }: BuiltService): SemanticReleaseFault[] {
  if (outcome !== "failed" && outcome !== "cancelled") return [];
  const message = `${service} ${outcome === "failed" ? "did not build" : "was not built"}: ${because ?? ""}`;
  return [
    new SemanticReleaseFault("ESLIPWAYBUILD", message, "No tag moved; what was built is reused by the next run."),
  ];
}

function countOutcomes(services: readonly BuiltService[]): string {
  const parts = (["built", "reused", "failed", "cancelled"] as const).flatMap((outcome) => {
    const names = services.filter((each) => each.outcome === outcome).map(({ service }) => service);
    return names.length === 0 ? [] : [`${renderCount(names.length, "service")} ${outcome} (${names.join(", ")})`];
  });
  return parts.join(", ");
}

/** Commits the release and moves the tags. What other plugins changed in the working tree is part of it. */
export function publish(pluginConfig: unknown, context: ReleaseContext): Promise<PublishedRelease> {
  return withFaults(async () => {
    const config = parsePluginConfig(pluginConfig);
    const { version, channel } = context.nextRelease;
    const document = await withWorkspace(context, config, (workspace) =>
      release(workspace, {
        ...config,
        version,
        versionFrom: undefined,
        group: selectGroup(workspace.project.groups, { group: config.group, only: [] }).name,
        only: [],
        branch: undefined,
        force: [],
        dryRun: false,
        allowDirty: true,
        githubRelease: false,
      }),
    );
    const faults = document.services.flatMap(faultOfService);
    if (document.state === "failed") throw aggregate(faults);
    runs.set(context.cwd, { services: runs.get(context.cwd)?.services ?? document.services, isCommitted: true });
    await writeOutputs(context, version, document);
    const count = document.releases.flatMap(({ manifest }) => manifest.services).length;
    context.logger.log(`Released ${renderCount(count, "image")} as ${version}`);
    return { name: "Container images", ...(typeof channel === "string" ? { channel } : {}) };
  });
}

/** For jobs that come later: the outputs of the workflow's release job. */
async function writeOutputs({ env }: PluginContext, version: string, { releases }: ReleaseDocument): Promise<void> {
  const file = env["GITHUB_OUTPUT"];
  if (file === undefined || file === "") return;
  const services = releases.flatMap(({ manifest }) => manifest.services);
  const digests = Object.fromEntries(services.map(({ service, digest }) => [service, digest]));
  const images = Object.fromEntries(services.map((each) => [each.service, `${each.images[0]}@${each.digest}`]));
  const lines = [`version=${version}`, `digests=${JSON.stringify(digests)}`, `images=${JSON.stringify(images)}`];
  await appendFile(file, `${lines.join("\n")}\n`);
}

/** Says what was built, and that nothing moved unless it was committed. */
export function fail(_pluginConfig: unknown, { cwd, logger }: PluginContext): void {
  const run = runs.get(cwd);
  runs.delete(cwd);
  if (run === undefined) return logger.error("No image was built, and no tag moved");
  const built = countOutcomes(run.services);
  if (run.isCommitted) return logger.error(`${built}; the images are released, what failed came after`);
  logger.error(`${built}; no tag moved. What was built is reused by the next run`);
}
