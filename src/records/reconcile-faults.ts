import { errorMessage, isRefusal, SlipwayError } from "../errors.ts";
import type { TagMove } from "./move-tags.ts";
import { parseRecordTag, displayName } from "./record-names.ts";

/** Explains in one line why another command's record is unfinished, with the way out if no command finishes it. */
export function foreignFault(record: string, { state, error }: TagMove): string {
  const name = parseRecordTag(record);
  const what = name === undefined ? record : displayName(name);
  const because = errorMessage(error);
  if (state === "conflict") return `release ${what} is spoilt: ${because}; \`slipway abandon ${what}\` puts it aside`;
  const isForGood = isRefusal(error) && name?.kind !== "rollback" && name?.kind !== "abandonment";
  return `release ${what} is still unfinished: ${because}${isForGood ? `; \`slipway abandon ${what}\` puts it aside` : ""}`;
}

/** The fault of the command's own release: one of its tags could not be moved. */
export function promotionFault({ error, image, target }: TagMove): SlipwayError {
  const again = "the release is committed: the same command, or any later release, finishes it";
  const message = `release ${target.release.tag}: moving ${image}:${target.tag}: ${errorMessage(error)}`;
  if (!(error instanceof SlipwayError)) return new SlipwayError("failed", message, { cause: error, hint: again });
  const { hint } = error;
  if (hint === undefined) return error.reworded(message, again);
  return error.reworded(message, isRefusal(error) ? hint : `${hint}; ${again}`);
}

/** The fault of a command whose tags others keep moving, or beside which releases keep coming. */
export function contestedTagsFault(moves: readonly TagMove[]): SlipwayError {
  const contested = moves
    .filter(({ state }) => state === "contested")
    .map(({ image, target }) => `${image}:${target.tag}`);
  const what =
    contested.length === 0 ? "new releases keep coming" : `somebody else keeps moving ${contested.join(", ")}`;
  return new SlipwayError("tags-contested", `the tags do not settle: ${what}`, {
    hint: "let only slipway move these tags, one release at a time; then run the same command again",
  });
}
