import { SlipwayError } from "../../errors.ts";
import type { Plan, Reason } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import type { Service } from "../../model/service.ts";
import { orderByNeeds, withNeeds } from "../../plan/order.ts";
import { planRelease } from "../../plan/plan-release.ts";
import { closestName } from "../../model/closest.ts";
import { type Observation, observe, resolvePublished } from "./observe.ts";
import { makeObserver, type Observer } from "./observer.ts";
import type { Pins } from "./parts.ts";
import type { ReleaseHistory } from "./release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What to plan. */
export interface PlanRequest {
  /** Only these and what they need; empty: all. */
  readonly services: readonly string[];
  /** Built though nothing changed. `true`: all. */
  readonly force: readonly string[] | true;
  /** The platform that a build for `platform` runs on. Default: this machine's. */
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
  /** A pull request whose builds are pushed to a name of their own, and looked for there too. */
  readonly preview?: number | undefined;
  /** Only this one of each service's platforms. */
  readonly platform?: Platform | undefined;
  /** Services whose images are known, on the platforms that matter: they are not planned again. */
  readonly known?: ReadonlyMap<string, readonly PublishedImage[]> | undefined;
  /** What names outside of the repository stand for; default: what they stand for now. */
  readonly pins?: Pins | undefined;
  /** What was released before, where the command has read of it; default: it is read. */
  readonly history?: ReleaseHistory | undefined;
  /** Why the plan of another job builds these. */
  readonly plannedReasons?: ReadonlyMap<string, Reason> | undefined;
}

/** A plan, what it was made from, and what observes again for what waits. */
export interface Planned {
  readonly plan: Plan;
  readonly observation: Observation;
  readonly observer: Observer;
}

/** Observes the services that are asked for and what they need, and plans them. */
export async function planServices(workspace: Workspace, request: PlanRequest): Promise<Planned> {
  const { emit, host, project } = workspace;
  emit({ kind: "phase", phase: "plan" });
  const started = host.monotonic();
  const { known = new Map<string, readonly PublishedImage[]>() } = request;
  const services = selectServices(project.services, request, new Set(known.keys()));
  const forced = new Set(request.force === true ? services.map(({ name }) => name) : request.force);
  checkNames(project.services, [...forced]);
  const observer = makeObserver(workspace, { ...request, forced });
  const needed = new Set(services.flatMap((service) => service.needs));
  const images = await Promise.all(
    [...known]
      .filter(([name]) => needed.has(name))
      .map(async ([name, published]) => [name, await resolvePublished(workspace, published)] as const),
  );
  const observation = await observe(observer, services, new Map(images));
  const plan = planRelease(observation.state);
  emit({ kind: "planned", plan, seconds: (host.monotonic() - started) / 1000 });
  return { plan, observation, observer };
}

/** The named services with what they need and is not known, in dependency order; all when none is named. */
function selectServices(all: readonly Service[], request: PlanRequest, known: ReadonlySet<string>): Service[] {
  const { services: names, platform } = request;
  checkNames(all, names);
  const open = all
    .filter(({ name }) => !known.has(name))
    .map((service) => (platform === undefined ? service : onPlatform(service, platform)));
  const wanted = names.length === 0 ? undefined : withNeeds(open, names);
  return orderByNeeds(open).filter(({ name }) => wanted?.has(name) ?? true);
}

/** As if it were for this platform alone; unchanged when it is not for it at all. */
function onPlatform(service: Service, platform: Platform): Service {
  return service.platforms.includes(platform) ? { ...service, platforms: [platform] } : service;
}

/** Throws `usage` for a name that is no service's. */
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
