import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackAction } from "../sandbox/act/docker-action.ts";
import { type SandboxBuilder, startBuilder } from "../sandbox/index.ts";
import { mustRun } from "../sandbox/processes.ts";
import type { Case, CaseContext, Goal, Measured, Measurement, Medians, OpenCase } from "./case.ts";
import { type Ground, openGround } from "./ground.ts";
import { root, timed } from "./program.ts";
import { type BenchAction, type BenchJob, type BenchStep, readAction, runJob } from "./step-process.ts";

const rows = {
  long: "20 s of build, changed",
  short: "short build, changed",
  one: "nothing changed, 1 step",
  many: "nothing changed, 25 steps",
  bake: "nothing changed, a bake of 25",
} as const;
const columns = {
  dockers: "docker's action",
  buildx: "its arguments, by docker buildx",
  ours: "slipway's step",
  start: "slipway's step, refused at its start",
} as const;
const processor = "milliseconds of processor time";
const count = 25;

/** The step beside docker's. */
export const stepsCase: Case = {
  name: "steps",
  title: "The steps build-push and bake beside docker's actions",
  about:
    "docker's actions and ours as a runner starts them: a long build, a short one, nothing changed for 1 and for 25",
  method: [
    "Each action is run as GitHub's runner runs it: its program with the inputs in the environment, then its end (`post`); a job's steps run one after another. The builder is BuildKit in a container, as setup-buildx-action makes it, and stays warm; the registry is on this machine. Docker's actions are run where `SLIPWAY_BUILD_PUSH_ACTION` and `SLIPWAY_BAKE_ACTION` name them; their own arguments for `docker buildx` are always measured. Build records and docker's summary are off for both: they need GitHub's artifact service.",
    "Changed: a file of the context is new in each run, so that everything after its `COPY` is built. The long build copies 2,000 files of 4 KB and then sleeps 20 s, so that nothing else on the machine makes it longer; the short one copies 20 files. Nothing changed: 25 folders of 20 files, each an image of its own, by a step each or by one bake.",
    "`refused at its start` is the same program with an input that it does not know: what of each step is Node's start and the loading of its code. Processor time is of the step's processes and all that they started, not of the engine and the registry.",
  ],
  goals: [
    {
      text: "20 s of build: slipway / docker's action",
      unit: "×",
      limit: 1.03,
      value: (medians) => ratio(medians, rows.long, columns.dockers),
    },
    {
      text: "short build: slipway − docker's action",
      unit: "ms",
      limit: 600,
      value: (medians) => difference(medians, rows.short, columns.dockers),
    },
    ...([rows.one, rows.many, rows.bake] as const).map((row): Goal => ({
      text: `${row}: processor time without the processes' starts`,
      unit: "ms",
      limit: 1000,
      value: (medians) => beside(medians, row),
    })),
  ],
  opening: 90,
  open: openSteps,
};

type Row = (typeof rows)[keyof typeof rows];

function ratio(medians: Medians, row: Row, column: string): number | undefined {
  const [ours, theirs] = [medians.seconds(row, columns.ours), medians.seconds(row, column)];
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}

function difference(medians: Medians, row: Row, column: string): number | undefined {
  const [ours, theirs] = [medians.seconds(row, columns.ours), medians.seconds(row, column)];
  return ours === undefined || theirs === undefined ? undefined : (ours - theirs) * 1000;
}

/** Waiting for the network takes no processor time. */
function beside(medians: Medians, row: Row): number | undefined {
  const [ours, start] = [columns.ours, columns.start].map((column) => medians.count(row, column, processor));
  return ours === undefined || start === undefined ? undefined : ours - start;
}

async function openSteps(context: CaseContext): Promise<OpenCase> {
  const ground = await openGround(context);
  let builder: SandboxBuilder | undefined;
  try {
    builder = await startBuilder(ground.sandbox, { name: `bench-${process.pid}`, kind: "container", log: context.log });
    const scene = await makeScene(ground, builder, context.signal);
    const measurements = measurementsOf(scene).filter(context.only);
    const close = async (): Promise<void> => {
      await builder?.close();
      await ground.close();
    };
    return { measurements, env: ground.env, close };
  } catch (error) {
    await builder?.close();
    await ground.close();
    throw error;
  }
}

