import { readDropInOptions, type WrittenOptions } from "../../core/drop-in/read-options.ts";
import type { DropInOptions } from "../../core/drop-in/request.ts";
import type { Host } from "../../host.ts";
import { reuseInputs } from "../../workflow/drop-in-contract.ts";
import { makeStepValues } from "./step-values.ts";

/** Reads the step's own inputs. Throws `option-invalid` for the first invalid one. */
export function readStepOptions(env: Host["env"]): DropInOptions {
  const { text } = makeStepValues(env);
  const written: WrittenOptions = Object.fromEntries(Object.keys(reuseInputs).map((name) => [name, text(name)]));
  return readDropInOptions(written, env, (name) => `the input "${name}"`);
}
