import { byCodeUnit } from "../../model/order.ts";
import type { ReleaseGroup } from "../../model/service.ts";
import { knownService } from "./known-service.ts";
import { parseServiceName } from "./names.ts";
import { addFault, type Faults, type Place } from "../written/place.ts";
import type { ConfigFile } from "../written/read-config.ts";

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Makes release groups from `groups` and each service's `group`; other services are in `default`. */
export function makeGroups(
  services: ReadonlySet<string>,
  written: ConfigFile | undefined,
  faults: Faults,
): { groups: readonly [ReleaseGroup, ...ReleaseGroup[]]; groupOf: (service: string) => string } {
  const members = written === undefined ? new Map<string, string>() : readMembers(services, written, faults);
  const groupOf = (service: string): string => members.get(service) ?? "default";
  const tags = written === undefined ? new Map<string, string>() : readTags(written);
  const names = new Set([...services].map(groupOf));
  const groups = [...names].sort(byCodeUnit).map((name) => ({
    name,
    services: [...services].filter((service) => groupOf(service) === name).sort(byCodeUnit),
    tag: (tags.get(name) ?? (name === "default" ? "v{version}" : "{group}-v{version}")).replaceAll("{group}", name),
  }));
  if (written !== undefined) refuseSharedTag(groups, written, faults);
  const [first = { name: "default", services: [], tag: "v{version}" }, ...rest] = groups;
  return { groups: [first, ...rest], groupOf };
}

function readMembers(services: ReadonlySet<string>, { config, yaml }: ConfigFile, faults: Faults): Map<string, string> {
  const members = new Map<string, string>();
  const join = (service: string | undefined, group: string, at: Place): void => {
    if (service === undefined) return;
    const other = members.get(service) ?? group;
    if (other !== group) addFault(faults, at, `"${service}" is in the group "${other}" already`);
    members.set(service, other);
  };
  for (const [name, group] of Object.entries(config.groups ?? {})) {
    if (!namePattern.test(name)) {
      addFault(
        faults,
        yaml.place(["groups", name], "key"),
        `"${name}" is no name of a group; use letters, digits, ".", "_", "-"`,
      );
    }
    const list = typeof group.services === "string" ? [group.services] : (group.services ?? []);
    for (const [index, service] of list.entries()) {
      const at = yaml.place(["groups", name, "services", index]);
      join(knownService(service, at, services, faults), name, at);
    }
  }
  for (const [key, settings] of Object.entries(config.services ?? {})) {
    const group = settings?.group;
    if (group === undefined) continue;
    const at = yaml.place(["services", key, "group"]);
    if (!namePattern.test(group))
      addFault(faults, at, `"${group}" is no name of a group; use letters, digits, ".", "_", "-"`);
    const service = parseServiceName(key);
    if (service !== undefined && services.has(service)) join(service, group, at);
  }
  return members;
}

function readTags({ config }: ConfigFile): Map<string, string> {
  const entries = Object.entries(config.groups ?? {});
  return new Map(entries.flatMap(([name, { tag }]) => (tag === undefined ? [] : [[name, tag] as const])));
}

/** Refuses groups whose git tags cannot be told apart. */
function refuseSharedTag(groups: readonly ReleaseGroup[], { yaml }: ConfigFile, faults: Faults): void {
  const owners = new Map<string, string>();
  for (const { name, tag } of groups) {
    const other = owners.get(tag);
    const at = yaml.place(["groups", name, "tag"]);
    if (other === undefined) owners.set(tag, name);
    else
      addFault(faults, at, `the groups "${other}" and "${name}" have the same git tag "${tag}"; put {group} into it`);
  }
}