interface Scene {
  readonly ground: Ground;
  readonly job: BenchJob;
  readonly build: Actions;
  readonly bake: Actions;
  /** What has been published, and is there unchanged. */
  readonly published: Set<string>;
}

export /** One of docker's actions, where it is at hand, and ours. */
interface Actions {
  readonly dockers: BenchAction | undefined;
  readonly ours: BenchAction;
}

function readActions(ground: Ground, variable: string, name: string): Actions {
  const place = process.env[variable];
  const dockers =
    place === undefined ? undefined : readAction(unpackAction(place, join(ground.folder, "actions", name)));
  // In a place of its own, where no other bundle replaces it while it is measured.
  const own = join(ground.folder, "own");
  for (const part of [name, "dist/action"]) cpSync(join(root, part), join(own, part), { recursive: true });
  return { dockers, ours: readAction(join(own, name)) };
}

async function makeScene(ground: Ground, builder: SandboxBuilder, signal: AbortSignal): Promise<Scene> {
  const workspace = join(ground.folder, "steps");
  writeFolder(join(workspace, "long"), 2000, "FROM busybox\nCOPY . /app\nRUN sleep 20\n");
  writeFolder(join(workspace, "short"), 20, "FROM busybox\nCOPY . /app\nRUN true\n");
  for (let index = 0; index < count; index += 1) {
    writeFolder(join(workspace, `service-${index}`), 20, `FROM busybox\nCOPY . /app\nRUN echo ${index} > /built\n`);
  }
  writeFileSync(join(workspace, "docker-bake.hcl"), renderBakeFile());
  const git = (...args: readonly string[]) => mustRun("making a repository", "git", args, { cwd: workspace });
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("-c", "user.name=bench", "-c", "user.email=bench@example.test", "commit", "--quiet", "--message=All");
  const commit = (await git("rev-parse", "HEAD")).trim();
  const event = join(ground.folder, "event.json");
  writeFileSync(event, JSON.stringify({ repository: { default_branch: "main" } }));
  const env = {
    ...ground.env,
    ...builder.env,
    DOCKER_BUILD_SUMMARY: "false",
    DOCKER_BUILD_RECORD_UPLOAD: "false",
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: "push",
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: "refs/heads/main",
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_RUN_ID: "1",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_SHA: commit,
  };
  const job = { workspace, folder: ground.folder, env, signal };
  const build = readActions(ground, "SLIPWAY_BUILD_PUSH_ACTION", "build-push");
  const bake = readActions(ground, "SLIPWAY_BAKE_ACTION", "bake");
  return { ground, job, build, bake, published: new Set() };
}

function renderBakeFile(): string {
  return `variable "PREFIX" {}
target "default" {
  name = "service-\${index}"
  matrix = { index = [${Array.from({ length: count }, (_, index) => `"${index}"`).join(", ")}] }
  context = "service-\${index}"
  tags = ["\${PREFIX}/service-\${index}:main"]
}
`;
}

function writeFolder(folder: string, files: number, dockerfile: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  const text = `${"x".repeat(79)}\n`.repeat(51);
  for (let index = 0; index < files; index += 1) writeFileSync(join(folder, `file-${index}.txt`), `${index}\n${text}`);
}

type Way = keyof typeof columns;

/** What a row does: some folders are built, by a step each or by one bake. */
interface Work {
  readonly row: Row;
  readonly folders: readonly string[];
  readonly isBake: boolean;
  readonly isChanged: boolean;
  /** Guess of its seconds. */
  readonly about: number;
}

const services = Array.from({ length: count }, (_, index) => `service-${index}`);
const works: readonly Work[] = [
  { row: rows.long, folders: ["long"], isBake: false, isChanged: true, about: 24 },
  { row: rows.short, folders: ["short"], isBake: false, isChanged: true, about: 3 },
  { row: rows.one, folders: ["service-0"], isBake: false, isChanged: false, about: 1 },
  { row: rows.many, folders: services, isBake: false, isChanged: false, about: 25 },
  { row: rows.bake, folders: services, isBake: true, isChanged: false, about: 3 },
];

