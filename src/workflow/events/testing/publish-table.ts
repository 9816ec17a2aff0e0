import { renderText } from "../../../expressions/evaluated.ts";
import { yamlText } from "../../../formats/yaml-data.ts";
import type { EventReference } from "../compare-events.ts";
import type { EventStep } from "../event-job.ts";
import { evaluateWorkflow } from "../evaluate-workflow.ts";
import { publishEvents } from "../list-events.ts";

const file = ".github/workflows/images.yml";

/** Makes the table of events for a workflow that publishes by docker/build-push-action alone. */
export function publishTable(text: string): Map<string, EventReference[]> {
  const files = { paths: new Set([file]), read: (path: string) => (path === file ? text : undefined) };
  const table = new Map<string, EventReference[]>();
  for (const event of publishEvents({ repository: "acme/shop", trunk: "main", commit: "0123456789abcdef" })) {
    const { jobs } = evaluateWorkflow(file, event, files);
    const images = jobs.flatMap(({ runs, steps }) =>
      steps.flatMap((step) => {
        if (step.runs === false) return [];
        const perhaps = [runs, step.runs].flatMap((each) => (typeof each === "boolean" ? [] : each.because));
        return pushedBy(step).map((reference) => eventReference(reference, perhaps));
      }),
    );
    table.set(event.title, [...(table.get(event.title) ?? []), ...images]);
  }
  return table;
}

function pushedBy({ value, inputs }: EventStep): string[] {
  const push = inputs.get("push");
  if (!yamlText(value["uses"]).startsWith("docker/build-push-action") || push === undefined) return [];
  if (renderText(push) !== "true") return [];
  const tags = inputs.get("tags");
  return tags === undefined
    ? []
    : renderText(tags)
        .split(/[\n,]/)
        .filter((line) => line !== "");
}

/** Converts a reference to the form of the workflow reader: `‹image if name›` is an image that is published only if `name` holds. */
export function eventReference(text: string, perhaps: readonly string[] = []): EventReference {
  const [, reference, names] = /^‹(.*) if ([^‹›]*)›$/s.exec(text) ?? [];
  if (reference === undefined || names === undefined) return { reference: text, perhaps };
  return { reference, perhaps: [...perhaps, ...names.split(", ")] };
}
