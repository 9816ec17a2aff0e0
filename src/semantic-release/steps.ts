import { build } from "../core/building/build-command.ts";
import { selectGroup } from "../core/releasing/release-request.ts";
import { parsePluginConfig, type PluginContext, type ReleaseContext, withWorkspace } from "./context.ts";
import { aggregate, withFaults } from "./fault.ts";
import { countOutcomes, faultOfService, forgetState, keepState, recallState } from "./run-state.ts";

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
    keepState(context.cwd, { services, isCommitted: false });
    const faults = services.flatMap(faultOfService);
    if (faults.length > 0) throw aggregate(faults);
    context.logger.log(`Images for ${version}: ${countOutcomes(services)}; no tag moved yet`);
  });
}

/** Says what was built, and that nothing moved unless it was committed. */
export function fail(_pluginConfig: unknown, { cwd, logger }: PluginContext): void {
  const run = recallState(cwd);
  forgetState(cwd);
  if (run === undefined) return logger.error("No image was built, and no tag moved");
  const built = countOutcomes(run.services);
  if (run.isCommitted) return logger.error(`${built}; the images are released, what failed came after`);
  logger.error(`${built}; no tag moved. What was built is reused by the next run`);
}
