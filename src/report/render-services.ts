import type { Project, Service } from "../model/service.ts";
import { renderCount } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** For `slipway services`: what was found, where, and what was left out and why. */
export function renderServices(project: Pick<Project, "services" | "leftOut" | "source">, style: Style): string {
  const { services, leftOut, source } = project;
  const rows = services.map((service): Cell[] => [
    { text: service.name, paint: style.bold },
    service.dockerfile,
    service.context,
    service.platforms.join(" "),
    { text: `${service.images.join(" ")}${detailsOf(service)}`, paint: style.dim },
  ]);
  const found =
    services.length === 0
      ? "no services found"
      : renderTable(rows, style, { head: ["SERVICE", "DOCKERFILE", "CONTEXT", "PLATFORMS", "IMAGE"] });
  const left = leftOut.map(({ path, because }): Cell[] => [path, { text: because, paint: style.dim }]);
  return [
    found,
    style.dim(`\n${renderCount(services.length, "service")}, read from ${source}`),
    ...(left.length === 0 ? [] : ["\nleft out", renderTable(left, style, { indent: 2 })]),
  ].join("\n");
}

function detailsOf({ target, needs }: Service): string {
  const details = [
    ...(target === undefined ? [] : [`target ${target}`]),
    ...(needs.length === 0 ? [] : [`needs ${needs.join(", ")}`]),
  ];
  return details.length === 0 ? "" : ` (${details.join("; ")})`;
}