function measurementsOf(scene: Scene): Measurement[] {
  const ways = Object.keys(columns) as Way[];
  return works.flatMap((work) => {
    const { dockers } = work.isBake ? scene.bake : scene.build;
    return ways
      .filter((way) => way !== "dockers" || dockers !== undefined)
      .map((way) => ({
        row: work.row,
        column: columns[way],
        about: way === "start" ? work.folders.length / 3 : work.about,
        measure: () => measure(scene, way, work),
      }));
  });
}

async function measure(scene: Scene, way: Way, work: Work): Promise<Measured> {
  const key = `${way} ${work.row}`;
  // BuildKit has the files then, and the registry what does not change.
  if (way !== "start" && !scene.published.has(key)) await change(scene, way, work);
  scene.published.add(key);
  const { seconds, processorSeconds, reused } = work.isChanged
    ? await change(scene, way, work)
    : await run(scene, way, work);
  if (way === "ours" && reused.some((each) => each !== String(!work.isChanged)))
    throw new Error(`${key}: ${reused.join()}`);
  return { seconds, counts: way === "buildx" ? {} : { [processor]: processorSeconds * 1000 } };
}

async function change(scene: Scene, way: Way, work: Work): Promise<RunEnd> {
  if (work.isChanged)
    for (const folder of work.folders)
      writeFileSync(join(scene.job.workspace, folder, "changed.txt"), `${Math.random()}\n`);
  return run(scene, way, work);
}

interface RunEnd {
  readonly seconds: number;
  readonly processorSeconds: number;
  /** By step. */
  readonly reused: readonly string[];
}

async function run(scene: Scene, way: Way, work: Work): Promise<RunEnd> {
  const prefix = `${scene.ground.registry}/${way}-${work.isBake ? "bake" : "build"}`;
  if (way === "buildx") return runBuildx(scene.job, prefix, work);
  const { dockers, ours } = work.isBake ? scene.bake : scene.build;
  const action = way === "dockers" ? dockers : ours;
  if (action === undefined) throw new RangeError("docker's action is at hand");
  const more: Record<string, string> = way === "start" ? { refresh: "at no time" } : {};
  const steps = work.isBake
    ? [{ action, with: { source: ".", push: "true", ...more } }]
    : work.folders.map((folder): BenchStep => {
        return { action, with: { context: folder, push: "true", tags: `${prefix}/${folder}:main`, ...more } };
      });
  const job = { ...scene.job, env: { ...scene.job.env, PREFIX: prefix } };
  const end = await runJob(job, steps);
  if (way !== "start" && end.outputs.some(({ metadata = "" }) => metadata === ""))
    throw new Error(`${columns[way]} failed: ${work.row}`);
  return { ...end, reused: end.outputs.map(({ reused = "" }) => reused) };
}

/** The arguments that docker's actions give for these inputs. */
async function runBuildx({ workspace, env, signal }: BenchJob, prefix: string, work: Work): Promise<RunEnd> {
  const files = join(workspace, ".git", "buildx");
  mkdirSync(files, { recursive: true });
  const metadata = ["--metadata-file", join(files, "metadata.json")];
  const builderId = "builder-id=https://github.com/acme/shop/actions/runs/1/attempts/1";
  const lines = work.isBake
    ? [["bake", ...metadata, "--set", `*.attest=type=provenance,mode=max,${builderId}`, "--push"]]
    : work.folders.map((folder) => {
        const reports = ["--iidfile", join(files, "id"), ...metadata];
        const attest = ["--attest", `type=provenance,mode=max,${builderId}`];
        return ["build", ...reports, ...attest, "--push", "--tag", `${prefix}/${folder}:main`, folder];
      });
  let seconds = 0;
  for (const args of lines) {
    const options = { cwd: workspace, env: { ...env, PREFIX: prefix }, signal };
    seconds += (await timed("docker", ["buildx", ...args], options)).seconds;
  }
  return { seconds, processorSeconds: 0, reused: [] };
}
