import { asFields, asText, parseJson } from "../formats/json.ts";

/** Images that were built, named or pushed since a time, as Docker's engine reports them. */
export interface EngineImages {
  /** Ids of images that were built, by any program. */
  readonly built: ReadonlySet<string>;
  /** Ids of images by the name that they were given; for each name, the last one. */
  readonly named: ReadonlyMap<string, string>;
  /** References that were pushed, without duplicates. */
  readonly pushed: readonly string[];
}

/**
 * Returns arguments of `docker` that print the events of images between two times, one JSON object a line; the engine keeps the last 256 events.
 * Times are ISO 8601.
 */
export function eventArguments(since: string, until: string): readonly string[] {
  return ["events", "--since", since, "--until", until, "--filter", "type=image", "--format", "{{json .}}"];
}

/** Reads these lines. Source: moby, daemon/events.go. */
export function readEngineImages(text: string): EngineImages {
  const built = new Set<string>();
  const named = new Map<string, string>();
  const pushed = new Set<string>();
  for (const line of text.split("\n")) {
    const event = asFields(parseJson(line));
    const actor = asFields(event?.["Actor"]);
    const id = asText(actor?.["ID"]) ?? "";
    const name = asText(asFields(actor?.["Attributes"])?.["name"]) ?? "";
    const action = event?.["Action"];
    if (action === "create") built.add(id);
    else if (action === "tag" && name !== "") named.set(name, id);
    else if (action === "push") pushed.add(id);
  }
  return { built, named, pushed: [...pushed] };
}
