import { addAll } from "../model/lists.ts";
import { asMap, yamlText } from "../formats/yaml-data.ts";
import type { ShellText } from "../shell/expand-word.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import { tagsOfBake } from "./bake-tags.ts";
import { collectCommands, type PlacedCommand } from "./collect-commands.ts";
import { composeImages } from "./compose-images.ts";
import type { WrittenBuild, ImageCommand, Certainty, PublisherKind, TagText } from "./image-command.ts";
import { hasTag, nameOfReference } from "./image-names.ts";
import { whyNotCalled } from "./local-file.ts";
import type { Link, SourcePlace, PublishedImages, StepAddress } from "./publisher.ts";
import type { JobRun } from "./step-run.ts";

/** One place of a job that publishes, with its images. */
export interface PublishingPlace {
  readonly place: SourcePlace;
  readonly via: readonly Link[];
  readonly address: StepAddress | undefined;
  readonly step: string;
  readonly how: PublisherKind;
  readonly builds: boolean;
  readonly settings: WrittenBuild | undefined;
  /** Working folder of the command. */
  readonly folder: string;
  /** Names of the image that it builds. */
  readonly tags: readonly ShellText[];
  readonly images: readonly PublishedImages[];
  /** Reason why its images cannot be read; undefined: they can. */
  readonly because: string | undefined;
}

interface Draft {
  readonly places: DraftPlace[];
  readonly names: [from: string, to: ShellText][];
  readonly files: WorkflowFiles;
  hasLogin: boolean;
}

interface DraftPlace extends Omit<PublishingPlace, "images" | "tags"> {
  readonly tags: ShellText[];
  readonly images: PublishedImages[];
  /** Whether the place is listed only if the job logs in to a registry or pushes. */
  readonly needsLogin: boolean;
}

/** Gathers the images of a job by the place that builds them, or that pushes them if no place of the job builds them. */
export function gatherPlaces(job: JobRun, files: WorkflowFiles): readonly PublishingPlace[] {
  const draft: Draft = { places: [], names: [], files, hasLogin: mayWritePackages(job) };
  if (job.starts === false || job.runs === false) return [];
  if (job.steps.length === 0) return remoteWorkflow(job, files);
  const around = [job.starts, job.runs];
  for (const step of job.steps) {
    if (step.runs === false) continue;
    for (const placed of collectCommands(step, files)) take(draft, placed, around);
  }
  return draft.places.filter(({ needsLogin }) => !needsLogin || draft.hasLogin);
}

function mayWritePackages(job: JobRun): boolean {
  const permissions = job.value["permissions"] ?? job.source.value["permissions"];
  return permissions === "write-all" || asMap(permissions)["packages"] === "write";
}

function take(draft: Draft, placed: PlacedCommand, jobRuns: readonly Certainty[]): void {
  const { command } = placed;
  const around: Certainty[] = [...jobRuns, placed.step.runs, ...placed.conditions.map((each) => ({ because: [each] }))];
  switch (command.kind) {
    case "login":
      draft.hasLogin = true;
      return;
    case "build":
      return void draft.places.push({
        ...placeOf(placed, command.how, true),
        settings: command.settings,
        tags: [...command.tags],
        images: publishedBy(command.tags, [...around, command.pushes]),
      });
    case "bake":
      return void draft.places.push({
        ...placeOf(placed, command.how, true),
        tags: [],
        images: publishedBy(tagsOfBake(command, placed, draft.files) ?? [bakeTags(command)], [
          ...around,
          command.pushes,
        ]),
      });
    case "compose":
      return takeCompose(draft, placed, command, around);
    case "tag":
      draft.names.push([command.from.text, command.to]);
      return;
    case "push":
      return takePush(draft, placed, command, around);
    case "merge":
      return void draft.places.push({
        ...placeOf(placed, command.how, false),
        tags: [],
        images: publishedBy(command.tags.length === 0 ? [nameless] : command.tags, around),
      });
    case "opaque":
      return void draft.places.push({
        ...placeOf(placed, command.how, true),
        tags: [],
        images: [],
        because: command.because,
        needsLogin: !command.isSure,
      });
    case "script":
    case "make":
    case "package-script":
    case "inline":
      return takeUnread(draft, placed, command);
  }
}

const nameless: ShellText = { text: "‹an image›", unknown: ["‹an image›"] };

function placeOf(placed: PlacedCommand, how: PublisherKind, builds: boolean): Omit<DraftPlace, "tags" | "images"> {
  const { place, via, step } = placed;
  const { source, path, value } = step;
  const [first = ""] = yamlText(value["run"]).split("\n", 1);
  const named = [value["name"], value["id"], value["uses"], first]
    .map((each) => yamlText(each))
    .find((each) => each !== "");
  return {
    place,
    via,
    address: { file: source.file, path },
    step: named ?? "",
    how,
    builds,
    settings: undefined,
    folder: placed.folder.text,
    because: undefined,
    needsLogin: false,
  };
}

