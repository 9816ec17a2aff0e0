import type { Evaluated } from "../expressions/evaluated.ts";
import { inputItems } from "./csv-records.ts";
import { expand } from "./global-values.ts";
import type { MetadataRun } from "./metadata-run.ts";

/** Label or annotation; its value may have unknown parts. */
export interface MetadataLabel {
  readonly name: string;
  readonly value: Evaluated;
}

/** Makes the labels that describe a build, and those of an input, by name. Source: docker/metadata-action, `getOCIAnnotationsWithCustoms`. */
export function makeLabels(run: MetadataRun, version: Evaluated, input: Evaluated | undefined): MetadataLabel[] {
  const { texts } = run;
  const own = {
    title: run.repositoryName,
    description: run.description,
    url: run.repositoryUrl,
    source: run.repositoryUrl,
    version: texts.close(version),
    created: texts.mark("now", ["the time of the run"]),
    revision: run.sha,
    licenses: run.license,
  };
  const lines = [
    ...Object.entries(own).map(([name, value]) => `org.opencontainers.image.${name}=${value}`),
    ...(input === undefined ? [] : (inputItems(texts.close(input)) ?? [])).map((item) => expand(item, { run })),
  ];
  const labels = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf("=");
    // The action ignores a line without `=`.
    if (at >= 0) labels.set(line.slice(0, at), line.slice(at + 1));
  }
  const collator = new Intl.Collator("en");
  return [...labels]
    .map(([name, value]) => ({ name: texts.plain(name), value: texts.open(value) }))
    .sort((left, right) => collator.compare(left.name, right.name));
}
