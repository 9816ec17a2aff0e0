import { addAll } from "../../model/lists.ts";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import { configurationError, SlipwayError, whileDoing } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { InitDocument } from "../../model/documents.ts";
import type { Project, Service } from "../../model/service.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { parseWorkflow } from "../../workflow/adopt/source.ts";
import type { Adopted, AdoptedService } from "../../workflow/adopted.ts";
import { authorshipOf } from "../../workflow/marker.ts";
import { planWorkflow, workflowFile } from "../../workflow/plan-workflow.ts";
import { type OwnWorkflow, readOwnWorkflow } from "../../workflow/read-back.ts";
import { planConfig, renderConfig } from "../../workflow/render-config.ts";
import { renderWorkflow } from "../../workflow/render-workflow.ts";
import { findUnplannable } from "../workspace/find-unplannable.ts";
import { findPublishers } from "./find-publishers.ts";
import { describePublishers, planInPlaceInit, renderPlaceOf } from "./init-in-place.ts";
import { type Change, describeInit } from "./init-document.ts";
import { type InitRequest, makeFacts } from "./init-facts.ts";
import { planGuideFiles } from "./init-guides.ts";
import { discoverShape, type InitSources, readAdopted, readGenerated, readSources } from "./init-read.ts";
import { findReleaserc, planSemanticRelease } from "./init-semantic-release.ts";

export interface InitSettings extends InitRequest {
  readonly repo?: string | undefined;
  /** Version of this program, which the generated workflow pins. */
  readonly slipwayVersion: string;
  /** Whether to replace workflows that publish; false: change their lines. */
  readonly convert: boolean;
  /** File of the one publishing workflow to change; undefined: all of them. */
  readonly workflow: string | undefined;
  readonly forks: boolean;
  /** Whether to write a workflow beside those that publish. */
  readonly beside: boolean;
}

/** Files that `slipway init` would write. `write` writes them. */
export interface InitPlan {
  readonly document: InitDocument;
  readonly write: () => Promise<void>;
}

/**
 * Reads the repository and decides which files to write. Throws `refused` for publishers that would keep publishing beside the new
 * workflow, and `configuration` with every line of a hand-made workflow that the generated one cannot do, unless forced.
 */
export async function planInit(host: Host, options: InitSettings): Promise<InitPlan> {
  const sources = await readSources(host, resolve(host.cwd, options.repo ?? "."));
  const found = await findPublishers(sources);
  const publishers = choosePublishers(found.publishers, options.workflow);
  if (publishers.length === 0 || options.convert || options.beside || options.shadow)
    return planNewWorkflow(host, sources, publishers, options);
  checkInPlace(options);
  const { document, changes } = await planInPlaceInit(host, { sources, found, publishers }, options);
  return { document, write: () => writeAll(sources.repository.root, changes) };
}

function choosePublishers(all: readonly Publisher[], workflow: string | undefined): readonly Publisher[] {
  if (workflow === undefined) return all;
  const path = posix.normalize(workflow.includes("/") ? workflow : `.github/workflows/${workflow}`);
  const chosen = all.filter((each) => each.workflow === path);
  if (chosen.length > 0) return chosen;
  const known = [...new Set(all.map((each) => each.workflow))].join(", ");
  const called = [...new Set(all.filter(({ place }) => place.file === path).map((each) => each.workflow))];
  if (called.length > 0) {
    throw new SlipwayError("option-invalid", `--workflow ${workflow}: ${path} is called by ${called.join(", ")}`, {
      hint: `name that one: --workflow ${called[0] ?? ""}`,
    });
  }
  throw new SlipwayError("option-invalid", `--workflow ${workflow}: nothing in ${path} publishes images`, {
    hint: known === "" ? "no workflow of this repository does" : `these do: ${known}`,
  });
}

/** Refuses options about the new workflow where none is written. */
function checkInPlace(options: InitSettings): void {
  const given = [
    ...(options.jobs === undefined ? [] : ["--jobs"]),
    ...(options.guides ? ["--guides"] : []),
    ...(options.semanticRelease ? ["--semantic-release"] : []),
    ...(Object.keys(options.runners).length === 0 ? [] : ["--runner"]),
    ...(options.maxJobs === undefined ? [] : ["--max-jobs"]),
  ];
  if (given.length === 0) return;
  throw new SlipwayError(
    "options-conflict",
    `${given.join(", ")}: init writes no workflow, since this repository publishes from one already`,
    { hint: "--convert replaces the whole workflow; without these options, init changes its building lines" },
  );
}

