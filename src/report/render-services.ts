import type { ServicesDocument, UnplannableService } from "../model/documents.ts";
import type { Project, Service } from "../model/service.ts";
import { renderCount } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** For `slipway services`: the services, their places, and what was left out and why. */
export function renderServices(
  found: Pick<Project, "services" | "leftOut" | "source"> & Pick<ServicesDocument, "unplannable">,
  style: Style,
): string {
  const { services, leftOut, source, unplannable } = found;
  const rows = services.map((service): Cell[] => [
    { text: service.name, paint: style.bold },
    service.dockerfile,
    service.context,
    service.platforms.join(" "),
    { text: `${service.images.join(" ")}${detailsOf(service)}`, paint: style.dim },
  ]);
  const list =
    services.length === 0
      ? "no services found"
      : renderTable(rows, style, { head: ["SERVICE", "DOCKERFILE", "CONTEXT", "PLATFORMS", "IMAGE"] });
  const left = leftOut.map(({ path, because }): Cell[] => [path, { text: because, paint: style.dim }]);
  return [
    list,
    style.dim(`\n${renderCount(services.length, "service")}, read from ${source}`),
    ...(left.length === 0 ? [] : ["\nleft out", renderTable(left, style, { indent: 2 })]),
    ...(unplannable.length === 0
      ? []
      : [style.red("\ncannot be planned as it is"), ...unplannable.flatMap((each) => renderUnplannable(each, style))]),
  ].join("\n");
}

function renderUnplannable({ service, because, hint }: UnplannableService, style: Style): string[] {
  const todo = hint === null ? [] : [`    ${style.cyan("hint:")} ${hint}`];
  return [`  ${style.bold(service)}  ${because}`, ...todo];
}

function detailsOf({ target, needs }: Service): string {
  const details = [
    ...(target === undefined ? [] : [`target ${target}`]),
    ...(needs.length === 0 ? [] : [`needs ${needs.join(", ")}`]),
  ];
  return details.length === 0 ? "" : ` (${details.join("; ")})`;
}
