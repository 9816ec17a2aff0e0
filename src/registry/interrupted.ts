import { SlipwayError } from "../errors.ts";
import type { Call } from "./call.ts";

/** The error of a request that the person or the CI system stopped. */
export function interrupted(call: Call): SlipwayError {
  return new SlipwayError("interrupted", `${call.doing}: interrupted`);
}