/** Plans the workflow that plans, builds and releases, with what it takes over from others. */
async function planNewWorkflow(
  host: Host,
  sources: InitSources,
  publishers: readonly Publisher[],
  options: InitSettings,
): Promise<InitPlan> {
  const shape = await discoverShape(sources);
  const path = workflowFile(options.shadow);
  const before = await sources.read(path);
  const source = before === null ? undefined : parseWorkflow(path, before);
  const existing = source === undefined || before === null ? undefined : readOwnWorkflow(source, before);
  const handMade = options.beside ? undefined : await readAdopted(sources, shape, options.workflow);
  const left = publishers.filter(({ workflow }) => handMade?.files.includes(workflow) !== true);
  if (options.convert && !options.beside) checkConversion(handMade, existing?.adopted, left);
  const adopted = handMade ?? existing?.adopted;
  if (adopted !== undefined && adopted.notCarried.length > 0 && !options.force) throw notCarriedError(adopted);
  const notes = left.map((each) => `${renderPlaceOf(each)} publishes beside the new workflow`);
  const config = await planConfigFile(sources, shape, handMade, notes);
  const project = await discoverWith(sources, config);
  if (handMade !== undefined) checkImages(project, handMade);
  const kept = { before, existing, handMade, adopted, config };
  const { changes, layout } = await planFiles(host, { sources, project, options, notes, kept });
  const releaserc = await findReleaserc(sources);
  const described = describePublishers(left.map((publisher) => ({ publisher, because: null, isTaken: false })));
  const { shadow } = options;
  const document = { changes, adopted: handMade, releaserc, notes, publishers: described, layout, shadow };
  return { document: describeInit(project, document), write: () => writeAll(sources.repository.root, changes) };
}

/** Refuses a conversion that leaves a publisher behind: it would publish a second time, or be lost. */
function checkConversion(handMade: Adopted | undefined, before: Adopted | undefined, left: readonly Publisher[]): void {
  const places = left.map((each) => {
    const why = each.understanding.understood ? "" : `: ${each.understanding.because}`;
    return `  ${renderPlaceOf(each)}${why}`;
  });
  if (places.length > 0) {
    throw new SlipwayError("workflow-differs", ["a converted workflow would not do what these places do:", ...places], {
      hint: "without --convert, init changes their building lines; --workflow FILE converts one workflow, --beside leaves them",
    });
  }
  if (handMade === undefined || before === undefined) return;
  const from = before.files.join(", ") || "another workflow";
  throw new SlipwayError(
    "refused",
    `.github/workflows/slipway.yml was made from ${from}; converting ${handMade.files.join(", ")}, too, would lose what it releases`,
    { hint: "without --convert, init changes the building lines of the second workflow" },
  );
}

/** The existing workflow and configuration. */
interface Kept {
  readonly before: string | null;
  readonly existing: OwnWorkflow | undefined;
  readonly handMade: Adopted | undefined;
  readonly adopted: Adopted | undefined;
  readonly config: Change | undefined;
}

/** Plans every file of the new workflow. */
async function planFiles(
  host: Host,
  given: {
    readonly sources: InitSources;
    readonly project: Project;
    readonly options: InitSettings;
    readonly notes: string[];
    readonly kept: Kept;
  },
): Promise<{ readonly changes: readonly Change[]; readonly layout: "matrix" | "single" }> {
  const { sources, project, options, notes, kept } = given;
  const { before, existing, handMade, adopted, config } = kept;
  const { jobs, slipwayVersion, shadow } = options;
  const wantsSemanticRelease = !shadow && (options.semanticRelease || existing?.usesSemanticRelease === true);
  const semanticRelease = wantsSemanticRelease
    ? await planSemanticRelease(sources, project, { adopted, jobs, slipwayVersion, notes })
    : undefined;
  addAll(notes, await explainUnplannable(sources, project));
  const facts = await makeFacts(host, sources, project, {
    request: options,
    adopted,
    existing,
    semanticRelease: semanticRelease?.facts,
    notes,
  });
  checkLayout(facts.jobs, adopted);
  const model = planWorkflow(facts);
  const { layout } = model;
  const others: Change[] = [
    ...(config === undefined ? [] : [config]),
    ...planWorkflowFile({ path: model.file, before, after: renderWorkflow(model) }, options, notes),
    ...(await removals(sources, handMade, shadow)),
    ...(semanticRelease === undefined ? [] : [semanticRelease.config]),
  ];
  const written = ["slipway.yaml", model.file, ...others.map((each) => each.path)];
  const decided = { workflow: model.file, layout, usesSemanticRelease: semanticRelease !== undefined, written };
  const guides = options.guides ? await planGuideFiles(host, sources, project, decided) : [];
  return { changes: [...others, ...guides], layout };
}

/**
 * Discovers the project with the planned `slipway.yaml`. A fault in that file is reported as init's own, because the user has not seen the
 * file yet.
 */
async function discoverWith(sources: InitSources, config: Change | undefined): Promise<Project> {
  if (config === undefined) return sources.discover(null);
  return sources.discover(config.after).catch((error: unknown) => {
    throw whileDoing("checking the slipway.yaml that init would write", error);
  });
}

/**
 * Notes on services that the first run could not plan. Leaves out services with generated files, because a step before the build makes
 * those.
 */
