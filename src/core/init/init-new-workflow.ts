import { addAll } from "../../model/lists.ts";
import { SlipwayError, whileDoing } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { InitDocument } from "../../model/init-document.ts";
import type { Project } from "../../model/service.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { checkWorkflow } from "../../workflow/check-workflow.ts";
import { parseWorkflow } from "../../workflow/adopt/source.ts";
import type { Adopted } from "../../workflow/adopted.ts";
import { authorshipOf } from "../../workflow/marker.ts";
import { planWorkflow, workflowFile } from "../../workflow/plan-workflow.ts";
import { type OwnWorkflow, readOwnWorkflow } from "../../workflow/read-back.ts";
import { renderWorkflow } from "../../workflow/render-workflow.ts";
import { findUnplannable } from "../workspace/find-unplannable.ts";
import { eventFacts, type FoundPublishers } from "./find-publishers.ts";
import { describePublishers, renderPlaceOf } from "./init-in-place.ts";
import { checkImages, planConfigFile } from "./init-config.ts";
import {
  changeCallers,
  checkLeft,
  eventsOfConversion,
  describeEvents,
  errorOfDifferences,
  addToExisting,
  notCarriedError,
} from "./init-conversion.ts";
import { type Change, describeInit } from "./init-document.ts";
import type { InitSettings } from "./init-settings.ts";
import { makeFacts } from "./init-facts.ts";
import { planGuideFiles } from "./init-guides.ts";
import { readAdopted } from "./init-adopt.ts";
import { discoverShape, type InitSources } from "./init-read.ts";
import { releasedTable } from "./released-table.ts";
import { findReleaserc, planSemanticRelease } from "./init-semantic-release.ts";

/** New workflow with its other files, as a document and as changes. */
export interface NewWorkflow {
  readonly document: InitDocument;
  readonly changes: readonly Change[];
  /** Refusal unless a person agrees; undefined: nothing else is published than before. */
  readonly difference: SlipwayError | undefined;
}

/** Plans the workflow that plans, builds and releases, with what it takes over from others. */
export async function planNewWorkflow(
  host: Host,
  { sources, found, publishers }: { sources: InitSources; found: FoundPublishers; publishers: readonly Publisher[] },
  options: InitSettings,
): Promise<NewWorkflow> {
  const shape = await discoverShape(sources);
  const path = workflowFile(options.shadow);
  const before = await sources.read(path);
  const source = before === null ? undefined : parseWorkflow(path, before);
  const existing = source === undefined || before === null ? undefined : readOwnWorkflow(source, before);
  const handMade = options.beside ? undefined : await readAdopted(sources, { shape, found, only: options.workflow });
  const left = publishers.filter(({ workflow }) => handMade?.files.includes(workflow) !== true);
  if (options.convert && !options.beside) checkLeft(left);
  const isAdded = options.convert && handMade !== undefined && existing !== undefined;
  const adopted =
    handMade === undefined ? existing?.adopted : addToExisting(isAdded ? existing.adopted : undefined, handMade);
  if (adopted !== undefined && adopted.notCarried.length > 0 && !options.force) throw notCarriedError(adopted);
  const notes = left.map((each) => `${renderPlaceOf(each)} publishes beside the new workflow`);
  const projectBefore = isAdded ? await sources.discover(null) : undefined;
  const config = await planConfigFile(sources, { shape, adopted: handMade, before: projectBefore, notes });
  const project = await discoverWith(sources, config);
  if (handMade !== undefined) checkImages(project, handMade);
  const kept = { before, existing, handMade, adopted, config };
  const { changes, layout } = await planFiles(host, { sources, project, options, notes, kept });
  const comparison =
    handMade === undefined || options.shadow
      ? undefined
      : eventsOfConversion({ sources, found, handMade, projectBefore, project, changes });
  const document = describeInit(project, {
    changes,
    adopted: handMade,
    releaserc: await findReleaserc(sources),
    notes,
    events: comparison === undefined ? [] : describeEvents(comparison),
    publishers: describePublishers(left.map((publisher) => ({ publisher, because: null, isTaken: false }))),
    layout,
    shadow: options.shadow,
  });
  const difference = comparison === undefined || options.force ? undefined : errorOfDifferences(comparison);
  return { document, changes, difference };
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
  await checkPlannable(sources, project, { notes, isConverted: handMade !== undefined && !options.force });
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
  const after = renderWorkflow(model);
  checkWritten(after);
  const others: Change[] = [
    ...(config === undefined ? [] : [config]),
    ...planWorkflowFile({ path: model.file, before, after }, options, notes),
    ...(handMade === undefined || shadow ? [] : await changeCallers(sources, handMade, model.name)),
    ...(await removals(sources, handMade, shadow)),
    ...(semanticRelease === undefined ? [] : [semanticRelease.config]),
  ];
  const written = ["slipway.yaml", model.file, ...others.map((each) => each.path)];
  const generated = { paths: new Set([model.file]), read: (path: string) => (path === model.file ? after : undefined) };
  const releasedOn =
    adopted === undefined
      ? undefined
      : [...releasedTable({ file: model.file, files: generated, project }, eventFacts(sources))]
          .filter(([, images]) => images.length > 0)
          .map(([event]) => event);
  const decided = {
    workflow: model.file,
    layout,
    releasedOn,
    usesSemanticRelease: semanticRelease !== undefined,
    written,
  };
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
 * Notes services that the first run could not plan, and refuses to convert to them. Leaves out services with generated files, because a step
 * before the build makes those.
 */
async function checkPlannable(
  { tree }: InitSources,
  { services }: Project,
  { notes, isConverted }: { readonly notes: string[]; readonly isConverted: boolean },
): Promise<void> {
  const found = await findUnplannable(
    services.filter(({ generated }) => generated.length === 0),
    tree,
  );
  const lines = found.map(
    ({ service, because, hint }) =>
      `${service} cannot be planned as it is: ${because}${hint === null ? "" : `; ${hint}`}`,
  );
  if (!isConverted || lines.length === 0) return addAll(notes, lines);
  throw new SlipwayError("configuration", lines, {
    hint: "mend this first, or leave the service out with `ignore` in slipway.yaml; without --convert, init changes the building lines",
  });
}

/** Refuses a workflow that GitHub would refuse. */
function checkWritten(text: string): void {
  const faults = checkWorkflow(text);
  if (faults.length === 0) return;
  throw new SlipwayError(
    "configuration",
    ["checking the workflow that init would write:", ...faults.map((each) => `  ${each}`)],
    {
      hint: "nothing was written; without --convert, init changes the building lines alone",
    },
  );
}

/** Plans the workflow file. `slipway init --guides` leaves a hand-edited workflow alone, because the user asked only for the guides. */
function planWorkflowFile(change: Change, { guides, semanticRelease }: InitSettings, notes: string[]): Change[] {
  const isTheirs =
    change.before !== null && change.before !== change.after && authorshipOf(change.before) !== "generated";
  if (!guides || semanticRelease || !isTheirs) return [change];
  notes.push(`${change.path} was changed by hand and stays as it is; \`slipway init\` shows what it would write`);
  return [];
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
