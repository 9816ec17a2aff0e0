import { asMap, type YamlValue, yamlText, yamlTexts } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";
import type { PublisherKind } from "../../publishers/image-command.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import type { StepPath } from "./step-change.ts";
import { valueAt } from "./yaml-path.ts";

/** Method by which a publisher's builds are routed through Slipway; `left`: they are not, with the reason. */
export type BuildRoute =
  | { readonly kind: "use"; readonly action: "build-push" | "bake" }
  | { readonly kind: "set-up" }
  /** No change: the publisher only pushes or tags an image of another place, or uses Slipway already. */
  | { readonly kind: "nothing" }
  | { readonly kind: "left"; readonly because: string };

/** Returns the images that a publisher publishes on any event, each once. */
function imagesOf({ understanding }: Publisher): string[] {
  if (!understanding.understood) return [];
  const all = Object.values(understanding.publishes).flat();
  return [...new Set(all.flatMap(({ images }) => images.map(({ reference }) => reference)))];
}

/** Decides how the builds of a publisher go through Slipway. `all`: every publisher of the repository. */
export function chooseRoute(
  publisher: Publisher,
  all: readonly Publisher[],
  { forks, read }: { readonly forks: boolean; readonly read: (file: string) => string | undefined },
): BuildRoute {
  const { how, builds, understanding, address } = publisher;
  if (!builds) return wayOfPush(publisher, all);
  const own = wayOfKind(how, forks, address === undefined ? "" : usesOf(read(address.file), address.path));
  const because = understanding.understood ? undefined : understanding.because;
  if (own.kind === "left" && because !== undefined) return { kind: "left", because };
  if (own.kind === "set-up" && address !== undefined) {
    const obstacle = obstacleOf(read(address.file), address.path);
    if (obstacle !== undefined) return { kind: "left", because: obstacle };
  }
  return own;
}

/** A push of what no build here makes is named, because another program may build it. */
function wayOfPush(publisher: Publisher, all: readonly Publisher[]): BuildRoute {
  if (publisher.how === "imagetools" || publisher.how === "copy") return { kind: "nothing" };
  const built = new Set(all.filter(({ builds }) => builds).flatMap(imagesOf));
  const isOpen = all.some(({ builds, understanding }) => builds && !understanding.understood);
  const foreign = imagesOf(publisher).filter((image) => !built.has(image));
  return isOpen || foreign.length === 0
    ? { kind: "nothing" }
    : { kind: "left", because: `no build here makes ${foreign.join(", ")}, which it pushes` };
}

function wayOfKind(how: PublisherKind, forks: boolean, uses: string): BuildRoute {
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
  return yamlText(asMap(valueAt(read?.value as YamlValue | undefined, path))["uses"]);
}

/** Returns the reason why docker's builds in a job cannot go through Slipway's plugin. */
function obstacleOf(text: string | undefined, path: StepPath): string | undefined {
  const read = text === undefined ? undefined : readYamlText(text);
  const whole = read?.value as YamlValue | undefined;
  const job = asMap(valueAt(whole, path.slice(0, 2)));
  const step = asMap(valueAt(whole, path));
  const env = { ...asMap(asMap(whole)["env"]), ...asMap(job["env"]), ...asMap(step["env"]) };
  if (yamlText(env["DOCKER_BUILDKIT"]) === "0") return "DOCKER_BUILDKIT=0 builds without buildx";
  if (path[0] === "jobs" && yamlTexts(job["runs-on"]).some((label) => /windows/i.test(label)))
    return "docker on Windows builds without buildx";
  return undefined;
}
