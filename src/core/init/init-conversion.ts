import { configurationError, SlipwayError } from "../../errors.ts";
import type { InitDocument } from "../../model/init-document.ts";
import type { Project } from "../../model/service.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { asMap, type YamlValue, yamlTexts } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import type { Adopted } from "../../workflow/adopted.ts";
import {
  type EventComparison,
  type EventReference,
  renderEventComparison,
  renderEventReference,
} from "../../workflow/events/compare-events.ts";
import { eventMap } from "../../workflow/events/workflow-files.ts";
import { mergeAdopted } from "../../workflow/merge-adopted.ts";
import { workflowFile } from "../../workflow/plan-workflow.ts";
import { compareConversion } from "./compare-conversion.ts";
import { eventFacts, type FoundPublishers } from "./find-publishers.ts";
import type { Change } from "./init-document.ts";
import { renderPlaceOf } from "./init-in-place.ts";
import type { InitSources } from "./init-read.ts";

/** Refuses a conversion that leaves a publisher behind: it would publish a second time, or be lost. */
export function checkLeft(left: readonly Publisher[]): void {
  if (left.length === 0) return;
  const places = left.map((each) => {
    return `  ${renderPlaceOf(each)}: ${whyLeft(each)}`;
  });
  throw new SlipwayError("workflow-differs", ["a converted workflow would not do what these places do:", ...places], {
    hint: "without --convert, init changes their building lines; --workflow FILE converts one workflow, --beside leaves them",
  });
}

/** Returns the reason why a conversion does not take a place. */
function whyLeft({ understanding, via, how, workflow }: Publisher): string {
  if (!understanding.understood) return understanding.because;
  const [call] = via;
  if (call !== undefined)
    return `${workflow} reaches it through ${call.name}; write the build into the workflow itself`;
  if (how === "compose") return "the images of a Compose file are built by docker/build-push-action or docker build";
  if (how === "fork") return "a fork of docker's action; --forks lets init change its lines";
  return "it is in no job that builds with docker/build-push-action, docker/bake-action or docker build";
}

export function notCarriedError({ notCarried }: Adopted): SlipwayError {
  return configurationError(
    notCarried.map(({ file, line, message }) => ({ file, line, message: `cannot be carried over: ${message}` })),
    "without --convert, init changes the building lines and keeps all of this; --force leaves it out",
  );
}

/** Adds a workflow to those that the generated one has taken over. */
export function addToExisting(existing: Adopted | undefined, handMade: Adopted): Adopted {
  if (existing === undefined) return handMade;
  const merged = mergeAdopted([existing, handMade]) ?? handMade;
  return { ...merged, name: existing.name, runName: existing.runName ?? handMade.runName, gitTag: handMade.gitTag };
}

/** Files and definitions on both sides of a conversion. */
export interface ConvertedFiles {
  readonly sources: Pick<InitSources, "remote" | "trunk" | "repository" | "tree">;
  readonly found: FoundPublishers;
  readonly handMade: Adopted;
  /** Project of the generated workflow that is there; undefined: there is none. */
  readonly projectBefore: Project | undefined;
  readonly project: Project;
  readonly changes: readonly Change[];
}

/** Compares the events of a conversion. */
export function eventsOfConversion(given: ConvertedFiles): EventComparison {
  const { sources, found, handMade, projectBefore, project, changes } = given;
  const file = workflowFile(false);
  const paths = new Set(sources.tree.paths);
  const files = { paths, read: found.read };
  const changed = new Map(changes.map(({ path, after }) => [path, after]));
  const read = (path: string): string | undefined =>
    changed.has(path) ? (changed.get(path) ?? undefined) : found.read(path);
  const after = { file, files: { paths: new Set([...paths, file]), read }, project };
  const before = projectBefore === undefined ? undefined : { file, files, project: projectBefore };
  const facts = { ...eventFacts(sources), commit: sources.repository.commit };
  return compareConversion({ replaced: handMade.files, files, before, after }, facts);
}

/** The table of events for the document. */
export function describeEvents({ rows }: EventComparison): InitDocument["events"] {
  const texts = (images: readonly EventReference[]): string[] => images.map(renderEventReference);
  return rows.map((row) => ({ event: row.event, before: texts(row.before), after: texts(row.after) }));
}

/** Returns the error for a conversion that publishes other images, with the differing rows; undefined: it publishes the same. */
export function errorOfDifferences(comparison: EventComparison): SlipwayError | undefined {
  if (comparison.outcome !== "different") return undefined;
  const rows = comparison.rows.filter(({ differences }) => differences.length > 0);
  return new SlipwayError(
    "workflow-differs",
    [
      "the converted workflow would publish other images (- lost, + added, ~ on another condition):",
      ...renderEventComparison({ ...comparison, rows }),
    ],
    {
      hint: "without --convert, init changes the building lines and publishes the same; on a terminal, init asks; --force converts all the same",
    },
  );
}

/** Changes workflows that call a replaced one, and refuses those that start after one whose name goes. */
export async function changeCallers(
  sources: Pick<InitSources, "tree" | "read">,
  handMade: Adopted,
  name: string,
): Promise<Change[]> {
  const gone = new Set(handMade.files);
  const others = sources.tree.paths.filter(
    (path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) && !gone.has(path) && path !== workflowFile(false),
  );
  const names = new Set(
    (await Promise.all(handMade.files.map((path) => sources.read(path)))).flatMap((text) => nameOf(text) ?? []),
  );
  const changes = await Promise.all(
    others.map(async (path): Promise<Change[]> => {
      const before = (await sources.read(path)) ?? "";
      checkFollower(path, before, { names, name });
      const after = handMade.files.reduce(
        (text, file) => replaceCall(text, `./${file}`, `./${workflowFile(false)}`),
        before,
      );
      return after === before ? [] : [{ path, before, after }];
    }),
  );
  return changes.flat();
}

function nameOf(text: string | null): string | undefined {
  const name = asMap(readYamlText(text ?? "")?.value as YamlValue | undefined)["name"];
  return typeof name === "string" ? name : undefined;
}

/** Refuses a workflow that starts after a replaced one by a name that goes. */
function checkFollower(
  path: string,
  text: string,
  { names, name }: { names: ReadonlySet<string>; name: string },
): void {
  if (!text.includes("workflow_run")) return;
  const on = eventMap(asMap(readYamlText(text)?.value as YamlValue | undefined));
  const waits = yamlTexts(asMap(on["workflow_run"])["workflows"]).filter((each) => names.has(each) && each !== name);
  const [first] = waits;
  if (first === undefined) return;
  throw new SlipwayError(
    "workflow-differs",
    `${path} starts after the workflow "${first}", whose name would be "${name}"`,
    {
      hint: `name "${name}" in its workflow_run, too, and run init again`,
    },
  );
}

/** Replaces the calls of a workflow; other texts that contain its path stay. */
function replaceCall(text: string, from: string, to: string): string {
  return text
    .split("\n")
    .map((line) => {
      const at = line.indexOf(from);
      const isCall =
        at >= 0 && /\buses\s*:\s*["']?$/.test(line.slice(0, at)) && !/[\w.-]/.test(line[at + from.length] ?? " ");
      return isCall ? line.slice(0, at) + to + line.slice(at + from.length) : line;
    })
    .join("\n");
}
