import { itemFields } from "./csv-records.ts";
import { hasMark, isAllMarks } from "./open-texts.ts";

/** Types of tags with their default priorities. Source: docker/metadata-action's README, "tags input". */
const priorities = {
  schedule: 1000,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100,
} as const;

export type TagType = keyof typeof priorities;

/** Line of the `tags` input, with defaults filled in. */
export interface TagEntry {
  readonly kind: "entry";
  readonly type: TagType;
  readonly attributes: ReadonlyMap<string, string>;
  readonly priority: number;
}

/** Entry; `open`: a line whose type is unknown; `fault`: the reason why the action refuses the line. */
export type ReadTag =
  | TagEntry
  | { readonly kind: "open"; readonly text: string }
  | { readonly kind: "fault"; readonly message: string };

/** Items that the action uses without a `tags` input. */
const defaultItems = ["type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr"];

/** Reads the items of the `tags` input, sorted from the highest priority to the lowest. */
export function readTags(items: readonly string[]): ReadTag[] {
  const read = (items.length === 0 ? defaultItems : items).map(readTag);
  const rank = (tag: ReadTag): number => (tag.kind === "entry" ? tag.priority : Infinity);
  // A line of unknown type may have any priority. Comparing with NaN keeps the order, as JavaScript's sort in the action does.
  return read.sort((left, right) => (rank(left) < rank(right) ? 1 : rank(left) > rank(right) ? -1 : 0));
}

function readTag(item: string): ReadTag {
  const fields = itemFields(item);
  if (fields === undefined) return { kind: "fault", message: `the tag "${item}" is no list of fields` };
  const attributes = new Map<string, string>();
  for (const field of fields) {
    const at = field.indexOf("=");
    // A field that is unknown as a whole may be any attribute.
    const name = at > 0 ? field.slice(0, at) : "";
    if (hasMark(name) || (at < 1 && isAllMarks(field))) {
      return { kind: "open", text: item };
    }
    if (at < 1) attributes.set("value", field.trim());
    else attributes.set(name.trim().toLowerCase(), field.slice(at + 1).trim());
  }
  if (["type", "event", "format", "group", "priority"].some((name) => hasMark(attributes.get(name) ?? ""))) {
    return { kind: "open", text: item };
  }
  return withDefaults(item, attributes);
}

function withDefaults(item: string, attributes: Map<string, string>): ReadTag {
  const type = attributes.get("type") ?? "raw";
  attributes.delete("type");
  if (!isTagType(type)) return { kind: "fault", message: `the tag "${item}" is of a type that there is none of` };
  for (const [name, value] of Object.entries(defaultsOf(type, attributes))) {
    if (!attributes.has(name)) attributes.set(name, value);
  }
  const message = faultOf(type, attributes);
  if (message !== undefined) return { kind: "fault", message: `the tag "${item}" ${message}` };
  return { kind: "entry", type, attributes, priority: Number(attributes.get("priority") ?? priorities[type]) };
}

function isTagType(text: string): text is TagType {
  return Object.hasOwn(priorities, text);
}

function defaultsOf(type: TagType, attributes: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const enable = { enable: "true" };
  switch (type) {
    case "schedule":
      return { ...enable, pattern: "nightly" };
    case "semver":
    case "pep440":
      return { ...enable, value: "", match: "" };
    case "match":
      return { ...enable, value: "", group: "0" };
    case "edge":
      return { ...enable, branch: "" };
    case "ref":
      return attributes.get("event") === "pr" ? { ...enable, prefix: "pr-" } : enable;
    case "sha":
      return { ...enable, prefix: "sha-", format: "short" };
    case "raw":
      return enable;
  }
}

function faultOf(type: TagType, attributes: ReadonlyMap<string, string>): string | undefined {
  const needed = {
    schedule: undefined,
    edge: undefined,
    sha: undefined,
    semver: "pattern",
    pep440: "pattern",
  } as const;
  const name = { ...needed, match: "pattern", ref: "event", raw: "value" }[type];
  if (name !== undefined && !attributes.has(name)) return `has no ${name}`;
  const group = attributes.get("group") ?? "0";
  if (type === "match" && Number.isNaN(Number(group))) return `has the group "${group}", which is no number`;
  const event = attributes.get("event") ?? "";
  if (type === "ref" && !["branch", "tag", "pr"].includes(event)) return `has the event "${event}"`;
  const format = attributes.get("format") ?? "";
  if (type === "sha" && !["short", "long"].includes(format)) return `has the format "${format}"`;
  return undefined;
}
