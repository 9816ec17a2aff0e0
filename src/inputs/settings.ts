import { algorithmSetting } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { byCodeUnit } from "../model/order.ts";
import { algorithm } from "./fingerprint.ts";

/**
 * What counts beside files, instructions, args, bases and contexts, by name. Not in it: cache settings, secrets, ssh, tags,
 * Slipway's own labels, and when to rebuild.
 */
export function settingsOf(
  service: Service,
  more: { readonly buildPlatform: Platform | undefined; readonly frontend: string | undefined },
): Record<string, string> {
  const { network, extraHosts, ulimits, shmSize } = service.settings;
  const settings: Record<string, string | undefined> = {
    [algorithmSetting]: algorithm,
    context: service.context,
    target: service.target,
    "build-platform": more.buildPlatform,
    frontend: more.frontend,
    network: network === "default" ? undefined : network,
    "extra-hosts": listed(extraHosts),
    ulimits: listed(ulimits),
    "shm-size": shmSize,
  };
  for (const [name, value] of Object.entries(service.labels)) settings[`label:${name}`] = value;
  for (const [name, value] of Object.entries(service.annotations)) settings[`annotation:${name}`] = value;
  const given = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(given.sort(([left], [right]) => byCodeUnit(left, right)));
}

/** In the order that is written: of two addresses of one host, the first is used. */
function listed(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.join(",");
}
