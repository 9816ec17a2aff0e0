import { asFields, asText, parseJson } from "../formats/json.ts";

/** What Docker's engine says of the images that came and went since a moment. */
export interface EngineImages {
  /** Ids of images that were built, by whatever. */
  readonly built: ReadonlySet<string>;
  /** Names that were given to images: ids by name, the last one of each. */
  readonly named: ReadonlyMap<string, string>;
  /** References that were pushed, each once. */
  readonly pushed: readonly string[];
}

/** Arguments of `docker` for the events of images between two times, a JSON object a line; the engine keeps the last 256. Times are ISO 8601. */
export function eventArguments(since: string, until: string): readonly string[] {
  return ["events", "--since", since, "--until", until, "--filter", "type=image", "--format", "{{json .}}"];
}

/** Reads those lines. Source: moby, daemon/events.go. */
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
