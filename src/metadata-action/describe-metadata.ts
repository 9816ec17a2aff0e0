import {
  asTextValue,
  type Evaluated,
  makeList,
  makeObject,
  makeText,
  makeValue,
  renderText,
  type TextPart,
  textPartsOf,
  unknown,
} from "../expressions/evaluated.ts";
import { inputItems } from "./csv-records.ts";
import { type Flavor, type ImageEntry, readFlavor, readImages } from "./flavor.ts";
import { makeLabels } from "./make-labels.ts";
import { MetadataFault } from "./global-values.ts";
import { type MadeTags, makeTags, sanitized } from "./make-tags.ts";
import { type MetadataRun, readMetadataRun } from "./metadata-run.ts";
import { hasMark } from "./open-texts.ts";
import { readTags, type ReadTag } from "./tag-entries.ts";
import { decidingUnknowns, type Decide, eachWorld, type World } from "./worlds.ts";

/** Step that uses docker/metadata-action, with the values that the action reads. */
export interface MetadataStep {
  /** Inputs by name in lower case; absent ones have the action's defaults. */
  readonly inputs: ReadonlyMap<string, Evaluated>;
  readonly env: ReadonlyMap<string, Evaluated>;
  /** Value of the `github` context. */
  readonly github: Evaluated;
}

/**
 * Tag, with or without an image name, that the action makes. `because`: names of the unknown values that decide whether it does; empty: it always
 * does.
 */
export interface MetadataTag {
  readonly text: Evaluated;
  readonly because: readonly string[];
}

/** Output of the action for one event. */
export interface Metadata {
  /** Tags as `image:tag`; without the input `images`, tags alone. */
  readonly tags: readonly MetadataTag[];
  /** Outputs of the step, by name. */
  readonly outputs: ReadonlyMap<string, Evaluated>;
  /** Reason why the action ends with an error. */
  readonly fault: string | undefined;
}

/** Output of the action under one set of answers to questions about unknown values. */
interface Outcome {
  readonly fault: string | undefined;
  readonly version: string;
  readonly tags: readonly string[];
  readonly names: readonly string[];
}

/** Predicts the output of docker/metadata-action (v5 and v6) from its inputs and an event. Parts that depend on unknown values name them. */
export function describeMetadata(step: MetadataStep): Metadata {
  const run = readMetadataRun(step.github, step.env);
  const read = readInputs(step, run);
  if (typeof read === "string") return failed(read);
  const worlds = eachWorld((decide) => outcomeOf(read, run, decide));
  const [first] = worlds ?? [];
  if (worlds === undefined || first === undefined) {
    return opened("more unknown values than are told apart decide on the tags", step);
  }
  const fault = worlds.every(({ result }) => result.fault !== undefined) ? first.result.fault : undefined;
  if (fault !== undefined) return failed(fault);
  const tags = merged(worlds, ({ tags: each }) => each);
  const names = merged(worlds, ({ names: each }) => each);
  const open = (tag: MergedTag): MetadataTag => ({ text: run.texts.open(tag.text), because: tag.because });
  return {
    tags: tags.map(open),
    fault: undefined,
    outputs: outputsOf(step, run, { version: versionOf(worlds, run), tags: tags.map(open), names: names.map(open) }),
  };
}

interface ReadInputs {
  readonly tags: readonly ReadTag[];
  readonly images: readonly ImageEntry[];
  readonly flavor: Flavor;
}

/** Reads the inputs; a text: the reason why the action refuses them. */
function readInputs({ inputs }: MetadataStep, { texts }: MetadataRun): ReadInputs | string {
  const items = (name: string): string[] | undefined => {
    const value = inputs.get(name);
    return value === undefined ? [] : inputItems(texts.close(value));
  };
  const [tags, images, flavors] = [items("tags"), items("images"), items("flavor")];
  if (tags === undefined || images === undefined || flavors === undefined)
    return "an input has a quote that is not closed";
  const readImage = readImages(images);
  if (typeof readImage === "string") return texts.plain(readImage);
  const flavor = readFlavor(flavors);
  if (typeof flavor === "string") return texts.plain(flavor);
  const wrong = [
    ...readImage.map(({ enable }) => enable),
    flavor.prefixOnLatest,
    flavor.suffixOnLatest,
    ...(flavor.latest === "auto" ? [] : [flavor.latest]),
  ].find((value) => !hasMark(value) && value !== "true" && value !== "false");
  if (wrong !== undefined) return `"${wrong}" stands where the action takes true or false`;
  return { tags: readTags(tags), images: readImage, flavor };
}

function outcomeOf({ tags, images, flavor }: ReadInputs, run: MetadataRun, decide: Decide): Outcome {
  const holds = (text: string, what: string): boolean =>
    hasMark(text) ? decide(what, run.texts.because(text)) : text === "true";
  let made: MadeTags;
  try {
    made = makeTags(tags, { run, flavor, decide });
  } catch (error) {
    if (error instanceof MetadataFault)
      return { fault: run.texts.plain(error.message), version: "", tags: [], names: [] };
    throw error;
  }
  if (made.main === undefined || made.main === "") return { fault: undefined, version: "", tags: [], names: [] };
  const latest = (): string => {
    const prefix = holds(flavor.prefixOnLatest, "onlatest of the prefix") ? flavor.prefix : "";
    const suffix = holds(flavor.suffixOnLatest, "onlatest of the suffix") ? flavor.suffix : "";
    return sanitized(`${prefix}latest${suffix}`);
  };
  const names = [made.main, ...made.partial, ...(made.hasLatest ? [latest()] : [])];
  const enabled = images.filter(({ name, enable }) => holds(enable, `the image ${name}`));
  const tagsOf = ({ name }: ImageEntry): string[] => names.map((tag) => `${name.toLowerCase()}:${tag}`);
  return {
    fault: undefined,
    version: made.main,
    names,
    tags: enabled.length > 0 ? enabled.flatMap(tagsOf) : names,
  };
}

