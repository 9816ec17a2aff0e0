import type { Case, Goal } from "./case.ts";
import { renderMachine } from "./machine.ts";
import { mediansOf, type Results, type Sample, samplesOf, spreadOf } from "./results.ts";

/** A case's page in bench/results: how, on what, the table, the goals. */
export function renderResults(description: Case, results: Results): string {
  const { samples } = results;
  const runs = Math.max(0, ...samples.map(({ run }) => run));
  return [
    `# ${description.title}`,
    "",
    ...description.method.flatMap((paragraph) => [paragraph, ""]),
    `Median (least to most) of ${renderRuns(samples)}, interleaved. ${renderMachine(results.machine)}`,
    ...(results.quick ? ["", "Made with `--quick`: an approximation."] : []),
    "",
    ...renderTable(samples),
    "",
    ...renderGoals(description.goals, samples),
    `Made by \`npm run bench -- ${description.name} --runs ${runs}${results.quick ? " --quick" : ""}\` on ${results.begun.slice(0, 10)}.`,
    "",
  ].join("\n");
}

/** The table and the goals alone, for docs/benchmarks.md. */
export function renderSummary(description: Case, { samples, machine, begun }: Results): string {
  const loads = spreadOf(samples.map(({ load }) => load));
  return [
    ...renderTable(samples),
    "",
    ...renderGoals(description.goals, samples),
    `Median (least to most) of ${renderRuns(samples)} on ${begun.slice(0, 10)}; load average ${loads?.median.toFixed(1) ?? "unknown"} beside it. ${renderMachine(machine)}`,
  ].join("\n");
}

/** How often the cells were measured. */
function renderRuns(samples: readonly Sample[]): string {
  const counts = samples.map(({ row, column }) => samplesOf(samples, row, column).length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (samples.length === 0) return "no runs";
  return `${least === most ? "" : `${least} to `}${most} ${most === 1 ? "run" : "runs"}`;
}

/** A line a way, a column for what changed: seconds, and below what else was counted. */
function renderTable(samples: readonly Sample[]): string[] {
  const rows = [...new Set(samples.map(({ row }) => row))];
  const columns = [...new Set(samples.map(({ column }) => column))];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const names = [...new Set(samples.flatMap(({ counts }) => Object.keys(counts ?? {})))];
  const seconds = columns.map((column) =>
    line([column, ...rows.map((row) => renderSeconds(samplesOf(samples, row, column)))]),
  );
  const counted = names.flatMap((name) => {
    const lines = columns.flatMap((column) => {
      const cells = rows.map((row) => renderCount(samplesOf(samples, row, column), name));
      return cells.every((cell) => cell === "") ? [] : [line([column, ...cells])];
    });
    return ["", line([name, ...rows]), line(["---", ...rows.map(() => "---:")]), ...lines];
  });
  return [line(["seconds", ...rows]), line(["---", ...rows.map(() => "---:")]), ...seconds, ...counted];
}

function renderSeconds(samples: readonly Sample[]): string {
  const spread = spreadOf(samples.map(({ seconds }) => seconds));
  if (spread === undefined) return "";
  const digits = spread.median < 10 ? 2 : 1;
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) => value.toFixed(digits));
  return samples.length === 1 ? `${median}` : `${median} (${min} to ${max})`;
}

function renderCount(samples: readonly Sample[], name: string): string {
  const spread = spreadOf(samples.flatMap(({ counts }) => counts?.[name] ?? []));
  return spread === undefined ? "" : String(Math.round(spread.median));
}

function renderGoals(goals: readonly Goal[], samples: readonly Sample[]): string[] {
  const medians = mediansOf(samples);
  const lines = goals.map((goal) => {
    const value = goal.value(medians);
    const limit = `${goal.atLeast === true ? "≥" : "≤"} ${renderValue(goal.limit, goal)}`;
    if (value === undefined) return `| ${goal.text} | ${limit} | not measured | |`;
    const holds = goal.atLeast === true ? value >= goal.limit : value <= goal.limit;
    return `| ${goal.text} | ${limit} | ${renderValue(value, goal)} | ${holds ? "holds" : "missed"} |`;
  });
  return lines.length === 0 ? [] : ["| goal | limit | measured | |", "| --- | ---: | ---: | --- |", ...lines, ""];
}

function renderValue(value: number, { unit }: Goal): string {
  return unit === "×" ? `${value.toFixed(2)} ×` : `${Math.round(value)} ${unit}`;
}
