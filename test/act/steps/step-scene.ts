import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { type HostedRepository, hostRepository } from "../../../sandbox/act/hosted.ts";
import type { ActRun } from "../../../sandbox/act/run.ts";
import { makeRepo, type Repo, sandbox } from "../../e2e/rig.ts";
import { type StepRow, stepFiles } from "./rows.ts";

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
  close(): Promise<void>;
}

export interface StepRunOptions {
  readonly event?: "push" | "schedule";
  /** Of the job. */
  readonly env?: Readonly<Record<string, string>>;
  readonly ref?: string;
}

export interface StepRun extends ActRun {
  /** In the order of the steps. */
  readonly ends: readonly StepEnd[];
}

const ourAction = "acme/slipway@v1";
const dockersAction = "docker/build-push-action@v7";

/** `action`: a working tree or git directory of docker/build-push-action; undefined: it is not at hand. */
export async function openStepScene(action: string | undefined): Promise<StepScene> {
  const act = inject("act");
  if (act === null) throw new Error("act cannot be had: the test should have been skipped");
  const repo = await makeRepo(stepFiles);
  const hosted = await hostRepository(act.tools, repo.folder);
  const folder = mkdtempSync(join(tmpdir(), "slipway-steps-"));
  const dockers = action === undefined ? undefined : unpackAction(action, join(folder, "dockers"));
  const image = ({ by, row }: StepUse): string =>
    `${repo.image(by)}/${row.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  let count = 0;
  return {
    repo,
    hosted,
    image,
    async run(uses, { event = "push", env = {}, ref = "refs/heads/main" } = {}) {
      count += 1;
      const ends = join(folder, `ends-${count}`);
      mkdirSync(ends);
      const workflow = ".github/workflows/steps.yml";
      await repo.write({ [workflow]: renderWorkflow(uses, { event, ends, image, env }) });
      const { env: own } = sandbox();
      const started = await hosted.start(
        { event: "push", ref },
        {
          workflow,
          actions: { [ourAction]: act.action, ...(dockers === undefined ? {} : { [dockersAction]: dockers }) },
          docker: { jobs: ["steps"], engines: [own["DOCKER_HOST"] ?? ""] },
          env: own,
        },
      );
      const ran = await started.ended;
      const read = (index: number): StepEnd => {
        try {
          return JSON.parse(readFileSync(join(ends, `${index}.json`), "utf8")) as StepEnd;
        } catch {
          throw new Error(`step ${index} says nothing of its end:\n${ran.text.slice(-20_000)}`);
        }
      };
      return { ...ran, ends: uses.map((_, index) => read(index)) };
    },
    async close() {
      await hosted.close();
      await repo.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function unpackAction(action: string, folder: string): string {
  mkdirSync(join(folder, "dist"), { recursive: true });
  const place = action.endsWith(".git") || action.endsWith("/repo") ? [`--git-dir=${action}`] : ["-C", action];
  for (const file of ["action.yml", "dist/index.cjs"]) {
    writeFileSync(join(folder, file), execFileSync("git", [...place, "show", `HEAD:${file}`], { maxBuffer: 2 ** 26 }));
  }
  return folder;
}

interface WorkflowOptions {
  readonly event: string;
  /** Folder for what each step came to. */
  readonly ends: string;
  readonly image: (use: StepUse) => string;
  readonly env: Readonly<Record<string, string>>;
}

/** JSON is YAML. */
function renderWorkflow(uses: readonly StepUse[], { event, ends, image, env }: WorkflowOptions): string {
  const steps = uses.map((use, index) => ({
    id: `step-${index}`,
    name: `${use.by}: ${use.row.name}`,
    uses: use.by === "ours" ? ourAction.replace("@", "/build-push@") : dockersAction,
    "continue-on-error": true,
    with: Object.fromEntries(
      Object.entries(use.row.with).map(([name, value]) => [name, value.replaceAll("IMAGE", image(use))]),
    ),
  }));
  const writes = uses.map(
    (_, index) => `cat > '${ends}/${index}.json' <<'END'\n\${{ toJSON(steps.step-${index}) }}\nEND`,
  );
  const job = {
    "runs-on": "ubuntu-latest",
    env: { DOCKER_BUILD_SUMMARY: "false", SHOP_TOKEN: "of the run", ...env },
    steps: [{ uses: "actions/checkout@v7" }, ...steps, { run: writes.join("\n"), if: "always()" }],
  };
  const on = event === "schedule" ? { schedule: [{ cron: "0 3 * * *" }], push: {} } : { push: {} };
  return JSON.stringify(
    { name: "steps", on, permissions: { contents: "read", packages: "write" }, jobs: { steps: job } },
    null,
    2,
  );
}