interface MergedTag {
  readonly text: string;
  readonly because: readonly string[];
}

/** Merges the tags of all worlds in their order. A tag that some worlds do not have names the unknown values that decide it. */
function merged(
  worlds: readonly World<Outcome>[],
  select: (outcome: Outcome) => readonly string[],
): readonly MergedTag[] {
  const order: string[] = [];
  for (const { result } of worlds) {
    let place = 0;
    for (const tag of select(result)) {
      const at = order.indexOf(tag);
      if (at >= 0) place = Math.max(place, at + 1);
      else order.splice(place++, 0, tag);
    }
  }
  return order.map((text) => {
    const has = (outcome: Outcome): boolean => select(outcome).includes(text);
    const isCertain = worlds.every(({ result }) => has(result));
    return { text, because: isCertain ? [] : decidingUnknowns(worlds, has) };
  });
}

function versionOf(worlds: readonly World<Outcome>[], run: MetadataRun): Evaluated {
  const versions = new Set(worlds.map(({ result }) => result.version));
  const [first = ""] = versions;
  if (versions.size === 1) return run.texts.open(first);
  const because = [...versions].flatMap((version) => [
    ...run.texts.because(version),
    ...decidingUnknowns(worlds, (outcome) => outcome.version === version),
  ]);
  return makeText([{ because: [...new Set(because)] }]);
}

interface Made {
  readonly version: Evaluated;
  readonly tags: readonly MetadataTag[];
  readonly names: readonly MetadataTag[];
}

function outputsOf(
  step: MetadataStep,
  run: MetadataRun,
  { version, tags, names }: Made,
): ReadonlyMap<string, Evaluated> {
  const separator = (name: string): Evaluated => {
    const given = step.inputs.get(name);
    return given === undefined || renderText(given) === "" ? makeValue("\n") : given;
  };
  const labels = makeLabels(run, version, step.inputs.get("labels"));
  const annotations = makeLabels(run, version, step.inputs.get("annotations"));
  const written = step.env.get("DOCKER_METADATA_ANNOTATIONS_LEVELS");
  const levels = written === undefined ? ["manifest"] : renderText(written).split(",");
  const withLevels = levels.flatMap((level) =>
    annotations.map(({ name, value }) => makeText([`${level}:${name}=`, ...textPartsOf(value)])),
  );
  const lines = labels.map(({ name, value }) => makeText([`${name}=`, ...textPartsOf(value)]));
  const certain = (all: readonly MetadataTag[]): Evaluated =>
    all.every(({ because }) => because.length === 0)
      ? makeList(all.map(({ text }) => text))
      : unknown(all.flatMap(({ because }) => because));
  const json = makeObject({
    tags: certain(tags),
    "tag-names": certain(names),
    labels: makeObject(labels.map(({ name, value }) => [name, value] as const)),
    annotations: makeList(withLevels),
  });
  return new Map<string, Evaluated>([
    ["version", version],
    ["tags", joined(tags, separator("sep-tags"))],
    ["tag-names", joined(names, separator("sep-tags"))],
    ["labels", joined(lines.map(asCertain), separator("sep-labels"))],
    ["annotations", joined(withLevels.map(asCertain), separator("sep-annotations"))],
    ["json", { kind: "text", parts: [{ because: ["the JSON of docker/metadata-action"] }], json }],
    ["bake-file", makeText([{ because: ["the action's bake file"] }])],
    ["bake-file-tags", makeText([{ because: ["the action's bake file of tags"] }])],
    ["bake-file-labels", makeText([{ because: ["the action's bake file of labels"] }])],
    ["bake-file-annotations", makeText([{ because: ["the action's bake file of annotations"] }])],
  ]);
}

function asCertain(text: Evaluated): MetadataTag {
  return { text, because: [] };
}

/** Joins a list to one text. An item that may be absent becomes an unknown part that is the item or empty. */
function joined(items: readonly MetadataTag[], separator: Evaluated): Evaluated {
  return makeText(
    items.flatMap(({ text, because }, index): readonly TextPart[] => {
      const own = textPartsOf(asTextValue(text));
      const both = [...new Set([...(items[index - 1]?.because ?? []), ...because])];
      const between = index === 0 ? [] : optional(textPartsOf(separator), both);
      return [...between, ...optional(own, because)];
    }),
  );
}

function optional(parts: readonly TextPart[], because: readonly string[]): readonly TextPart[] {
  return because.length === 0 ? parts : [{ because, maybe: parts }];
}

function failed(fault: string): Metadata {
  return { tags: [], outputs: openOutputs([`docker/metadata-action refuses its inputs: ${fault}`]), fault };
}

function opened(because: string, step: MetadataStep): Metadata {
  const images = step.inputs.get("images");
  const names = [because, ...(images === undefined ? [] : [renderText(images)])];
  return {
    tags: [{ text: makeText([{ because: names }]), because: [] }],
    outputs: openOutputs(names),
    fault: undefined,
  };
}

function openOutputs(because: readonly string[]): ReadonlyMap<string, Evaluated> {
  const names = ["version", "tags", "tag-names", "labels", "annotations", "json"];
  return new Map(names.map((name) => [name, makeText([{ because }])]));
}
