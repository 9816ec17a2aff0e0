import type { BuildDefinition } from "../model/build-definition.ts";
import { algorithmSetting, contextSetting } from "../model/inputs.ts";
import { byCodeUnit } from "../model/order.ts";
import { algorithm } from "./fingerprint.ts";

/**
 * The parts of a definition that are not files, instructions, args, bases or contexts, by name. `context`: folder of the build context; it
 * has no effect on the fingerprint, because file paths are relative to it.
 */
export function settingsOf(definition: BuildDefinition, context: string): Record<string, string> {
  const { network, extraHosts, ulimits, shmSize } = definition.settings;
  const settings: Record<string, string | undefined> = {
    [algorithmSetting]: algorithm,
    [contextSetting]: context,
    target: definition.target ?? undefined,
    "build-platform": definition.buildPlatform ?? undefined,
    frontend: definition.frontend ?? undefined,
    secrets: listed(definition.secrets),
    ssh: listed(definition.ssh),
    network,
    "extra-hosts": listed(extraHosts),
    ulimits: listed(ulimits),
    "shm-size": shmSize,
  };
  for (const [name, value] of Object.entries(definition.labels)) settings[`label:${name}`] = value;
  for (const [name, value] of Object.entries(definition.annotations)) settings[`annotation:${name}`] = value;
  const given = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(given.sort(([left], [right]) => byCodeUnit(left, right)));
}

function listed(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.join(",");
}
