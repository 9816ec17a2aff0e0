import type { BuildPushInputs } from "./inputs.ts";
import { buildPushActionInputs } from "../../workflow/drop-in-contract.ts";
import { givenInputs } from "../drop-in/given-inputs.ts";

/** The inputs that were given, for docker's part of the summary: of secrets their names alone, and no token. */
export function summaryInputs(inputs: BuildPushInputs): Readonly<Record<string, unknown>> {
  const names = Object.keys(buildPushActionInputs).filter((name) => name !== "github-token");
  const secrets = inputs.secrets.flatMap((secret) => /^(.+?)=./s.exec(secret)?.[1] ?? []);
  return givenInputs(names, { ...inputs, secrets });
}
