import { addTo } from "../../model/lists.ts";
import { asMap, type YamlValue, yamlText } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { type EditedFile, editSteps } from "./edit-steps.ts";
import { type EditedBuilds, notesOnChanges } from "./in-place-notes.ts";
import { conditionSigners } from "./signing-steps.ts";
import type { ActionPin, StepChange, StepPath } from "./step-change.ts";
import { type BuildRoute, chooseRoute } from "./build-route.ts";
import { valueAt } from "./yaml-path.ts";

/** Publisher that is left unchanged, with the reason. */
export interface LeftPublisher {
  readonly publisher: Publisher;
  readonly because: string;
}

/** Changes of existing workflows and actions by `init`. */
export interface InPlacePlan {
  readonly files: readonly { readonly file: string; readonly before: string; readonly after: string }[];
  /** Publishers that go through Slipway after the changes, or did so before. */
  readonly taken: readonly Publisher[];
  readonly left: readonly LeftPublisher[];
  /** Notes for a person: facts to know and actions to take. */
  readonly notes: readonly string[];
}

export interface InPlaceOptions {
  readonly pin: ActionPin;
  /** Whether steps that use forks of docker's actions are changed, too. */
  readonly forks: boolean;
  readonly read: (file: string) => string | undefined;
}

interface PlannedPublisher {
  readonly publisher: Publisher;
  readonly way: BuildRoute;
}

/** Plans changes of the steps that build, and of those that sign what is built. */
export function planInPlace(publishers: readonly Publisher[], options: InPlaceOptions): InPlacePlan {
  const planned = publishers.map((publisher) => ({ publisher, way: chooseRoute(publisher, publishers, options) }));
  const byFile = new Map<string, PlannedPublisher[]>();
  for (const each of planned) {
    const file = each.publisher.address?.file;
    if (file !== undefined && (each.way.kind === "use" || each.way.kind === "set-up")) addTo(byFile, file, each);
  }
  const refused = new Map<string, string>();
  const files: { file: string; before: string; after: string }[] = [];
  const edited: EditedBuilds[] = [];
  for (const [file, of] of byFile) {
    const before = options.read(file) ?? "";
    const { result, ...builds } = editFile(before, of, options.pin);
    if (result.kind === "refused") refused.set(file, result.because);
    else if (result.text !== before) {
      files.push({ file, before, after: result.text });
      edited.push({ file, ...builds });
    }
  }
  const results = planned.map(({ publisher, way }) => {
    const because =
      way.kind === "left"
        ? way.because
        : way.kind === "nothing"
          ? undefined
          : refused.get(publisher.address?.file ?? "");
    return { publisher, because };
  });
  return {
    files: files.toSorted((left, right) => (left.file < right.file ? -1 : 1)),
    taken: results.flatMap(({ publisher, because }) => (because === undefined ? [publisher] : [])),
    left: results.flatMap(({ publisher, because }) => (because === undefined ? [] : [{ publisher, because }])),
    notes: notesOnChanges(edited, publishers, options),
  };
}

/** Edits a file. Where a step that signs cannot be edited, the builds are all the same, and that step is named. */
function editFile(
  before: string,
  of: readonly PlannedPublisher[],
  pin: ActionPin,
): { readonly result: EditedFile } & Omit<EditedBuilds, "file"> {
  const whole = readYamlText(before)?.value as YamlValue | undefined;
  const builds = buildSteps(of);
  const changes = changesOf(whole, of);
  const signing = conditionSigners(whole, builds);
  const result = editSteps(before, [...changes, ...signing.changes], pin);
  const hasConditions = signing.changes.length > 0;
  if (result.kind === "edited" || !hasConditions)
    return { result, builds, hasConditions, unchanged: signing.unchanged };
  const refused = signing.changes.flatMap((change) =>
    change.kind === "condition"
      ? [{ path: change.path, advice: `${result.because}, so add the condition ${change.condition} yourself` }]
      : [],
  );
  const alone = editSteps(before, changes, pin);
  return { result: alone, builds, hasConditions: false, unchanged: [...signing.unchanged, ...refused] };
}

function changesOf(whole: YamlValue | undefined, of: readonly PlannedPublisher[]): StepChange[] {
  const changes = new Map<string, StepChange>();
  for (const { publisher, way } of of) {
    const path = publisher.address?.path ?? [];
    if (way.kind === "use") {
      changes.set(`use ${path.join(".")}`, { kind: "use", path, action: way.action });
    } else if (way.kind === "set-up") {
      const list = path.slice(0, -1);
      const key = `setup ${list.join(".")}`;
      const before = changes.get(key);
      const isFirst = before === undefined || Number(path.at(-1)) < Number(before.path.at(-1));
      if (isFirst && !isSetUp(valueAt(whole, list))) changes.set(key, { kind: "set-up", path });
    }
  }
  return [...changes.values()];
}

/** Paths of the steps of a file that become Slipway's, or are already. */
function buildSteps(of: readonly PlannedPublisher[]): StepPath[] {
  return of.flatMap(({ publisher: { how, address }, way }) =>
    address !== undefined && (way.kind === "use" || how === "slipway") ? [address.path] : [],
  );
}

function isSetUp(steps: YamlValue | undefined): boolean {
  return (
    Array.isArray(steps) &&
    (steps as readonly YamlValue[]).some(
      (step) => /\/setup@/.test(yamlText(asMap(step)["uses"])) && /slipway/.test(yamlText(asMap(step)["uses"])),
    )
  );
}
