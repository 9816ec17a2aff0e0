import type { PackageChanges, SbomDocument, SbomPackage } from "../model/sbom-document.ts";
import { renderCount } from "../model/units.ts";
import { byCodeUnit } from "../model/order.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** Renders the packages of an image; with another release, what changed since. */
export function renderSbom(document: SbomDocument, style: Style): string {
  const { service, platform, release, tool, packages, changes, notes } = document;
  const by = tool === "" ? "" : `, by ${tool}`;
  const head = `${style.bold(service)} ${platform} of ${release}: ${renderCount(packages.length, "package")}${renderOrigin(document)}${by}`;
  const body = changes === null ? [renderPackages(packages, style)] : renderChanges(changes, style);
  return [head, ...body, ...notes.map((note) => `${style.cyan("note:")} ${note}`)].join("\n");
}

function renderOrigin({ base, packages }: SbomDocument): string {
  if (base.kind !== "known") return "";
  return `, ${packages.filter(({ from }) => from === "base").length} of them from ${base.reference}`;
}

function renderPackages(packages: SbomDocument["packages"], style: Style): string {
  const rows = packages.map(({ id, version, license, from }): Cell[] => [
    id,
    version,
    { text: license ?? "", paint: style.dim },
    { text: from === "base" ? "base" : "", paint: style.dim },
  ]);
  return renderTable(rows, style, { head: ["PACKAGE", "VERSION", "LICENCE", "FROM"], flexible: 0, indent: 2 });
}

function renderChanges({ since, service, base }: NonNullable<SbomDocument["changes"]>, style: Style): string[] {
  const whole = base === null ? "" : " of the service";
  return [
    renderGroup(`since ${since}${whole}`, service, style),
    ...(base === null ? [] : [renderGroup(`since ${since} of the base`, base, style)]),
  ];
}

function renderGroup(title: string, changes: PackageChanges, style: Style): string {
  const rows = [
    ...changes.added.map((each) => row("+", each, style.green)),
    ...changes.removed.map((each) => row("-", each, style.red)),
    ...changes.changed.map(({ id, before, after }): Row => ({
      id,
      cells: [{ text: "~", paint: style.yellow }, id, `${before.join(", ")} -> ${after.join(", ")}`],
    })),
    ...changes.otherContent.map((each) => row("!", each, style.yellow, " with other content")),
  ].toSorted((left, right) => byCodeUnit(left.id, right.id));
  if (rows.length === 0) return `${title}: no package changed`;
  const table = renderTable(
    rows.map(({ cells }) => cells),
    style,
    { flexible: 1, indent: 2 },
  );
  return `${title}:\n${table}`;
}

interface Row {
  readonly id: string;
  readonly cells: Cell[];
}

function row(sign: string, { id, version }: SbomPackage, paint: (text: string) => string, more = ""): Row {
  return { id, cells: [{ text: sign, paint }, id, `${version}${more}`] };
}
