import type { BuildPushInputs } from "./inputs.ts";
import { buildPushActionInputs } from "../../workflow/drop-in-contract.ts";
import { givenInputs } from "../drop-in/given-inputs.ts";

/** Returns the inputs that are set, for docker's part of the summary: secrets by name only, and without the token. */
export function summaryInputs(inputs: BuildPushInputs): Readonly<Record<string, unknown>> {
  const names = Object.keys(buildPushActionInputs).filter((name) => name !== "github-token");
  const secrets = inputs.secrets.flatMap((secret) => /^(.+?)=./s.exec(secret)?.[1] ?? []);
  return givenInputs(names, { ...inputs, secrets });
}
