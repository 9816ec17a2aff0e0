import { posix } from "node:path";
import { addAllTo, addTo } from "../../model/lists.ts";
import type { AdoptedService } from "../adopted.ts";
import type { EventName } from "../events/event-titles.ts";
import type { BuildInputs } from "./build-inputs.ts";
import type { PublishedRows } from "./published-rows.ts";
import { fitTags, type FittedTags, type PublishedRefs } from "./fit-tags.ts";
import type { MatrixRow } from "./expressions.ts";

/** Step that builds a service, in one row of its job's matrix. */
export interface ServicePlace {
  readonly line: number;
  readonly job: string;
  /** Id of the step; empty: it has none. */
  readonly step: string;
  readonly row: MatrixRow;
  readonly platforms: readonly string[];
  /** Whether it gives tags itself; a build that pushes by digest leaves them to another job. */
  readonly isTagged: boolean;
}

/** Service while its builds are read. */
export interface ServiceDraft {
  readonly build: BuildInputs;
  readonly places: ServicePlace[];
  readonly refs: Map<EventName, string[]>;
}

/** Services in the order of the workflow, and by what they are built from. */
export interface ServiceDrafts {
  readonly all: ServiceDraft[];
  readonly byBuild: Map<string, ServiceDraft[]>;
}

/** Adds a build. Builds that differ in nothing but their platform and tags are of one service. */
export function addBuildTo(
  { all, byBuild }: ServiceDrafts,
  { build, place, refs }: { readonly build: BuildInputs; readonly place: ServicePlace; readonly refs: PublishedRefs },
): ServiceDraft {
  const key = keyOf(build);
  const known = byBuild.get(key)?.find((each) => isSameImage(each, refs));
  const service = known ?? { build, places: [], refs: new Map<EventName, string[]>() };
  if (known === undefined) {
    all.push(service);
    addTo(byBuild, key, service);
  }
  service.places.push(place);
  addRefs(service, refs);
  return service;
}

export function addRefs({ refs }: ServiceDraft, more: PublishedRefs): void {
  for (const [event, references] of more) addAllTo(refs, event, references);
}

function keyOf({ context, dockerfile, target, args, secrets, contexts, labels, settings }: BuildInputs): string {
  return JSON.stringify([context, dockerfile, target, args, secrets, contexts, labels, settings]);
}

function isSameImage({ refs }: ServiceDraft, others: PublishedRefs): boolean {
  const mine = namesOf(refs);
  return [...namesOf(others)].some((name) => mine.has(name));
}

/** Image names of references, without tags. */
export function namesOf(refs: PublishedRefs): ReadonlySet<string> {
  return new Set([...refs.values()].flat().map((reference) => reference.replace(/(?:@.*|:[^:/]*)$/s, "")));
}

/** Service with the name and the tags that it will have. */
export interface NamedDraft {
  readonly draft: ServiceDraft;
  readonly service: AdoptedService;
  readonly fitted: FittedTags;
}

/** Names the services and finds the templates of their tags. Services of one Dockerfile are told apart by target or row. */
export function nameServices(
  drafts: readonly ServiceDraft[],
  { refs, byHandOnBranch }: Pick<PublishedRows, "refs" | "byHandOnBranch">,
  nameOf: (dockerfile: string, context: string) => string,
): NamedDraft[] {
  const bases = drafts.map(({ build }) => nameOf(build.dockerfile, build.context));
  const used = new Set<string>();
  return drafts.map((draft, index) => {
    const base = bases[index] ?? "app";
    const isShared = bases.filter((each) => each === base).length > 1;
    const candidates = isShared ? [...ownNames(base, draft), base] : [base];
    const free = [...candidates, ...Array.from({ length: drafts.length }, (_, count) => `${base}-${count + 2}`)];
    const name = free.find((each) => !used.has(each)) ?? base;
    used.add(name);
    const fitted = fitTags(draft.refs, refs, byHandOnBranch);
    return { draft, fitted, service: serviceOf(name, draft, fitted) };
  });
}

/** Names from the target, the image, and the values of the matrix. */
function ownNames(base: string, { build, places, refs }: ServiceDraft): string[] {
  const [image] = namesOf(refs);
  const values = Object.values(places[0]?.row ?? {});
  const words = [...(build.target === undefined ? [] : [build.target]), ...values].map(wordOf);
  const fromImage = image === undefined ? [] : [wordOf(posix.basename(image))];
  const isOwn = (word: string): boolean => /^[a-z][a-z0-9-]*$/.test(word);
  return [
    ...fromImage.filter((word) => isOwn(word) && word !== base),
    ...words.filter((word) => word !== "").map((word) => `${base}-${word}`),
  ];
}

function wordOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function serviceOf(name: string, { build, places }: ServiceDraft, { images, tags }: FittedTags): AdoptedService {
  const { context, dockerfile, target, args, secrets, contexts, labels, settings } = build;
  const platforms = [...new Set(places.flatMap((place) => place.platforms))].sort();
  return {
    name,
    context,
    dockerfile,
    target,
    images,
    tags,
    args,
    platforms,
    secrets,
    contexts,
    labels,
    settings,
  };
}
