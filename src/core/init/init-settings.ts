import type { InitRequest } from "./init-facts.ts";

/** Request of `slipway init`, and the version of this program. */
export interface InitSettings extends InitRequest {
  readonly repo?: string | undefined;
  /** Version of this program, which the generated workflow pins. */
  readonly slipwayVersion: string;
  /** Whether to replace workflows that publish; false: change their lines. */
  readonly convert: boolean;
  /** File of the one publishing workflow to change; undefined: all of them. */
  readonly workflow: string | undefined;
  readonly forks: boolean;
  /** Whether to write a workflow beside those that publish. */
  readonly beside: boolean;
}
