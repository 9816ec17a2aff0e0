import { SlipwayError } from "../errors.ts";
import type { Call } from "./call.ts";

/** The error of a request that the user or the CI system cancelled. */
export function interrupted(call: Call): SlipwayError {
  return new SlipwayError("interrupted", `${call.doing}: interrupted`);
}
