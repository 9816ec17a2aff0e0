import { addTo } from "../model/lists.ts";
import type { UncountedInput } from "../model/inputs.ts";
import type { Plan, Step } from "../model/plan.ts";
import { renderCount } from "../model/units.ts";
import { explainChanges, explainStep } from "../plan/explain.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";
import { shortDigest } from "./text.ts";

/** For `slipway plan`: a line a service: what happens with it, and why. */
export function renderPlan(plan: Plan, style: Style): string {
  if (plan.steps.length === 0) return "no services";
  const rows = plan.steps.map((step): Cell[] => [step.service, stepCell(step, style), explainStep(step)]);
  const proxies = renderProxies(plan);
  return [renderTable(rows, style), "", ...[...proxies, countSteps(plan)].map(style.dim)].join("\n");
}

/** Proxies reach the build and leave no trace in its fingerprint: `not counted: proxy HTTP_PROXY (build args), of api and web`. */
function renderProxies({ steps }: Plan): string[] {
  const services = new Map<string, string[]>();
  for (const { service, uncounted = [] } of steps) {
    const proxies = uncounted.filter(({ what }) => what === "proxy");
    if (proxies.length === 0) continue;
    const named = proxies.map(({ name, from }) => `${name} (${from})`).join(", ");
    addTo(services, named, service);
  }
  return [...services].map(([named, names]) => `not counted: proxy ${named}, in ${names.join(", ")}`);
}

/** For `slipway plan api`: the service's line, then every input that changed, by name. */
export function renderServicePlan(plan: Plan, service: string, style: Style): string {
  const step = plan.steps.find((each) => each.service === service);
  if (step === undefined) return `${service} is not in the plan`;
  const head = renderTable([[step.service, stepCell(step, style), explainStep(step)]], style);
  const platforms = step.platforms.map(({ platform, fingerprint, image }): Cell[] => [
    platform,
    fingerprint === null ? "fingerprint not known yet" : `fingerprint ${shortDigest(fingerprint)}`,
    { text: image ?? "", paint: style.dim },
  ]);
  const changes = step.reason.kind === "inputs-changed" ? explainChanges(step.reason.changes) : [];
  return [
    head,
    renderTable(platforms, style, { indent: 2 }),
    ...renderUncounted(step.uncounted ?? []),
    ...changes.map((line) => (line.startsWith(" ") ? `  ${paintChange(line, style)}` : `\n  ${style.bold(line)}`)),
  ].join("\n");
}

function renderUncounted(inputs: readonly UncountedInput[]): string[] {
  return inputs.map(({ what, name, from }) => `  not counted: ${what} ${name} (${from})`);
}

function paintChange(line: string, style: Style): string {
  const mark = line.trimStart()[0];
  return mark === "+" ? style.green(line) : mark === "-" ? style.red(line) : line;
}

function stepCell(step: Step, style: Style): Cell {
  switch (step.kind) {
    case "build":
      return { text: "build", paint: style.green };
    case "reuse":
      return { text: "reuse", paint: style.dim };
    case "pending":
      return { text: "wait", paint: style.yellow };
    case "not-planned":
      return { text: "not planned", paint: style.yellow };
  }
}

function countSteps({ steps }: Plan): string {
  const count = (kind: Step["kind"]): number => steps.filter((step) => step.kind === kind).length;
  const pending = count("pending");
  const left = count("not-planned");
  const rest = `${pending === 0 ? "" : `, ${pending} decided later`}${left === 0 ? "" : `, ${left} not planned`}`;
  return `${renderCount(steps.length, "service")}: ${count("build")} to build, ${count("reuse")} to reuse${rest}`;
}
