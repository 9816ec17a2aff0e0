// Everything that must pass: types, lint, format, unused code, then all tests. `npm test -- unit` or `-- e2e` runs a part,
// further words go to vitest. `--all` is the nightly form: thousands of generated cases where there is a sample otherwise, and
// what takes minutes to compile; the tests see it as SLIPWAY_NIGHTLY=1. The last line is `N passed, N failed[, N skipped]`
// from vitest's own report.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const words = process.argv.slice(2).filter((word) => word !== "--all");
if (words.length < process.argv.length - 2) process.env["SLIPWAY_NIGHTLY"] = "1";
const [part, ...rest] = words;
const project = part === "unit" || part === "e2e" ? part : undefined;
const vitestArgs = project === undefined ? words : rest;

const checked = project === undefined ? run("node", ["scripts/setup.mjs", "check"]) : true;
const folder = mkdtempSync(join(tmpdir(), "slipway-test-"));
const reportFile = join(folder, "report.json");
const passed = run(join("node_modules", ".bin", "vitest"), [
  "run",
  ...(project === undefined ? [] : ["--project", project]),
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${reportFile}`,
  ...vitestArgs,
]);
const counts = readCounts(reportFile);
rmSync(folder, { recursive: true });
if (!checked) process.stdout.write("check failed: see above (types, lint, format or unused code)\n");
const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exitCode = checked && passed && counts.failed === 0 && counts.passed > 0 ? 0 : 1;

function run(program: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error !== undefined) process.stderr.write(`${program}: ${error.message}\n`);
  return status === 0;
}

/** A file that does not even load counts as one failure. */
function readCounts(file: string): { passed: number; failed: number; skipped: number } {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as Report;
    const broken = report.testResults.filter((each) => each.status === "failed" && each.assertionResults.length === 0);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests,
    };
  } catch (error) {
    process.stderr.write(`reading the test runner's report: ${String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
