import { SlipwayError } from "../../errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import type { Service } from "../../model/service.ts";
import { orderByNeeds, withNeeds } from "../../plan/order.ts";
import { planRelease } from "../../plan/plan-release.ts";
import { closestName } from "../../model/closest.ts";
import { type Observation, observe, resolvePublished } from "./observe.ts";
import type { Observer } from "./observer.ts";

/** Which services to plan. */
export interface PlanRequest {
  /** Names of services to plan, with those that they need; empty: all. */
  readonly services: readonly string[];
  /** The one platform of each service to plan; undefined: all platforms. */
  readonly platform?: Platform | undefined;
  /** Published images of services that are not planned again, on the platforms that matter. */
  readonly known?: ReadonlyMap<string, readonly PublishedImage[]> | undefined;
}

/** A plan and the observation that it was made from. */
export interface Planned {
  readonly plan: Plan;
  readonly observation: Observation;
}

/** Observes the requested services and those that they need, and plans them. */
export async function planServices(observer: Observer, request: PlanRequest): Promise<Planned> {
  const { workspace, force } = observer;
  const { emit, host, project } = workspace;
  emit({ kind: "phase", phase: "plan" });
  const started = host.monotonic();
  const { known = new Map<string, readonly PublishedImage[]>() } = request;
  const services = selectServices(project.services, request, new Set(known.keys()));
  if (force !== true) checkNames(project.services, force);
  const needed = new Set(services.flatMap((service) => service.needs));
  const images = await Promise.all(
    [...known]
      .filter(([name]) => needed.has(name))
      .map(async ([name, published]) => [name, await resolvePublished(workspace, published)] as const),
  );
  const observation = await observe(observer, services, new Map(images));
  const plan = planRelease(observation.state);
  emit({ kind: "planned", plan, seconds: (host.monotonic() - started) / 1000 });
  return { plan, observation };
}

/** The named services and those that they need, without the known ones, in dependency order. All services if none is named. */
function selectServices(all: readonly Service[], request: PlanRequest, known: ReadonlySet<string>): Service[] {
  const { services: names, platform } = request;
  checkNames(all, names);
  const open = all
    .filter(({ name }) => !known.has(name))
    .map((service) => (platform === undefined ? service : onPlatform(service, platform)));
  const wanted = names.length === 0 ? undefined : withNeeds(open, names);
  return orderByNeeds(open).filter(({ name }) => wanted?.has(name) ?? true);
}

/** The service restricted to one platform; unchanged if it is not built for that platform. */
function onPlatform(service: Service, platform: Platform): Service {
  return service.platforms.includes(platform) ? { ...service, platforms: [platform] } : service;
}

/** Throws `usage` for a name that no service has. */
export function checkNames(services: readonly Service[], names: readonly string[]): void {
  const known = services.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const closest = closestName(name, known);
    throw new SlipwayError("no-such-service", `there is no service "${name}"`, {
      data: { service: name },
      hint: closest === undefined ? `the services are: ${known.join(", ")}` : `did you mean "${closest}"?`,
    });
  }
}
