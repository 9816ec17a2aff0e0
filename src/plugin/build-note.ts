import { asFields, asList, asText, type Fields } from "../formats/json.ts";

/** What became of one build of a job, for the step's end: plain JSON, an entry of the job's journal. */
export interface BuildNote {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Its tags, or the target's name; as people know it. */
  readonly name: string;
  readonly tags: readonly string[];
  /** `passed`: Slipway did not understand it, and it was built plainly. */
  readonly outcome: "built" | "reused" | "passed" | "failed";
  /** One line. */
  readonly because: string;
  /** Digests that the image is known by: its id, its manifest's; none where nothing came of the build. */
  readonly ids: readonly string[];
  /** Whether the build itself pushed its tags. */
  readonly isPushed: boolean;
  /** Build seconds that reuse saved; null: none, or not known. */
  readonly savedSeconds: number | null;
  /** Build args that keep images from being reused. */
  readonly spoiledBy: readonly string[];
  /** What a record of the image needs, for when its push is seen; null: none is to be written. */
  readonly pending: Fields | null;
}

const outcomes = ["built", "reused", "passed", "failed"] as const;

/** Reads a note from JSON; none where it is not one. */
export function readNote(value: unknown): readonly BuildNote[] {
  const fields = asFields(value);
  const time = asText(fields?.["time"]);
  const outcome = outcomes.find((each) => each === fields?.["outcome"]);
  if (fields === undefined || time === undefined || outcome === undefined) return [];
  const saved = fields["savedSeconds"];
  return [
    {
      time,
      outcome,
      name: asText(fields["name"]) ?? "",
      tags: texts(fields["tags"]),
      because: asText(fields["because"]) ?? "",
      ids: texts(fields["ids"]),
      isPushed: fields["isPushed"] === true,
      savedSeconds: typeof saved === "number" ? saved : null,
      spoiledBy: texts(fields["spoiledBy"]),
      pending: asFields(fields["pending"]) ?? null,
    },
  ];
}

function texts(value: unknown): readonly string[] {
  return (asList(value) ?? []).filter((each) => typeof each === "string");
}
