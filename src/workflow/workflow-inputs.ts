import type { YamlValue } from "../formats/yaml-data.ts";
import type { ActionInputName } from "./action-contract.ts";
import { renderReleaseRule } from "./adopt/release-rule.ts";
import type { WorkflowFacts } from "./facts.ts";

/** Inputs of a step that uses the action. */
export type ActionInputs = { readonly [name in ActionInputName]?: YamlValue };

/** Returns the inputs of later jobs. They need no `force`, because forced services are built before. */
export function releaseInputsOf(facts: WorkflowFacts): ActionInputs {
  const { adopted, trunk } = facts;
  const rule = adopted === undefined ? undefined : renderReleaseRule(adopted.release, trunk);
  const asked = inputOf(facts, "release");
  const ofRule =
    rule === undefined ? asked : { release: `\${{ ${rule} || ${"release" in asked ? "inputs.release" : "''"} }}` };
  return { ...inputOf(facts, "services"), ...ofRule, ...inputOf(facts, "version") };
}

type WorkflowInput = "services" | "force" | "release" | "version";

/** Whether the workflow has an input that people or calling workflows set. */
export function hasInput({ adopted }: WorkflowFacts, name: WorkflowInput): boolean {
  if (adopted === undefined || "workflow_call" in adopted.on) return true;
  return "workflow_dispatch" in adopted.on && (name === "services" || name === "force");
}

/** Passes an input of the workflow on, if it has it. */
export function inputOf(facts: WorkflowFacts, name: WorkflowInput): ActionInputs {
  return hasInput(facts, name) ? { [name]: `\${{ inputs.${name} }}` } : {};
}
