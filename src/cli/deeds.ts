// What the commands do, in one module: it is loaded as one, while git looks at the repository.
export { abandon } from "../pipeline/abandon-command.ts";
export { build } from "../pipeline/build-command.ts";
export { readServiceInputs } from "../pipeline/inputs-command.ts";
export { planServices } from "../pipeline/plan.ts";
export { listServices } from "../pipeline/services-command.ts";
export { release } from "../pipeline/release-command.ts";
export { replay } from "../pipeline/replay-command.ts";
export { rollback } from "../pipeline/rollback-command.ts";
export { status } from "../pipeline/status-command.ts";
export { renderAbandon, renderBuildResult, renderReleaseResult, renderRollback } from "../report/render-result.ts";
export { renderInputs } from "../report/render-inputs.ts";
export { renderPlan, renderServicePlan } from "../report/render-plan.ts";
export { renderReplay } from "../report/render-replay.ts";
export { renderServices } from "../report/render-services.ts";
export { renderStatus } from "../report/render-status.ts";
