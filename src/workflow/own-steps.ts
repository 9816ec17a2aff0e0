import type { YamlMap } from "../formats/yaml-data.ts";
import type { WorkflowFacts } from "./facts.ts";
import type { WorkflowStep } from "./model.ts";
import { checkout } from "./pins.ts";
import { type ActionInputs, inputOf, releaseInputsOf } from "./workflow-inputs.ts";

/** Checkout of the whole repository, for steps of a hand-made workflow. */
export const checkoutStep: WorkflowStep = {
  kind: "uses",
  id: undefined,
  name: "Check out everything, for the steps before the build",
  uses: `${checkout.repository}@${checkout.commit}`,
  called: checkout.called,
  with: { "fetch-depth": 0, "persist-credentials": false },
  env: {},
};

export function actionStep(
  facts: WorkflowFacts,
  id: string | undefined,
  name: string,
  inputs: ActionInputs,
): WorkflowStep {
  const { repository, ref, called } = facts.action;
  const registries = facts.registries.map(({ host, user, password }) => `${host} ${user} ${password}\n`);
  const all: YamlMap = { ...inputs, ...(registries.length === 0 ? {} : { registries: registries.join("") }) };
  const env = facts.adopted?.variables ?? {};
  return { kind: "uses", id, name, uses: `${repository}@${ref}`, called, with: all, env };
}

/** Returns the inputs that a person or a calling workflow sets. */
export function requestedInputs(facts: WorkflowFacts): ActionInputs {
  if (facts.shadow) return { shadow: "true" };
  const { version, ...others } = releaseInputsOf(facts);
  // semantic-release finds the version, so the input is left out.
  return {
    ...others,
    ...(facts.semanticRelease === undefined && version !== undefined ? { version } : {}),
    ...inputOf(facts, "force"),
  };
}

/** Digest of the plan from an output of the planning job. Other jobs of the run can replace an artifact, but not this output. */
export const planDigest: ActionInputs = { "plan-digest": "${{ needs.plan.outputs.plan-digest }}" };

/**
 * Digest of the plan, or an empty text if the planning job was skipped, as for a closed pull request. The condition is needed because act passes a
 * skipped job's outputs unevaluated.
 */
export const planDigestIfPlanned: ActionInputs = {
  "plan-digest": "${{ needs.plan.result == 'success' && needs.plan.outputs.plan-digest || '' }}",
};

/** Returns steps that are kept word for word. */
export function textSteps({ adopted }: WorkflowFacts, which: "logins" | "before"): WorkflowStep[] {
  return (adopted?.[which] ?? []).map(({ text }) => ({ kind: "text", text }));
}
