import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../program.ts";
import { faultClasses } from "./classes.ts";
import { type RoundResult, roundKinds } from "./rounds.ts";
import type { TrialResult } from "./trial.ts";

/** Result of a run of the case. */
export interface Findings {
  /** On what, and with what. */
  readonly machine: string;
  readonly trials: readonly TrialResult[];
  readonly rounds: readonly RoundResult[];
  /** How many there were to be; fewer were run when the time was over. */
  readonly planned: { readonly trials: number; readonly rounds: number };
}

/** Both tables, and everything that did not survive. */
export function renderFindings(findings: Findings): string {
  const { machine, trials, rounds, planned } = findings;
  const struck = trials.filter(({ request }) => request !== undefined);
  const wrong = [...struck, ...rounds].filter((each) => each.wrong.length > 0);
  return [
    `${struck.length} faults (of ${planned.trials} planned) and ${rounds.length} rounds (of ${planned.rounds}); ${machine}`,
    "",
    "| fault at each request | what it means | tried | the command went on | the same command, repeated, finished | survived |",
    "|---|---|---:|---:|---:|---:|",
    ...faultClasses.map(({ name, means }) => {
      const own = struck.filter(({ fault }) => fault === name);
      const repeated = own.filter(({ isRepeated }) => isRepeated).length;
      return `| ${name} | ${means} | ${own.length} | ${own.length - repeated} | ${repeated} | ${survived(own)} |`;
    }),
    "",
    "| releases at once | rounds | all exit 0 | some refused (exit 3) | survived |",
    "|---|---:|---:|---:|---:|",
    ...roundKinds.map(({ name }) => {
      const own = rounds.filter(({ kind }) => kind === name);
      const whole = own.filter(({ exitCodes }) => exitCodes.every((code) => code === 0)).length;
      return `| ${name} | ${own.length} | ${whole} | ${own.length - whole} | ${survived(own)} |`;
    }),
    ...(wrong.length === 0 ? [] : ["", "Not survived:", "", ...wrong.map((each) => `- ${renderWrong(each)}`)]),
    "",
  ].join("\n");
}

function survived(results: readonly { readonly wrong: readonly string[] }[]): string {
  const well = results.filter(({ wrong }) => wrong.length === 0).length;
  return well === results.length ? `${well}` : `**${well}**`;
}

function renderWrong(result: TrialResult | RoundResult): string {
  const what =
    "fault" in result
      ? `${result.fault} at ${result.request ?? ""}`
      : `${result.kind}, exit ${result.exitCodes.join(", ")}`;
  return `${what}: ${result.wrong.join("; ")}`;
}

/** Into `bench/results/faults.md`, and between the marks of `docs/reliability.md`. */
export function writeFindings(findings: Findings): void {
  const text = renderFindings(findings);
  writeFileSync(join(root, "bench/results/faults.md"), `# Faults and releases at once\n\n${text}`);
  const page = join(root, "docs/reliability.md");
  const [begin, end] = ["<!-- faults: begin -->", "<!-- faults: end -->"];
  const old = readFileSync(page, "utf8");
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no marks ${begin} and ${end}`);
  writeFileSync(page, `${old.slice(0, from + begin.length)}\n\n${text}\n${old.slice(to)}`);
}
