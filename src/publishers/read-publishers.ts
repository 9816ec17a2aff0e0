import { type YamlValue, yamlTexts } from "../formats/yaml-data.ts";
import { gatherPlaces, type PublishingPlace } from "./gather-places.ts";
import type { RepositoryTexts } from "./collect-commands.ts";
import type { Publisher, PublishedImages } from "./publisher.ts";
import { parseSource } from "./source-file.ts";
import { writtenRuns } from "./written-runs.ts";
import type { JobRun } from "./step-run.ts";

/** Every place of a repository that publishes images, in the order of files and lines. */
export function readPublishers(files: RepositoryTexts): readonly Publisher[] {
  const workflows = [...files.paths].filter(isWorkflow).sort();
  return workflows.flatMap((file) => readWorkflow(file, files));
}

function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path);
}

function readWorkflow(file: string, files: RepositoryTexts): readonly Publisher[] {
  const text = files.read(file);
  if (text === undefined) return [];
  const source = parseSource(file, text);
  if (source === undefined) return [unreadable(file)];
  if (isOnlyCalled(source.value["on"] ?? source.value["true"]) && isCalled(file, files)) return [];
  return writtenRuns(source, files).flatMap((job) =>
    gatherPlaces(job, files)
      .filter(publishes)
      .map((place) => asPublisher(job, place)),
  );
}

/** A workflow that others call is read where they call it. */
function isOnlyCalled(on: YamlValue | undefined): boolean {
  const events = typeof on === "object" && on !== null && !Array.isArray(on) ? Object.keys(on) : yamlTexts(on);
  return events.length === 1 && events[0] === "workflow_call";
}

function isCalled(file: string, files: RepositoryTexts): boolean {
  const others = [...files.paths].filter((path) => path !== file && isWorkflow(path));
  return others.some((path) => files.read(path)?.includes(`./${file}`) === true);
}

function publishes({ images, because }: PublishingPlace): boolean {
  return because !== undefined || images.length > 0;
}

function unreadable(file: string): Publisher {
  return {
    place: { file, line: 1, column: 1 },
    workflow: file,
    job: "",
    step: "",
    address: undefined,
    how: "unreadable",
    builds: true,
    via: [],
    understanding: { understood: false, because: "the file is not valid YAML" },
  };
}

function asPublisher(job: JobRun, found: PublishingPlace): Publisher {
  const { place, via, address, step, how, builds, because, images } = found;
  return {
    place,
    workflow: job.workflow,
    job: job.id,
    step,
    address,
    how,
    builds,
    via,
    understanding:
      because === undefined ? { understood: true, publishes: { any: join(images) } } : { understood: false, because },
  };
}

function join(images: readonly PublishedImages[]): PublishedImages {
  return { images: images.flatMap((each) => each.images), perhaps: images.flatMap((each) => each.perhaps) };
}
