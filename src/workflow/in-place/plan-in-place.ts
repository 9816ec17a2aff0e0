import { addAll, addTo } from "../../model/lists.ts";
import { asMap, type YamlMap, type YamlValue, yamlText, yamlTexts } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import type { PublisherKind } from "../../publishers/image-command.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { editSteps } from "./edit-steps.ts";
import type { ActionPin, StepChange, StepPath } from "./step-change.ts";

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

/** Method by which a publisher's builds are routed through Slipway; `left`: they are not, with the reason. */
type Way =
  | { readonly kind: "use"; readonly action: "build-push" | "bake" }
  | { readonly kind: "set-up" }
  /** No change: the publisher only pushes or tags an image of another place, or uses Slipway already. */
  | { readonly kind: "nothing" }
  | { readonly kind: "left"; readonly because: string };

/** Plans changes of the steps that build, and of no other lines. */
export function planInPlace(publishers: readonly Publisher[], options: InPlaceOptions): InPlacePlan {
  const planned = publishers.map((publisher) => ({ publisher, way: wayOf(publisher, options) }));
  const byFile = new Map<string, { publisher: Publisher; way: Way }[]>();
  for (const each of planned) {
    const file = each.publisher.address?.file;
    if (file !== undefined && (each.way.kind === "use" || each.way.kind === "set-up")) addTo(byFile, file, each);
  }
  const refused = new Map<string, string>();
  const files: { file: string; before: string; after: string }[] = [];
  for (const [file, of] of byFile) {
    const before = options.read(file) ?? "";
    const edited = editSteps(before, changesOf(before, of), options.pin);
    if (edited.kind === "refused") refused.set(file, edited.because);
    else if (edited.text !== before) files.push({ file, before, after: edited.text });
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
    notes: notesOn(files.length > 0 ? planned.map(({ publisher }) => publisher) : [], options),
  };
}

function wayOf(publisher: Publisher, { forks, read }: InPlaceOptions): Way {
  const { how, builds, understanding, address } = publisher;
  if (!builds) return { kind: "nothing" };
  const own = wayOfKind(how, forks, address === undefined ? "" : usesOf(read(address.file), address.path));
  const because = understanding.understood ? undefined : understanding.because;
  if (own.kind === "left" && because !== undefined) return { kind: "left", because };
  if (own.kind === "set-up" && address !== undefined) {
    const obstacle = obstacleOf(read(address.file), address.path);
    if (obstacle !== undefined) return { kind: "left", because: obstacle };
  }
  return own;
}

function wayOfKind(how: PublisherKind, forks: boolean, uses: string): Way {
  switch (how) {
    case "build-push-action":
      return { kind: "use", action: "build-push" };
    case "bake-action":
      return { kind: "use", action: "bake" };
    case "fork":
      return forks
        ? { kind: "use", action: /bake/.test(uses) ? "bake" : "build-push" }
        : { kind: "left", because: `${uses} is a fork of docker's action; --forks changes it, too` };
    case "slipway":
      return { kind: "nothing" };
    case "docker":
    case "bake":
    case "compose":
    case "goreleaser":
    case "make":
    case "script":
    case "task-runner":
    case "remote-action":
      return { kind: "set-up" };
    case "imagetools":
    case "copy":
      return { kind: "nothing" };
    case "buildah":
    case "podman":
    case "nerdctl":
    case "kaniko":
    case "ko":
    case "jib":
    case "nix":
    case "other-builder":
      return { kind: "left", because: `${how === "other-builder" ? "its builder" : how} does not build with docker` };
    case "remote-workflow":
      return { kind: "left", because: "the workflow that it calls is not followed" };
    case "unreadable":
      return { kind: "left", because: "the file is not valid YAML" };
  }
}

function usesOf(text: string | undefined, path: StepPath): string {
  const read = text === undefined ? undefined : readYamlText(text);
  return yamlText(asMap(at(read?.value as YamlValue | undefined, path))["uses"]);
}

function at(value: YamlValue | undefined, path: StepPath): YamlValue | undefined {
  return path.reduce<YamlValue | undefined>(
    (within, key) =>
      Array.isArray(within) ? (within as readonly YamlValue[])[Number(key)] : asMap(within)[String(key)],
    value,
  );
}

/** Returns the reason why docker's builds in a job cannot go through Slipway's plugin. */
function obstacleOf(text: string | undefined, path: StepPath): string | undefined {
  const read = text === undefined ? undefined : readYamlText(text);
  const whole = read?.value as YamlValue | undefined;
  const job = asMap(at(whole, path.slice(0, 2)));
  const step = asMap(at(whole, path));
  const env = { ...asMap(asMap(whole)["env"]), ...asMap(job["env"]), ...asMap(step["env"]) };
  if (yamlText(env["DOCKER_BUILDKIT"]) === "0") return "DOCKER_BUILDKIT=0 builds without buildx";
  if (path[0] === "jobs" && yamlTexts(job["runs-on"]).some((label) => /windows/i.test(label)))
    return "docker on Windows builds without buildx";
  return undefined;
}

