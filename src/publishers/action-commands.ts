import { asMap, yamlText } from "../formats/yaml-data.ts";
import { joinTexts, shellText, type ShellText } from "../shell/expand-word.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import { disjunction, openFlag, pushesBySet, readKaniko, readOutput, referencesOf } from "./docker-command.ts";
import type { Certainty, ImageCommand, PublisherKind, TagText } from "./image-command.ts";
import { type ListSeparator, listOf } from "./input-list.ts";
import { knownAction, parseUses } from "./known-actions.ts";
import { unfollowedAction } from "./local-file.ts";
import type { StepRun } from "./step-run.ts";

/** Returns what a step's action does with images; empty: nothing that is known. `uses`: its name, as the step has it. */
export function commandsOfAction(step: StepRun, uses: string, files: WorkflowFiles): readonly ImageCommand[] {
  if (uses.startsWith("./")) return unfollowedAction(uses, files);
  const inputs = asMap(step.value["with"]);
  const input = (name: string): ShellText => step.fill(yamlText(inputs[name]));
  const list = (name: string, separator: ListSeparator): TagText[] => listOf(input(name), separator);
  const image = /^docker:\/\/(.*)$/.exec(uses)?.[1];
  if (image !== undefined)
    return /kaniko/.test(image) ? [readKaniko(input("args").text.split(/\s+/).map(shellText))] : [];
  const { name = "", version = "" } = parseUses(uses) ?? {};
  const action = knownAction(name);
  switch (action.kind) {
    case "build": {
      if (action.how === "build-push-action" && (/^v1(?:\.|$)/.test(version) || "repository" in inputs))
        return [opaqueAction(uses, "version 1 takes other inputs; version 2 and later are read")];
      return [buildOfAction(action.how, input)];
    }
    case "bake": {
      const set = list("set", "lines");
      const pushes = disjunction([readInput(input("push")), ...set.map(pushesBySet)]);
      return [
        {
          kind: "bake",
          how: action.how,
          files: list("files", "commas"),
          targets: list("targets", "commas"),
          set,
          pushes,
        },
      ];
    }
    case "buildah-build":
      return [{ kind: "build", how: "buildah", tags: namesOf(input("image"), list("tags", "blanks")), pushes: false }];
    case "buildah-push":
      return pushOfBuildah(input("registry"), input("image"), list("tags", "blanks"));
    case "merge":
      return [{ kind: "merge", how: action.how, tags: action.tags.flatMap((each) => list(each, "commas")) }];
    case "goreleaser":
      return releasesByGoreleaser(files, input("args").text)
        ? [
            {
              kind: "opaque",
              how: "goreleaser",
              what: uses,
              because: "goreleaser builds and pushes; names and tags come from its own configuration",
              isSure: true,
            },
          ]
        : [];
    case "opaque":
      return [{ kind: "opaque", how: action.how, what: uses, because: action.because, isSure: true }];
    case "login":
      return [{ kind: "login" }];
    case "metadata":
    case "checkout":
    case "other":
      return [];
  }
}

/** Reads the inputs of docker/build-push-action. */
function buildOfAction(how: PublisherKind, input: (name: string) => ShellText): ImageCommand {
  const list = (name: string, separator: ListSeparator): TagText[] => listOf(input(name), separator);
  const outputs = list("outputs", "lines").map(readOutput);
  const pushes = disjunction([readInput(input("push")), ...outputs.map((output) => output.pushes)]);
  const settings = {
    noCache: readInput(input("no-cache")),
    args: list("build-args", "lines"),
    context: givenInput(input("context")),
    file: givenInput(input("file")),
  };
  return { kind: "build", how, tags: referencesOf(list("tags", "commas"), outputs), pushes, settings };
}

/** Adds the image's name to tags that do not have it; an image without tags has the tag `latest`. */
function namesOf(image: ShellText, tags: readonly TagText[]): TagText[] {
  if (tags.length === 0) return image.text === "" ? [] : [image];
  return tags.map((tag) =>
    image.text === "" || tag.text.includes("/") ? tag : joinTexts([image, shellText(":"), tag]),
  );
}

/** Reads `redhat-actions/push-to-registry`, which pushes images of the local store under the registry's name. */
function pushOfBuildah(registry: ShellText, image: ShellText, tags: readonly TagText[]): ImageCommand[] {
  const local = namesOf(image, tags);
  const there = (name: ShellText): ShellText =>
    registry.text === "" || name.text.startsWith(`${registry.text}/`)
      ? name
      : joinTexts([registry, shellText("/"), name]);
  return [
    ...local.map((name): ImageCommand => ({ kind: "tag", from: name, to: there(name) })),
    { kind: "push", how: "buildah", images: local.map(there), allTags: false },
  ];
}

function opaqueAction(uses: string, because: string): ImageCommand {
  return { kind: "opaque", how: "remote-action", what: uses, because, isSure: true };
}

/** Whether goreleaser's configuration declares images and this command releases them. */
export function releasesByGoreleaser(files: WorkflowFiles, args: string): boolean {
  if (/\b(?:check|build|healthcheck|--snapshot)\b/.test(args)) return false;
  const skipped = [...args.matchAll(/--skip[= ](\S+)/g)].flatMap(([, names = ""]) => names.split(","));
  if (skipped.includes("publish") || skipped.includes("docker")) return false;
  const names = [...files.paths].filter((path) => /(?:^|\/)\.?goreleaser[\w.-]*\.ya?ml$/.test(path));
  return names.some((path) => /^(?:dockers|docker_manifests|dockers_v2|kos):/m.test(files.read(path) ?? ""));
}

function givenInput(value: ShellText): ShellText | undefined {
  return value.text === "" ? undefined : value;
}

/** Reads a boolean input. Source: @actions/core, `getBooleanInput`; an action ends with an error for any other text. */
function readInput({ text, unknown }: ShellText): Certainty {
  const trimmed = text.trim();
  if (/^(?:true|True|TRUE)$/.test(trimmed)) return true;
  return /^(?:false|False|FALSE|)$/.test(trimmed) ? false : openFlag(trimmed, unknown);
}
