import type { Plan } from "../../model/plan.ts";
import { makeObserver } from "../../core/planning/observer.ts";
import { planServices } from "../../core/planning/plan.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { renderPlan, renderServicePlan } from "../../report/render-plan.ts";
import type { Style } from "../../report/style.ts";
import type { View } from "../spec.ts";
import type { PlanOptions } from "./spec.ts";

/** Plans which images would be built or reused, with reasons, in dependency order. */
export async function run(workspace: Workspace, options: PlanOptions): Promise<Plan> {
  const observer = makeObserver(workspace, { force: options.force });
  return (await planServices(observer, { services: options.services })).plan;
}

/** Renders the plan. If one service was requested, all its changes are shown. */
export function render(plan: Plan, style: Style, { options }: View<PlanOptions>): string {
  const [service, ...others] = options.services;
  return service === undefined || others.length > 0 ? renderPlan(plan, style) : renderServicePlan(plan, service, style);
}
