import { lookUpNames } from "../../inputs/inputs.ts";
import { withNeeds } from "../../plan/order.ts";
import { makeLookups } from "./lookups.ts";
import type { Observer } from "./observer.ts";

/**
 * Looks up the base images and git contexts of these services and those that they need, while the command still waits for other answers. The
 * observer remembers the answers, so planning asks no more. Faults are left to planning, which gets the same ones. Services that hold
 * their bases are left out, because the last release names those.
 */
export async function lookUpAhead(observer: Observer, names: readonly string[]): Promise<void> {
  const { workspace, pins, buildPlatformOf } = observer;
  const wanted = withNeeds(workspace.project.services, names);
  const services = workspace.project.services.filter(({ name, bases }) => wanted.has(name) && bases === "follow");
  const lookups = makeLookups(pins, () => undefined, new Map());
  const clientArgs = await observer.clientProxies().catch(() => undefined);
  if (clientArgs === undefined) return;
  await Promise.allSettled(
    services.flatMap((service) =>
      service.platforms.map((platform) => {
        const buildPlatform = buildPlatformOf(platform);
        const on = buildPlatform === undefined ? {} : { buildPlatform };
        return lookUpNames({ service, platform, tree: workspace.tree, lookups, clientArgs, ...on });
      }),
    ),
  );
}