/** Adds the conditions to the images; returns none if a condition is false. Images for a registry on the job's own machine are left out. */
function publishedBy(tags: readonly TagText[], conditions: readonly Certainty[]): PublishedImages[] {
  const elsewhere = tags.filter(({ text }) => !/^(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(text));
  if (conditions.includes(false)) return [];
  const around = conditions.flatMap((each) => (typeof each === "boolean" ? [] : each.because));
  return elsewhere.map(({ text, unknown, perhaps = [] }) => ({
    images: [{ reference: unknown.length > 0 || hasTag(text) ? text : `${text}:latest`, unknown }],
    // A tag that is one unknown value is none where the value is empty; its name says so already.
    perhaps: [...new Set([...around, ...perhaps.filter((name) => !text.includes(`‹${name}›`))])],
  }));
}

/** Stands for the tags of a bake's targets where only Docker can evaluate its files. */
function bakeTags({ files, targets }: ImageCommand & { kind: "bake" }): ShellText {
  const named = targets.length === 0 ? "default" : targets.map(({ text }) => text).join(", ");
  const from = files.length === 0 ? "the bake file" : files.map(({ text }) => text).join(", ");
  const text = `‹tags of ${named} in ${from}›`;
  return { text, unknown: [text] };
}

function takeCompose(
  draft: Draft,
  placed: PlacedCommand,
  command: ImageCommand & { kind: "compose" },
  around: readonly Certainty[],
): void {
  const images = composeImages(command, placed, draft.files);
  const earlier = draft.places.find(({ how }) => how === "compose");
  if (command.builds) {
    const place = { ...placeOf(placed, "compose", true), tags: [...images] };
    draft.places.push({ ...place, images: publishedBy(images, [...around, command.pushes]) });
  } else if (earlier === undefined) {
    draft.places.push({ ...placeOf(placed, "compose", false), tags: [], images: publishedBy(images, around) });
  } else addAll(earlier.images, publishedBy(images, around));
  if (command.pushes !== false) draft.hasLogin = true;
}

/** Assigns a push to the place that built the pushed image, or to a place of its own if no place of the job built it. */
function takePush(
  draft: Draft,
  placed: PlacedCommand,
  command: ImageCommand & { kind: "push" },
  around: readonly Certainty[],
): void {
  draft.hasLogin = true;
  const left: ShellText[] = [];
  for (const image of command.images) {
    const origins = draft.places.filter(({ tags, builds }) => builds && isMadeBy(draft, tags, image, command.allTags));
    for (const { images, tags } of origins) {
      const pushed = command.allTags || !hasTag(image.text) ? namedAs(draft, tags, image, command.allTags) : [image];
      addAll(images, publishedBy(pushed, around));
    }
    if (origins.length === 0) left.push(image);
  }
  if (left.length === 0) return;
  draft.places.push({ ...placeOf(placed, command.how, false), tags: [], images: publishedBy(left, around) });
}

function isMadeBy(draft: Draft, tags: readonly ShellText[], image: ShellText, allTags: boolean): boolean {
  return namedAs(draft, tags, image, allTags).length > 0;
}

/** Returns the names of a built image that a push of `image` pushes. */
function namedAs({ names }: Draft, tags: readonly ShellText[], image: ShellText, allTags: boolean): ShellText[] {
  const own = tags.map(({ text }) => text);
  const aliases = names
    .filter(([from]) => own.some((each) => withLatest(each) === withLatest(from)))
    .map(([, to]) => to);
  return [...tags, ...aliases].filter(({ text }) =>
    allTags ? nameOfReference(text) === nameOfReference(image.text) : withLatest(text) === withLatest(image.text),
  );
}

function withLatest(reference: string): string {
  return hasTag(reference) || reference.includes("$") || reference.includes("‹") ? reference : `${reference}:latest`;
}

/** Records a script or a makefile target that could not be followed. */
function takeUnread(
  draft: Draft,
  placed: PlacedCommand,
  command: ImageCommand & { kind: "script" | "make" | "package-script" | "inline" },
): void {
  const named = nameOfUnread(command);
  if (!/docker|image|container|push|publish|release|oci|registry|build/i.test(named)) return;
  const how = command.kind === "make" ? "make" : command.kind === "package-script" ? "task-runner" : "script";
  draft.places.push({
    ...placeOf(placed, how, true),
    tags: [],
    images: [],
    because: draft.files.paths.has(named.replace(/^\.\//, ""))
      ? `what ${named} runs cannot be followed`
      : `${named} cannot be read here`,
    needsLogin: true,
  });
}

function nameOfUnread(command: ImageCommand & { kind: "script" | "make" | "package-script" | "inline" }): string {
  switch (command.kind) {
    case "script":
      return command.path.text;
    case "make":
      return `make ${command.targets.map(({ text }) => text).join(" ")}`.trim();
    case "package-script":
      return `the script "${command.name.text}"`;
    case "inline":
      return `the command ${command.text.text.slice(0, 60)}`;
  }
}

/** Returns a place for a call of a workflow that cannot be read, if that workflow could publish. */
function remoteWorkflow(job: JobRun, files: WorkflowFiles): PublishingPlace[] {
  const uses = yamlText(job.value["uses"]);
  if (uses === "" || !mayPublish(job, uses)) return [];
  return [
    {
      place: job.source.placeOf([...job.path, "uses"]),
      via: job.via,
      address: undefined,
      step: uses,
      how: "remote-workflow",
      builds: true,
      settings: undefined,
      folder: ".",
      tags: [],
      images: [],
      because: whyNotCalled(uses, files),
    },
  ];
}

function mayPublish(job: JobRun, uses: string): boolean {
  if (uses.startsWith("./")) return true;
  // The SLSA generator only attests existing images.
  if (uses.startsWith("slsa-framework/slsa-github-generator/")) return false;
  const inputs = Object.entries(asMap(job.value["with"])).flatMap(([name, value]) => [name, yamlText(value)]);
  const words = [uses, job.id, ...inputs].join(" ");
  return mayWritePackages(job) || /docker|image|container|registry|ghcr|\becr\b|buildx|\boci\b/i.test(words);
}