async function explainUnplannable({ tree }: InitSources, { services }: Project): Promise<string[]> {
  const found = await findUnplannable(
    services.filter(({ generated }) => generated.length === 0),
    tree,
  );
  return found.map(
    ({ service, because, hint }) =>
      `${service} cannot be planned as it is: ${because}${hint === null ? "" : `; ${hint}`}`,
  );
}

function notCarriedError({ notCarried }: Adopted): SlipwayError {
  return configurationError(
    notCarried.map(({ file, line, message }) => ({ file, line, message: `cannot be carried over: ${message}` })),
    "change the workflow so that it does without, or leave it out with --force; beside the old workflow, `slipway init --shadow --force` shows what would be reused",
  );
}

/**
 * Plans a `slipway.yaml` for settings of a hand-made workflow that differ from the conventions. Never overwrites a file that a person
 * wrote.
 */
async function planConfigFile(
  sources: InitSources,
  shape: Project | undefined,
  adopted: Adopted | undefined,
  notes: string[],
): Promise<Change | undefined> {
  if (adopted === undefined || adopted.services.length === 0) return undefined;
  const found = shape?.services ?? [];
  const names = new Set(adopted.services.map(({ name }) => name));
  const others = found.filter(({ name }) => !names.has(name));
  const plainOf = (each: AdoptedService): Service | undefined => found.find(({ name }) => name === each.name);
  // If one service needs its context or Dockerfile written down, all services must be listed: `services:` with such an entry is the
  // complete list.
  const listsServices = others.length > 0 || adopted.services.some((each) => !liesAt(each, plainOf(each)));
  // With a complete list, Slipway no longer reads services from Compose, bake and the like.
  const isSaidElsewhere = listsServices && shape?.source !== "Dockerfiles";
  const services = await Promise.all(
    adopted.services.map(async (each) => ({
      adopted: each,
      plain: isSaidElsewhere ? undefined : plainOf(each),
      generated: adopted.before.length === 0 ? [] : await readGenerated(sources, each),
    })),
  );
  if (others.length > 0) notes.push(`not released before, and left out: ${others.map(({ name }) => name).join(", ")}`);
  const config = planConfig(services, { gitTag: adopted.gitTag, listsServices });
  if (config === undefined) return undefined;
  const before = await sources.read("slipway.yaml");
  if (before === null || authorshipOf(before) === "generated")
    return { path: "slipway.yaml", before, after: renderConfig(config) };
  notes.push("slipway.yaml is yours and stays as it is");
  return undefined;
}

function liesAt({ context, dockerfile }: AdoptedService, found: Service | undefined): boolean {
  return found !== undefined && found.context === context && found.dockerfile === dockerfile;
}

/** Plans the workflow file. `slipway init --guides` leaves a hand-edited workflow alone, because the user asked only for the guides. */
function planWorkflowFile(change: Change, { guides, semanticRelease }: InitSettings, notes: string[]): Change[] {
  const isTheirs =
    change.before !== null && change.before !== change.after && authorshipOf(change.before) !== "generated";
  if (!guides || semanticRelease || !isTheirs) return [change];
  notes.push(`${change.path} was changed by hand and stays as it is; \`slipway init\` shows what it would write`);
  return [];
}

/** Checks that adoption does not change where images are pushed. */
function checkImages(project: Project, adopted: Adopted): void {
  for (const { name, images } of adopted.services) {
    const found = project.services.find((service) => service.name === name)?.images ?? [];
    const missing = images.filter((image) => !found.some((each) => each === image || each === `docker.io/${image}`));
    if (missing.length === 0) continue;
    throw new SlipwayError(
      "configuration",
      `slipway.yaml sends ${name} to ${found.join(", ")}, the old workflow to ${images.join(", ")}`,
      {
        hint: `write under services.${name} in slipway.yaml: images: [${images.join(", ")}]`,
      },
    );
  }
}

function checkLayout(jobs: "matrix" | "single" | undefined, adopted: Adopted | undefined): void {
  if (jobs !== "matrix" || (adopted?.before.length ?? 0) === 0) return;
  throw new SlipwayError(
    "options-conflict",
    "steps before the build make files, which each job of a matrix would have to make again",
    {
      hint: "use --jobs single",
    },
  );
}

/** Removes the adopted workflows, because the old and the new one together would publish everything twice. */
async function removals(sources: InitSources, adopted: Adopted | undefined, shadow: boolean): Promise<Change[]> {
  if (adopted === undefined || shadow) return [];
  return Promise.all(adopted.files.map(async (path) => ({ path, before: await sources.read(path), after: null })));
}

async function writeAll(root: string, changes: readonly Change[]): Promise<void> {
  for (const { path, before, after } of changes) {
    if (before === after) continue;
    const place = join(root, path);
    if (after === null) await rm(place);
    else {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, after);
    }
  }
}
