import { SlipwayError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { orderByNeeds, withNeeds } from "../plan/order.ts";
import { type Decider, type Decision, makeDecider, resolvePublished, resolveReused } from "./decide.ts";
import type { PublishedImage } from "../model/published-image.ts";
import type { Shelf } from "../release/published.ts";
import { previewShelf, releasedShelf } from "./destination.ts";
import type { Pins } from "./parts.ts";
import { MayNotLookUp } from "./guarded-registry.ts";
import { makePinBook, type PinBook } from "./pins.ts";
import { makePreviousRelease, type PreviousRelease } from "./previous.ts";
import { closestName } from "../model/closest.ts";
import type { Workspace } from "./workspace.ts";

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
  /** Services whose images are known, on the platforms that matter: they are not decided again. */
  readonly known?: ReadonlyMap<string, readonly PublishedImage[]> | undefined;
  /** What names outside of the repository stand for; default: what they stand for now. */
  readonly pins?: Pins | undefined;
}

/** A plan with what it was made from, for a build to go on with. */
export interface Planned {
  readonly plan: Plan;
  /** In dependency order, as the plan's steps. */
  readonly decisions: readonly Decision[];
  readonly decider: Decider;
  /** As it was when the plan was made. */
  readonly previous: PreviousRelease;
  readonly pins: PinBook;
}

/** Decides every service, those that others need first, all that can be in parallel. */
export async function planServices(workspace: Workspace, request: PlanRequest): Promise<Planned> {
  const { emit, host, repository } = workspace;
  emit({ kind: "phase", phase: "plan" });
  const started = host.monotonic();
  const { buildPlatformOf, preview, known = new Map<string, readonly PublishedImage[]>() } = request;
  const services = selectServices(workspace.project.services, request, new Set(known.keys()));
  const forced = new Set(request.force === true ? services.map(({ name }) => name) : request.force);
  checkNames(workspace.project.services, [...forced]);
  const previous = makePreviousRelease(workspace);
  const pins = makePinBook(workspace, request.pins);
  const decider = makeDecider(workspace, { forced, previous, pins, buildPlatformOf, shelvesOf: shelvesFor(preview) });
  const needed = new Set(services.flatMap((service) => service.needs));
  await Promise.all(
    workspace.project.services.map(async (service) => {
      const images = needed.has(service.name) ? known.get(service.name) : undefined;
      if (images !== undefined) decider.finish(service, await resolvePublished(workspace, images));
    }),
  );
  const decided = new Map<string, Promise<Decision>>();
  for (const service of services)
    decided.set(service.name, decideAfterNeeds(workspace, decider, service, decided, needed));
  const decisions = await allOrFirstError([...decided.values()]);
  const plan: Plan = { version: 1, commit: repository.commit, steps: decisions.map(({ step }) => step) };
  emit({ kind: "planned", plan, seconds: (host.monotonic() - started) / 1000 });
  return { plan, decisions, decider, previous, pins };
}

/** What is released is looked for before what was built for the pull request alone. */
function shelvesFor(preview: number | undefined): ((service: Service) => readonly Shelf[]) | undefined {
  if (preview === undefined) return undefined;
  return (service) => [releasedShelf(service), previewShelf(service, preview)];
}

async function decideAfterNeeds(
  workspace: Workspace,
  decider: Decider,
  service: Service,
  decided: ReadonlyMap<string, Promise<Decision>>,
  needed: ReadonlySet<string>,
): Promise<Decision> {
  const needs = await Promise.all(service.needs.flatMap((need) => decided.get(need) ?? []));
  const left = needs.find(({ step }) => step.kind === "not-planned");
  if (left !== undefined) return notPlanned(service, `it needs ${left.service.name}, which is not planned`);
  const decision = await decider.decide(service).catch((error: unknown) => {
    if (!(error instanceof MayNotLookUp)) throw error;
    return notPlanned(service, `${error.message}; ${error.hint ?? ""}`);
  });
  if (decision.step.kind === "reuse" && needed.has(service.name)) {
    decider.finish(service, await resolveReused(workspace, decision));
  }
  return decision;
}

/** The decision on a service that an untrusted run may not look up: it is not planned, and the others go on. */
function notPlanned(service: Service, because: string): Decision {
  const step = {
    service: service.name,
    kind: "not-planned",
    platforms: [],
    reason: { kind: "may-not-look-up", because },
  } as const;
  return { service, step, platforms: [] };
}

/** Waits for all, so that nothing goes on behind an error; then throws the first error, configuration faults together. */
async function allOrFirstError<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const errors = settled.flatMap((each): unknown[] => (each.status === "rejected" ? [each.reason] : []));
  const faults = [...new Set(errors)].filter(
    (error): error is SlipwayError => error instanceof SlipwayError && error.code === "configuration",
  );
  if (faults.length > 1) {
    const messages = [...new Set(faults.map(({ message }) => message))].flatMap((message) => message.split("\n"));
    throw new SlipwayError("configuration", messages, {
      hint: faults.find(({ hint }) => hint !== undefined)?.hint,
      diagnostics: faults.flatMap(({ diagnostics }) => diagnostics),
      cause: faults[0],
    });
  }
  if (errors.length > 0) throw errors[0];
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
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
    throw new SlipwayError("usage", `there is no service "${name}"`, {
      hint: closest === undefined ? `the services are: ${known.join(", ")}` : `did you mean "${closest}"?`,
    });
  }
}
