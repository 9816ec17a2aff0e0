import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { unpackAction } from "../../../sandbox/act/docker-action.ts";
import { type HostedRepository, type HostedRun, hostRepository } from "../../../sandbox/act/hosted.ts";
import type { ActRun } from "../../../sandbox/act/run.ts";
import { makeRepo, type Repo, sandbox } from "../../e2e/rig.ts";
import { scannerFiles, type StepRow, stepFiles } from "./rows.ts";

/** A step of a workflow: of an action, or a script. */
export type WrittenStep =
  | {
      readonly uses: string;
      readonly with?: Readonly<Record<string, string>>;
      readonly env?: Readonly<Record<string, string>>;
    }
  | { readonly run: string };

/** A step that builds a row. */
export interface StepUse {
  /** Part of the names of its images. */
  readonly by: "dockers" | "ours";
  readonly row: StepRow;
}

/** What a step came to. */
export interface StepEnd {
  readonly outcome: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A repository on a GitHub of its own, with workflows of steps that build. */
export interface StepScene {
  readonly repo: Repo;
  readonly hosted: HostedRepository;
  /** The image name of a row. */
  image(use: StepUse): string;
  /** One job with these steps, one after the other; none is kept from running by another. */
  run(uses: readonly StepUse[], options?: StepRunOptions): Promise<StepRun>;
  runSteps(steps: readonly WrittenStep[], options?: StepRunOptions): Promise<StepRun>;
  /** Starts such a job, to be interrupted. */
  startSteps(steps: readonly WrittenStep[], options?: StepRunOptions): Promise<HostedRun>;
  close(): Promise<void>;
}

export interface StepRunOptions {
  readonly event?: "push" | "schedule";
  /** Of the job. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface StepRun extends ActRun {
  /** In the order of the steps. */
  readonly ends: readonly StepEnd[];
}

const ourAction = "acme/slipway@v1";

/** What `uses:` names. */
export const stepActions = {
  dockers: { "build-push": "docker/build-push-action@v7", bake: "docker/bake-action@v7" },
  ours: { "build-push": "acme/slipway/build-push@v1", bake: "acme/slipway/bake@v1", setup: "acme/slipway/setup@v1" },
} as const;

/** Working trees or git directories of docker's actions; undefined: it is not at hand. */
export interface DockersActions {
  readonly "build-push": string | undefined;
  readonly bake: string | undefined;
}

/** Where docker's actions are. */
export const dockersActions: DockersActions = {
  "build-push": process.env["SLIPWAY_BUILD_PUSH_ACTION"],
  bake: process.env["SLIPWAY_BAKE_ACTION"],
};

export async function openStepScene(): Promise<StepScene> {
  const act = inject("act");
  if (act === null) throw new Error("act cannot be had: the test should have been skipped");
  const repo = await makeRepo({ ...stepFiles, ...scannerFiles });
  const hosted = await hostRepository(act.tools, repo.folder);
  const folder = mkdtempSync(join(tmpdir(), "slipway-steps-"));
  const actions: Record<string, string> = { [ourAction]: act.action };
  for (const name of ["build-push", "bake"] as const) {
    const place = dockersActions[name];
    if (place !== undefined) actions[stepActions.dockers[name]] = unpackAction(place, join(folder, name));
  }
  const image = ({ by, row }: StepUse): string =>
    `${repo.image(by)}/${row.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  const scanner = `${repo.image("scanner")}:1`;
  const written = ({ by, row }: StepUse): WrittenStep => ({
    uses: stepActions[by]["build-push"],
    with: fillIn(row.with, { IMAGE: image({ by, row }), SCANNER: scanner }),
  });
  let count = 0;
  const start = async (steps: readonly WrittenStep[], { event = "push", env = {} }: StepRunOptions = {}) => {
    count += 1;
    const ends = join(folder, `ends-${count}`);
    mkdirSync(ends);
    const workflow = ".github/workflows/steps.yml";
    await repo.write({ [workflow]: renderWorkflow(steps, { event, ends, env }) });
    const { env: own } = sandbox();
    const started = await hosted.start(event === "push" ? { event, ref: "refs/heads/main" } : { event }, {
      workflow,
      actions,
      docker: { jobs: ["steps"], engines: [own["DOCKER_HOST"] ?? ""] },
      env: own,
    });
    return { started, ends };
  };
  const runSteps: StepScene["runSteps"] = async (steps, options) => {
    const { started, ends } = await start(steps, options);
    const ran = await started.ended;
    const read = (index: number): StepEnd => {
      try {
        return JSON.parse(readFileSync(join(ends, `${index}.json`), "utf8")) as StepEnd;
      } catch {
        throw new Error(`step ${index} says nothing of its end:\n${ran.text.slice(-20_000)}`);
      }
    };
    return { ...ran, ends: steps.map((_, index) => read(index)) };
  };
  return {
    repo,
    hosted,
    image,
    runSteps,
    startSteps: async (steps, options) => (await start(steps, options)).started,
    async run(uses, options) {
      if (uses.some(({ row }) => JSON.stringify(row.with).includes("SCANNER"))) {
        const args = ["buildx", "build", "--builder=default", "--push", `--tag=${scanner}`, "scanner"];
        execFileSync("docker", args, { cwd: repo.folder, env: { ...process.env, ...sandbox().env }, stdio: "pipe" });
      }
      return runSteps(uses.map(written), options);
    },
    async close() {
      await hosted.close();
      await repo.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fillIn(
  inputs: Readonly<Record<string, string>>,
  values: Readonly<Record<"IMAGE" | "SCANNER", string>>,
): Readonly<Record<string, string>> {
  const fill = (text: string): string => text.replaceAll("IMAGE", values.IMAGE).replaceAll("SCANNER", values.SCANNER);
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, fill(value)]));
}

interface WorkflowOptions {
  readonly event: string;
  /** Folder for what each step came to. */
  readonly ends: string;
  readonly env: Readonly<Record<string, string>>;
}

/** JSON is YAML. */
function renderWorkflow(written: readonly WrittenStep[], { event, ends, env }: WorkflowOptions): string {
  const steps = written.map((step, index) => ({ id: `step-${index}`, "continue-on-error": "uses" in step, ...step }));
  const writes = written.map(
    (_, index) => `cat > '${ends}/${index}.json' <<'END'\n\${{ toJSON(steps.step-${index}) }}\nEND`,
  );
  const job = {
    "runs-on": "ubuntu-latest",
    env: { DOCKER_BUILD_SUMMARY: "false", SHOP_TOKEN: "of the run", ...env },
    steps: [{ uses: "actions/checkout@v7" }, ...steps, { run: writes.join("\n"), if: "always()" }],
  };
  const on = event === "schedule" ? { schedule: [{ cron: "0 3 * * *" }], push: {} } : { push: {} };
  const permissions = { contents: "read", packages: "write" };
  return JSON.stringify({ name: "steps", on, permissions, jobs: { steps: job } }, null, 2);
}
