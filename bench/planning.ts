import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Case, CaseContext, Goal, Measured, Measurement, Medians, OpenCase } from "./case.ts";
import { buildProgram, timed } from "./program.ts";
import { makePlanningRepository } from "./repositories.ts";

interface Size {
  readonly row: string;
  readonly services: number;
  readonly files: number;
  readonly limitMilliseconds: number;
}

const sizes: readonly Size[] = [
  { row: "25 services, 10,000 files", services: 25, files: 10_000, limitMilliseconds: 150 },
  { row: "500 services, 200,000 files", services: 500, files: 200_000, limitMilliseconds: 2000 },
];
const startRow = "start";
const columns = { reused: "slipway plan, all reused", built: "slipway plan, nothing published" } as const;
const start = { node: "node -e 0", version: "slipway --version", help: "slipway --help" } as const;
const memory = "megabytes resident";

/** Cost of planning besides the network. */
export const planningCase: Case = {
  name: "planning",
  title: "Planning, without a network",
  about: "slipway plan on generated repositories, and the process's start",
  method: [
    "`slipway plan --json` as a process of its own on a clean checkout, each service copying its own folder; requests to registries are answered within the process (`bench/stub-network.mjs`), so no network is in it, but all of the client beside the socket is. Memory is the largest resident size of the process.",
  ],
  goals: [
    ...sizes.flatMap(({ row, limitMilliseconds }): Goal[] => [
      {
        text: `${row}: slipway plan, all reused, without the process's start (\`slipway --version\`)`,
        unit: "ms",
        limit: limitMilliseconds,
        value: (medians) => beside(medians, row, columns.reused),
      },
      {
        text: `${row}: slipway plan, nothing published, without the process's start`,
        unit: "ms",
        limit: limitMilliseconds,
        value: (medians) => beside(medians, row, columns.built),
      },
    ]),
    {
      text: "500 services, 200,000 files: memory",
      unit: "MB",
      limit: 300,
      value: (medians) => medians.count("500 services, 200,000 files", columns.reused, memory),
    },
    {
      text: "slipway --help",
      unit: "ms",
      limit: 120,
      value: (medians) => inMilliseconds(medians.seconds(startRow, start.help)),
    },
  ],
  opening: 60,
  open: openPlanning,
};

function beside(medians: Medians, row: string, column: string): number | undefined {
  const [whole, own] = [medians.seconds(row, column), medians.seconds(startRow, start.version)];
  return whole === undefined || own === undefined ? undefined : (whole - own) * 1000;
}

function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

async function openPlanning({ program: built, only, signal, log }: CaseContext): Promise<OpenCase> {
  const program = await buildProgram(built);
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const close = (): Promise<void> => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    program.remove();
    return Promise.resolve();
  };
  const run = async (args: readonly string[]): Promise<Measured> => {
    const { seconds } = await timed(process.execPath, args, { cwd: folder, env: {}, signal });
    return { seconds };
  };
  const { main } = program;
  try {
    const measurements: Measurement[] = [
      { row: startRow, column: start.node, about: 0.1, measure: () => run(["-e", "0"]) },
      { row: startRow, column: start.version, about: 0.1, measure: () => run([main, "--version"]) },
      { row: startRow, column: start.help, about: 0.1, measure: () => run([main, "--help"]) },
    ];
    for (const [index, size] of sizes.entries()) {
      const wanted = Object.values(columns).some((column) => only({ row: size.row, column }));
      if (!wanted) continue;
      log(`writing a repository: ${size.row}`);
      const repository = join(folder, String(index));
      await makePlanningRepository(repository, size.services, size.files);
      measurements.push(...(await measurementsOf({ main, folder, repository, size, signal })));
    }
    return { measurements: measurements.filter(only), env: {}, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Scene {
  readonly main: string;
  readonly folder: string;
  readonly repository: string;
  readonly size: Size;
  readonly signal: AbortSignal;
}

async function measurementsOf({ main, folder, repository, size, signal }: Scene): Promise<Measurement[]> {
  const report = join(folder, "report.json");
  const planFile = `${repository}-plan.json`;
  const plan = async (env: Readonly<Record<string, string>>): Promise<Measured & { stdout: string }> => {
    const args = ["--import", join(import.meta.dirname, "stub-network.mjs"), main, "plan", "--json"];
    const options = { cwd: repository, env: { ...env, BENCH_REPORT: report }, signal };
    const { seconds, stdout } = await timed(process.execPath, args, options);
    const { kilobytes, requests } = JSON.parse(readFileSync(report, "utf8")) as { kilobytes: number; requests: number };
    return { seconds, stdout, counts: { [memory]: kilobytes / 1000, "requests answered": requests } };
  };
  const expecting = async (kind: string, env: Readonly<Record<string, string>>): Promise<Measured> => {
    const { stdout, seconds, counts } = await plan(env);
    const { steps } = JSON.parse(stdout) as { steps: { kind: string }[] };
    if (steps.length !== size.services || steps.some((step) => step.kind !== kind)) {
      throw new Error(`planning ${size.row}: not every service is ${kind}`);
    }
    return { seconds, ...(counts === undefined ? {} : { counts }) };
  };
  writeFileSync(planFile, (await plan({})).stdout);
  const about = size.files / 100_000 + 0.3;
  return [
    { row: size.row, column: columns.reused, about, measure: () => expecting("reuse", { BENCH_PLAN: planFile }) },
    { row: size.row, column: columns.built, about, measure: () => expecting("build", {}) },
  ];
}