function changesOf(text: string, of: readonly { readonly publisher: Publisher; readonly way: Way }[]): StepChange[] {
  const whole = readYamlText(text)?.value as YamlValue | undefined;
  const changes = new Map<string, StepChange>();
  for (const { publisher, way } of of) {
    const path = publisher.address?.path ?? [];
    if (way.kind === "use") {
      changes.set(`use ${path.join(".")}`, { kind: "use", path, action: way.action });
      for (const change of conditionsOn(whole, path)) changes.set(`if ${change.path.join(".")}`, change);
    } else if (way.kind === "set-up") {
      const list = path.slice(0, -1);
      const key = `setup ${list.join(".")}`;
      const before = changes.get(key);
      const isFirst = before === undefined || Number(path.at(-1)) < Number(before.path.at(-1));
      if (isFirst && !isSetUp(at(whole, list))) changes.set(key, { kind: "set-up", path });
    }
  }
  return [...changes.values()];
}

function isSetUp(steps: YamlValue | undefined): boolean {
  return (
    Array.isArray(steps) &&
    (steps as readonly YamlValue[]).some(
      (step) => /\/setup@/.test(yamlText(asMap(step)["uses"])) && /slipway/.test(yamlText(asMap(step)["uses"])),
    )
  );
}

/**
 * Adds a condition to steps that attest the digest of a build, so that a reused image is not attested again. This is done only if the step has no
 * condition, or the build's own: then every pushed build is attested already. A step with another condition attests on other events, and stays
 * unchanged.
 */
function conditionsOn(whole: YamlValue | undefined, path: StepPath): StepChange[] {
  const list = path.slice(0, -1);
  const steps = at(whole, list);
  const build = asMap(at(whole, path));
  const id = yamlText(build["id"]);
  const ofBuild = [build["if"], asMap(build["with"])["push"]].map((each) => bareExpression(yamlText(each)));
  if (id === "" || !Array.isArray(steps)) return [];
  const condition = `steps.${id}.outputs.reused != 'true'`;
  return (steps as readonly YamlValue[]).flatMap((each, index): StepChange[] => {
    const step = asMap(each);
    const isOne = attests(step) && JSON.stringify(step).includes(`steps.${id}.outputs.digest`);
    if (!isOne || yamlText(step["if"]).includes(condition)) return [];
    if (yamlText(step["if"]) !== "" && !ofBuild.includes(bareExpression(yamlText(step["if"])))) return [];
    return [{ kind: "condition", path: [...list, index], condition }];
  });
}

/** Removes `${{ }}` and white space from a condition, for comparison. */
function bareExpression(text: string): string {
  return text.replace(/^\s*\$\{\{|\}\}\s*$/g, "").replaceAll(/\s+/g, "");
}

function attests(step: YamlMap): boolean {
  return yamlText(step["uses"]).startsWith("actions/attest") || /\bcosign\s+attest\b/.test(yamlText(step["run"]));
}

function notesOn(publishers: readonly Publisher[], { pin, read }: InPlaceOptions): string[] {
  const notes: string[] = [];
  const files = new Set(publishers.flatMap(({ address }) => address?.file ?? []));
  const owner = pin.repository.split("/")[0] ?? pin.repository;
  if (files.size > 0)
    notes.push(
      `where an organisation allows chosen actions only, add ${owner}/* to them; runners of your own need version 2.327.1 or later (node24)`,
    );
  for (const file of [...files].sort()) addAll(notes, missingPermissions(file, read(file)));
  return notes;
}

/** Returns a note for each job that pushes to GitHub's registry with the run's token and lacks the permission to do so. */
function missingPermissions(file: string, text: string | undefined): string[] {
  const whole = asMap((text === undefined ? undefined : readYamlText(text)?.value) as YamlValue | undefined);
  return Object.entries(asMap(whole["jobs"])).flatMap(([id, job]) => {
    const permissions = asMap(job)["permissions"] ?? whole["permissions"];
    const written = JSON.stringify(job ?? null);
    const pushes =
      /ghcr\.io/.test(written) && /GITHUB_TOKEN|github\.token/.test(written) && /docker\/login-action/.test(written);
    const lacks = typeof permissions === "object" && permissions !== null && asMap(permissions)["packages"] !== "write";
    return pushes && lacks
      ? [`${file}: job ${id} logs in to ghcr.io with the run's token and lacks the permission packages: write`]
      : [];
  });
}
