import { compareConversion } from "../../src/core/init/compare-conversion.ts";
import { parseImageName } from "../../src/model/reference.ts";
import { adoptWorkflow } from "../../src/workflow/adopt/adopt-workflow.ts";
import { parseWorkflow } from "../../src/workflow/adopt/source.ts";
import type { Adopted } from "../../src/workflow/adopted.ts";
import { checkWorkflow } from "../../src/workflow/check-workflow.ts";
import { type EventComparison, renderEventComparison } from "../../src/workflow/events/compare-events.ts";
import type { WorkflowFiles } from "../../src/workflow/events/workflow-files.ts";
import { mergeAdopted } from "../../src/workflow/merge-adopted.ts";
import { planWorkflow, workflowFile } from "../../src/workflow/plan-workflow.ts";
import { renderWorkflow } from "../../src/workflow/render-workflow.ts";
import { makeFacts, platform } from "../../src/workflow/testing/facts.ts";
import { publishersOf } from "./read-case.ts";

/** A conversion: the reasons why it is refused, or what is written and what is published on each event before and after. */
export type Converted =
  | { readonly kind: "refused"; readonly because: readonly string[] }
  | {
      readonly kind: "converted";
      readonly adopted: Adopted;
      readonly text: string;
      readonly faults: readonly string[];
      readonly comparison: EventComparison;
    };

const facts = { repository: "acme/shop", trunk: "main", commit: "5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed" };

/** Converts the workflows that publish, all of them or one. */
export function convert(files: WorkflowFiles, only?: string): Converted {
  const found = publishersOf(files).filter(({ workflow }) => only === undefined || workflow === only);
  const workflows = [...new Set(found.map(({ workflow }) => workflow))].sort();
  const adopted = workflows.map((path) => adopt(files, path));
  const left = workflows.filter((_, index) => adopted[index] === undefined);
  if (left.length > 0) return { kind: "refused", because: left.map((path) => `${path} publishes in other ways`) };
  const merged = mergeAdopted(adopted.flatMap((each) => each ?? []));
  if (merged === undefined) return { kind: "refused", because: ["nothing publishes"] };
  if (merged.notCarried.length > 0)
    return { kind: "refused", because: merged.notCarried.map(({ message }) => message) };
  const text = renderWorkflow(planWorkflow(factsOf(merged)));
  const file = workflowFile(false);
  const read = (path: string): string | undefined =>
    path === file ? text : merged.files.includes(path) ? undefined : files.read(path);
  const services = merged.services.map((service) => {
    const [first, ...others] = service.images.map((image) => parseImageName(image) ?? expectName(image));
    if (first === undefined) throw new Error(`${service.name} has no image`);
    const tags = service.tags ?? { version: [], branch: [] };
    return { name: service.name, group: "default", images: [first, ...others] as const, tags };
  });
  const groups = [{ name: "default", services: services.map(({ name }) => name), tag: merged.gitTag }];
  const after = { file, files: { paths: new Set([...files.paths, file]), read }, project: { services, groups } };
  const comparison = compareConversion({ replaced: merged.files, files, before: undefined, after }, facts);
  return { kind: "converted", adopted: merged, text, faults: checkWorkflow(text), comparison };
}

function expectName(image: string): never {
  throw new Error(`${image} is no image name`);
}

function adopt(files: WorkflowFiles, path: string): Adopted | undefined {
  const source = parseWorkflow(path, files.read(path) ?? "");
  const nameOf = (dockerfile: string, context: string): string =>
    (context === "." ? dockerfile.split("/").at(-2) : context.split("/").at(-1)) ?? "app";
  const { repository, trunk } = facts;
  return source === undefined
    ? undefined
    : adoptWorkflow(source, { repository, trunk, files, nameOf, readsBake: false });
}

function factsOf(adopted: Adopted): ReturnType<typeof makeFacts> {
  return makeFacts({
    adopted,
    tags: [adopted.gitTag],
    services: adopted.services.map(({ name, platforms, images }) => ({
      name,
      platforms: platforms.map((each) => platform(each)),
      needs: [],
      registries: images.map((image) => image.split("/")[0] ?? ""),
    })),
  });
}

/** The rows of a comparison that differ, as they are shown. */
export function differencesOf(comparison: EventComparison): string[] {
  const rows = comparison.rows.filter(({ differences }) => differences.length > 0);
  return renderEventComparison({ ...comparison, rows });
}
