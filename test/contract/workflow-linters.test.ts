import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { convert } from "../adoption/convert-case.ts";
import { caseNames, readCase } from "../adoption/read-case.ts";
import { run } from "../../sandbox/processes.ts";
import { ensureWorkflowLinters } from "../../sandbox/workflow-linters.ts";

const golden = resolve(import.meta.dirname, "../../src/workflow/golden");
const linters = await ensureWorkflowLinters(() => undefined);
const folder = mkdtempSync(join(tmpdir(), "slipway-lint-"));
const workflows = join(folder, ".github/workflows");
mkdirSync(workflows, { recursive: true });
// The linter looks for the root of a git repository.
mkdirSync(join(folder, ".git"));
for (const name of readdirSync(golden).filter((each) => each.endsWith(".yml"))) {
  copyFileSync(join(golden, name), join(workflows, name));
}
// Conversions of hand-made workflows, as init writes them.
for (const name of caseNames()) {
  const result = convert(readCase(name));
  if (result.kind === "converted") writeFileSync(join(workflows, `converted-${name}.yml`), result.text);
}
// As a repository with runners of its own says it.
writeFileSync(join(folder, ".github/actionlint.yaml"), "self-hosted-runner:\n  labels: [big, small]\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a person wrote is kept word for word, whatever a linter says of it. */
const hasStepsOfAPerson = (name: string): boolean =>
  name.startsWith("converted-") || ["adopted-services-matrix.yml", "adopted-steps-before.yml"].includes(name);

describe("generated workflows", () => {
  test.skipIf(linters.actionlint === undefined)(
    `are clean under actionlint${linters.actionlint === undefined ? " (needs Go and its module proxy)" : ""}`,
    async () => {
      const { exitCode, stdout, stderr } = await run(linters.actionlint ?? "", ["-no-color"], { cwd: folder });
      expect(stdout + stderr).toBe("");
      expect(exitCode).toBe(0);
    },
  );

  test.skipIf(linters.zizmor === undefined)(
    `are clean under zizmor${linters.zizmor === undefined ? " (needs Python and PyPI)" : ""}`,
    async () => {
      const own = readdirSync(workflows).filter((name) => !hasStepsOfAPerson(name));
      const files = own.map((name) => join(workflows, name));
      const args = ["--offline", "--no-progress", "--format=plain", "--color=never", ...files];
      const { exitCode, stdout, stderr } = await run(linters.zizmor ?? "", args, { cwd: folder });
      expect(stdout + stderr).toContain("No findings to report");
      expect(exitCode).toBe(0);
    },
  );
});
