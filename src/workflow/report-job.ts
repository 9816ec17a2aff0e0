import type { WorkflowFacts } from "./facts.ts";
import type { OwnJob } from "./model.ts";
import { lightRunner } from "./runners.ts";

/** Makes the last job. Its name never changes, so that a required check can refer to it. */
export function reportJob(facts: WorkflowFacts, others: readonly string[]): OwnJob {
  const name = facts.shadow ? "slipway-shadow" : "slipway";
  const variables = others.map((id) => [id, `RESULT_${id.toUpperCase().replaceAll("-", "_")}`] as const);
  const results = variables.map(([id, variable]) => `"${id} $${variable}"`).join(" ");
  return {
    kind: "own",
    id: name,
    name,
    comments: ["Make this one the required check: it runs every time, and fails if a job failed."],
    needs: others,
    condition: "always()",
    runsOn: lightRunner(facts),
    timeoutMinutes: 5,
    environment: undefined,
    permissions: [],
    concurrency: undefined,
    matrix: undefined,
    outputs: {},
    steps: [
      {
        kind: "run",
        id: undefined,
        name: "Report whether a job failed",
        condition: undefined,
        env: Object.fromEntries(variables.map(([id, variable]) => [variable, `\${{ needs.${id}.result }}`])),
        run: `failed=0
for result in ${results}; do
  echo "$result"
  case "$result" in
    *" success" | *" skipped") ;;
    *) failed=1 ;;
  esac
done
exit "$failed"
`,
      },
    ],
  };
}
