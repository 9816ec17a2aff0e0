import { asFields, asList, asText, type Fields } from "../formats/json.ts";

/** Result of one build of a job, for the report at the step's end: plain JSON, an entry of the job's journal. */
export interface BuildNote {
  /** Time at which the build began: ISO 8601, UTC. */
  readonly time: string;
  /** Name for people: the tags, or the target's name. */
  readonly name: string;
  readonly tags: readonly string[];
  /** Outcome. `passed`: Slipway did not understand the build, and Docker's own buildx ran it unchanged. */
  readonly outcome: "built" | "reused" | "passed" | "failed";
  /** Reason for the outcome, one line. */
  readonly because: string;
  /** Digests of the image: its id and its manifest's digest; empty: there is no image. */
  readonly ids: readonly string[];
  /** Whether the build itself pushed its tags. */
  readonly isPushed: boolean;
  /** Build seconds that reuse saved; null: none, or unknown. */
  readonly savedSeconds: number | null;
  /** Build args that prevent images from being reused. */
  readonly spoiledBy: readonly string[];
  /** Data for a record of the image, which is written if its push is observed later; null: no record is to be written. */
  readonly pending: Fields | null;
}

const outcomes = ["built", "reused", "passed", "failed"] as const;

/** Reads a note from JSON, as a list; empty: the value is not a note. */
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
