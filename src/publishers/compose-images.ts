import { posix } from "node:path";
import { asMap, type YamlMap, type YamlValue, yamlText } from "../formats/yaml-data.ts";
import { replaceSpans } from "../formats/spans.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import type { ShellText } from "../shell/expand-word.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import type { PlacedCommand } from "./collect-commands.ts";
import type { ImageCommand } from "./image-command.ts";

const usual = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/** Returns the images that Compose builds and pushes: those of services with `build:` and `image:`. */
export function composeImages(
  { files: named, services }: ImageCommand & { kind: "compose" },
  { folder, variables }: PlacedCommand,
  files: WorkflowFiles,
): readonly ShellText[] {
  const given = named.map(({ text }) => text);
  const candidates =
    given.length > 0
      ? given
      : usual.slice(0, usual.findIndex((name) => files.paths.has(posix.join(folder.text, name))) + 1).slice(-1);
  const all: Record<string, YamlMap> = {};
  for (const name of candidates) {
    const text = files.read(posix.normalize(posix.join(folder.text, name)));
    const read = text === undefined ? undefined : readYamlText(text);
    for (const [service, value] of Object.entries(asMap(asMap(read?.value as YamlValue | undefined)["services"])))
      all[service] = { ...all[service], ...asMap(value) };
  }
  const asked = services.map(({ text }) => text);
  const found = Object.entries(all).filter(
    ([name, value]) =>
      value["build"] !== undefined && value["image"] !== undefined && (asked.length === 0 || asked.includes(name)),
  );
  if (found.length > 0) return found.map(([, value]) => interpolate(yamlText(value["image"]), variables));
  const text = `‹images of ${candidates.join(", ") || "the Compose file"}›`;
  return [{ text, unknown: [text] }];
}

/** Fills in variables that the workflow or the script sets; all others keep their written form. Source: Compose specification, "Interpolation". */
function interpolate(text: string, variables: ReadonlyMap<string, ShellText>): ShellText {
  const unknown = new Set<string>();
  const valueOf = (name: string, whole: string): string => {
    const value = variables.get(name);
    for (const each of value?.unknown ?? [whole]) unknown.add(each);
    return value?.text ?? whole;
  };
  const braced = replaceSpans(text, [["${", "}"]], (inside, whole) => valueOf(/^\w*/.exec(inside)?.[0] ?? "", whole));
  const filled = braced.replaceAll(/\$(\$|\w+)/g, (whole, name: string) =>
    name === "$" ? name : valueOf(name, whole),
  );
  return { text: filled, unknown: [...unknown] };
}
