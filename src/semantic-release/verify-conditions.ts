import { addAll, addTo } from "../model/lists.ts";
import { inspectBuilder } from "../buildkit/builder.ts";
import { SlipwayError } from "../errors.ts";
import { type ImageName, registryOf } from "../model/reference.ts";
import type { ReleaseGroup } from "../model/service.ts";
import { renderCount } from "../model/units.ts";
import { explainUnsupportedNode } from "../node-version.ts";
import { checkPushes, releasedNames } from "../core/workspace/check-pushes.ts";
import { makeObserver } from "../core/planning/observer.ts";
import { planServices } from "../core/planning/plan.ts";
import { checkClean, selectGroup } from "../core/releasing/release-request.ts";
import type { Workspace } from "../core/workspace/workspace.ts";
import { makePluginHost, parsePluginConfig, type PluginConfig, type PluginContext, withWorkspace } from "./context.ts";
import { aggregate, faultsOf, SemanticReleaseFault } from "./fault.ts";

/**
 * Looks for everything that would make the release fail later: repository, configuration, permission to push, a builder where
 * there is something to build. Throws all faults at once.
 */
export async function verifyConditions(pluginConfig: unknown, context: PluginContext): Promise<void> {
  const unsupported = explainUnsupportedNode(process.versions.node);
  if (unsupported !== undefined) {
    throw aggregate([new SemanticReleaseFault("ESLIPWAYUSAGE", unsupported.message, unsupported.hint)]);
  }
  const faults: Error[] = [];
  const note = (error: unknown): void => addAll(faults, faultsOf(error));
  try {
    const config = parsePluginConfig(pluginConfig);
    await withWorkspace(context, config, (workspace) => verifyWorkspace(workspace, config, context, note)).catch(
      async (error: unknown) => {
        note(error);
        // What there is to build cannot be told, so that there may be something.
        await inspectBuilder(makePluginHost(context), config.builder).catch(note);
      },
    );
  } catch (error) {
    note(error);
  }
  if (faults.length > 0) throw aggregate(faults);
}

async function verifyWorkspace(
  workspace: Workspace,
  config: PluginConfig,
  context: PluginContext,
  note: (error: unknown) => void,
): Promise<void> {
  const attempt = (check: () => void): void => {
    try {
      check();
    } catch (error) {
      note(error);
    }
  };
  attempt(() => checkClean(workspace, { allowDirty: false }));
  const { project } = workspace;
  let group: ReleaseGroup | undefined;
  attempt(() => {
    group = selectGroup(project.groups, { group: config.group, only: [] });
    checkTagFormat(group, context.options.tagFormat ?? "v${version}");
  });
  const services = group?.services ?? project.services.map(({ name }) => name);
  const [plan, builder] = await Promise.allSettled([
    planServices(makeObserver(workspace), { services }),
    inspectBuilder(workspace.host, config.builder),
    ...pushedNames(workspace, services).map((names) => checkPushes(workspace.registry, names).catch(note)),
  ]);
  if (plan.status === "rejected") note(plan.reason);
  const building = plan.status === "rejected" ? [] : plan.value.plan.steps.filter(({ kind }) => kind !== "reuse");
  if (builder.status === "rejected" && (plan.status === "rejected" || building.length > 0)) note(builder.reason);
  if (plan.status === "fulfilled") {
    const names = building.map(({ service }) => service).join(", ");
    const { steps } = plan.value.plan;
    context.logger.log(
      building.length === 0
        ? `All images are published already: ${renderCount(steps.length, "service")} reused`
        : `To build: ${names}; ${steps.length - building.length} of ${renderCount(steps.length, "service")} reused`,
    );
  }
  warnOfChannel(context);
}

/** Both find a version's git tag by it: semantic-release makes it, Slipway finds the GitHub release of it. */
function checkTagFormat({ name, tag }: ReleaseGroup, tagFormat: string): void {
  const expected = tag.replaceAll("{group}", name).replace("{version}", "${version}");
  if (tagFormat === expected) return;
  throw new SlipwayError(
    "semantic-release-invalid",
    `semantic-release tags versions as "${tagFormat}", and the release group ${name} as "${expected}"`,
    {
      hint: `write in semantic-release's configuration: "tagFormat": "${expected}"; or under groups.${name} in slipway.yaml: tag: "${tagFormat.replace("${version}", "{version}")}"`,
    },
  );
}

/** Every name that the release writes to, by registry: each registry gives one fault. */
function pushedNames({ project }: Workspace, services: readonly string[]): ImageName[][] {
  const byRegistry = new Map<string, ImageName[]>();
  for (const name of releasedNames(project, services)) {
    const host = registryOf(name);
    addTo(byRegistry, host, name);
  }
  return [...byRegistry.values()];
}

/** A channel of its own holds a version back from `latest` in npm; image tags follow versions. */
function warnOfChannel({ branch, logger }: PluginContext): void {
  const { type, channel, name } = branch;
  if (type !== "release" || channel === undefined || channel === null || channel === "") return;
  logger.warn(
    `The branch ${name} releases on the channel "${channel}", but image tags follow versions: the highest one gets latest. Make it a pre-release branch to hold its versions back.`,
  );
}
