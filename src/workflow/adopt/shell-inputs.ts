import { posix } from "node:path";
import type { YamlMap } from "../../formats/yaml-data.ts";
import { type BuildInputs, readBuildInputs } from "./build-inputs.ts";
import type { Contexts } from "./expressions.ts";
import { readShellScript, type ShellBuild } from "./shell-builds.ts";

/** Converts the builds of a script to the inputs of `docker/build-push-action`, with the references that `docker tag` and `docker push` add. */
export function shellBuildInputs(
  script: string,
  contexts: Contexts,
  folder: string,
): { builds: BuildInputs[]; others: readonly string[] } {
  const read = readShellScript(script, { env: contexts.env, folder });
  if (read === undefined) return { builds: [], others: [] };
  const { tags, pushes, others } = read;
  const builds = read.builds.map((build) => {
    const own = build.options.get("tag") ?? [];
    const aliases = tags.filter(([from]) => own.includes(from)).map(([, to]) => to);
    const all = [...own, ...aliases];
    const isPushed = (reference: string): boolean =>
      build.options.has("push") ||
      pushes.some((pushed) => pushed === reference || (!hasTag(pushed) && reference.startsWith(`${pushed}:`)));
    const pushed = all.filter(isPushed);
    return readBuildInputs({ ...inputsOf(build), tags: pushed.join("\n"), push: pushed.length > 0 }, contexts);
  });
  return { builds, others };
}

/** Options that may be repeated, with the name of the action's input. */
const lists: Readonly<Record<string, string>> = {
  "build-arg": "build-args",
  label: "labels",
  "build-context": "build-contexts",
  "add-host": "add-hosts",
  ulimit: "ulimit",
  ssh: "ssh",
};

function inputsOf({ options, context, folder }: ShellBuild): YamlMap {
  const inFolder = (path: string): string => (isElsewhere(path) ? path : posix.join(folder, path));
  const inputs: Record<string, string> = { context: inFolder(context) };
  for (const [option, values] of options) {
    if (option === "tag" || option === "push" || option === "load") continue;
    if (option === "secret") inputs["secret-envs"] = values.map(secretVariable).join("\n");
    else if (option === "platform") inputs["platforms"] = values.join(",");
    else if (option === "output") inputs["outputs"] = values.join("\n");
    else if (option === "file") inputs["file"] = values.map(inFolder).join("\n");
    else inputs[lists[option] ?? option] = values.join("\n");
  }
  return inputs;
}

/** Whether a path is not relative to the working folder: an address, standard input, or a text that only a run knows. */
function isElsewhere(path: string): boolean {
  return path === "-" || path.startsWith("/") || path.includes("$") || /^(?:https?|git|ssh):|^git@/.test(path);
}

/** Converts `id=npm,env=NPM_TOKEN` to `npm=NPM_TOKEN`. */
function secretVariable(written: string): string {
  const id = /(?:^|,)id=([^,]+)/.exec(written)?.[1] ?? written;
  return `${id}=${/(?:^|,)env=([^,]+)/.exec(written)?.[1] ?? id}`;
}

function hasTag(reference: string): boolean {
  return reference.lastIndexOf(":") > reference.lastIndexOf("/");
}
