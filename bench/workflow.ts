import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostRepository, type HostedRepository } from "../sandbox/act/hosted.ts";
import type { ActRun } from "../sandbox/act/run.ts";
import { type ActTools, ensureActTools } from "../sandbox/act/tools.ts";
import { makeActionFolder } from "../sandbox/act/action-folder.ts";
import { makeShop, openShop, type Runner, SandboxUnavailable, shopServices, startRunner } from "../sandbox/index.ts";
import type { Case, CaseContext, Measured, Measurement, Medians, OpenCase } from "./case.ts";
import { criticalPath } from "../sandbox/act/critical-path.ts";
import { type Ground, openGround } from "./ground.ts";
import { renderPlainWorkflow } from "./plain-workflow.ts";
import { timed } from "./program.ts";
import { type BenchService, type Change, changes } from "./repositories.ts";

const generated = { name: "generated workflow", file: ".github/workflows/slipway.yml" } as const;
const plain = { name: "plain matrix, gha cache", file: ".github/workflows/plain.yml" } as const;
const ways = [generated, plain] as const;
type Way = (typeof ways)[number];

const one = "api";
const jobSeconds = "seconds of all jobs together";
const ownJobSeconds = `seconds of the job that builds ${one}`;

/** Workflows, job by job, as GitHub's runners do it. */
export const workflowCase: Case = {
  name: "workflow",
  title: "The generated workflow beside a plain matrix, under act",
  about: "the example repository's workflow that `slipway init` writes, and one written by hand",
  method: [
    "The example repository is on a GitHub of its own (git, cache service, artifacts and REST API on loopback), and act runs a push to its trunk: with the workflow that `slipway init` wrote and the action's bundle on Node 24; and with a workflow written by hand, a matrix of all services with a checkout of one commit and `docker buildx build` in its fastest form (`push=true,store=false,unpack=false`), `--cache-from` and `--cache-to` `type=gha,mode=max` with a scope a service.",
    "Each build job has an empty engine of its own, started before. Jobs run one at a time (`max-parallel: 1` in both), so that each has the machine by itself as it has a runner on GitHub; the wall time is that of the longest way through the jobs, which is what it takes with a runner for each. Between runs, registry and caches are put back to what they were after everything was released once in the same way. Runner start and network are not in it; both would count for every job.",
  ],
  goals: [
    {
      text: `nothing changed: ${generated.name} / ${plain.name}, seconds of all jobs`,
      unit: "×",
      limit: 0.25,
      value: (medians) => ratio(medians, "nothing changed", jobSeconds),
    },
    {
      text: `one of four changed: ${generated.name}, seconds of all jobs / the changed service's own job of the ${plain.name}`,
      unit: "×",
      limit: 1.1,
      value: (medians) => ratio(medians, "one changed", ownJobSeconds),
    },
    {
      text: `all changed: ${generated.name} / ${plain.name}, seconds of all jobs`,
      unit: "×",
      limit: 1.05,
      value: (medians) => ratio(medians, "all changed", jobSeconds),
    },
  ],
  opening: 300,
  open: openWorkflows,
};

/** All jobs of the generated workflow, compared with a count of the plain one. */
function ratio(medians: Medians, row: Change, of: string): number | undefined {
  const own = medians.count(row, generated.name, jobSeconds);
  const other = medians.count(row, plain.name, of);
  return own === undefined || other === undefined ? undefined : own / other;
}

interface Scene {
  readonly context: CaseContext;
  readonly ground: Ground;
  readonly hosted: HostedRepository;
  readonly action: string;
}

async function openWorkflows(context: CaseContext): Promise<OpenCase> {
  const tools = await ensureActTools(context.log);
  if (tools === undefined) throw new SandboxUnavailable("act or Node 24 cannot be had from PyPI.");
  const ground = await openGround(context);
  const close: (() => Promise<void>)[] = [() => ground.close()];
  try {
    const action = await makeActionFolder(join(ground.folder, "action"));
    const hosted = await makeHosted(tools, ground, context);
    close.push(() => hosted.close());
    const scene = { context, ground, hosted, action };
    const caches = new Map<Way, ReturnType<typeof hosted.github.snapshotCaches>>();
    const planned = changes.flatMap((row) => ways.map((way) => ({ row, way, column: way.name }))).filter(context.only);
    for (const way of ways.filter((each) => planned.some((cell) => cell.way === each))) {
      context.log(`releasing everything once: ${way.name}`);
      await ground.restore(undefined);
      hosted.github.restoreCaches([]);
      await runOnce(scene, way, "before");
      await ground.save(way.name);
      caches.set(way, hosted.github.snapshotCaches());
    }
    const measurements = planned.map(({ row, way, column }): Measurement => {
      const measure = async (): Promise<Measured> => {
        await ground.restore(way.name);
        hosted.github.restoreCaches(caches.get(way) ?? []);
        return runOnce(scene, way, row);
      };
      return { row, column, about: { "nothing changed": 15, "one changed": 45, "all changed": 90 }[row], measure };
    });
    return { measurements, env: ground.env, close: () => closeAll(close) };
  } catch (error) {
    await closeAll(close);
    throw error;
  }
}

async function closeAll(close: readonly (() => Promise<void>)[]): Promise<void> {
  for (const each of close.toReversed()) await each();
}

/** The repository with both workflows, and a branch for each change. */
async function makeHosted(tools: ActTools, ground: Ground, context: CaseContext): Promise<HostedRepository> {
  const folder = join(ground.folder, "shop");
  const options = { registry: ground.registry };
  const shop = await makeShop(folder, options);
  const services = shopServices.map((name): BenchService => ({
    name,
    image: shop.image(name),
    needs: name === "web" ? ["gateway"] : [],
    buildArguments: shop.buildArguments(name),
  }));
  const layout = ["--jobs", "matrix", "--max-jobs", "1"];
  const init = [ground.program.main, "init", "--yes", ...layout, "--action", "acme/slipway@v1"];
  await timed(process.execPath, init, { cwd: folder, env: { ...ground.env }, signal: context.signal });
  mkdirSync(join(folder, ".github/workflows"), { recursive: true });
  writeFileSync(join(folder, plain.file), renderPlainWorkflow(services));
  await shop.commit("ci: release the images", {});
  const hosted = await hostRepository(tools, folder, { cacheLimits: { uploadsPerMinute: Infinity } });
  await hosted.git("branch", branchOf("before"));
  for (const change of changes) {
    await hosted.git("checkout", "--quiet", "-B", branchOf(change), branchOf("before"));
    await makeChange(openShop(folder, options), change);
  }
  return hosted;
}

async function makeChange(shop: ReturnType<typeof openShop>, change: Change): Promise<void> {
  switch (change) {
    case "nothing changed":
      await shop.changeDocs();
      return;
    case "one changed":
      await shop.changeService(one);
      return;
    case "all changed":
      for (const service of shopServices) await shop.changeService(service);
  }
}

function branchOf(state: Change | "before"): string {
  return `state-${state.replaceAll(" ", "-")}`;
}

/** One push to trunk, each build job on an empty engine of its own. */
async function runOnce(scene: Scene, way: Way, state: Change | "before"): Promise<Measured> {
  const { ground, hosted, context } = scene;
  await hosted.git("checkout", "--quiet", branchOf(state));
  await hosted.push("refs/heads/main");
  return withEngines(scene, async (engines) => {
    const [requests, stored] = [ground.requests(), ground.stored()];
    hosted.github.clearLog();
    const running = await hosted.start(
      { event: "push", ref: "refs/heads/main" },
      {
        workflow: way.file,
        actions: { "acme/slipway@v1": scene.action },
        env: { ...ground.env },
        docker: { jobs: ["build", "build-2"], engines },
        signal: context.signal,
      },
    );
    const run = await running.ended;
    context.signal.throwIfAborted();
    if (run.exitCode !== 0) throw new Error(`${way.name}, ${state}: act ended with ${run.exitCode}\n${lastLines(run)}`);
    await expectReleased(scene);
    const counts = { ...timesOf(run), ...trafficOf(hosted), ...registryOf(ground, requests, stored) };
    return { seconds: criticalPath(await hosted.git("show", `HEAD:${way.file}`), run), counts };
  });
}

function lastLines({ jobs, text }: ActRun): string {
  const failed = jobs.find(({ result }) => result !== "success");
  return failed === undefined
    ? text.slice(-2000)
    : `${failed.name}: ${JSON.stringify(failed.annotations)}\n${failed.log.slice(-4000)}`;
}

async function withEngines<T>({ ground, context }: Scene, task: (engines: string[]) => Promise<T>): Promise<T> {
  const runners: Runner[] = [];
  try {
    for (const service of shopServices) {
      runners.push(await startRunner(ground.sandbox, `bench${process.pid}-${service}`, { signal: context.signal }));
    }
    return await task(runners.map(({ env }) => env["DOCKER_HOST"] ?? ""));
  } finally {
    for (const runner of runners) await runner.close();
  }
}

function timesOf({ jobs }: ActRun): Record<string, number> {
  const sum = (some: typeof jobs): number => some.reduce((seconds, job) => seconds + job.seconds, 0);
  const named: readonly (readonly [string, typeof jobs])[] = [
    [ownJobSeconds, jobs.filter(({ matrix }) => matrix["service"] === one)],
    ["seconds of the job plan", jobs.filter(({ id }) => id === "plan")],
    ["seconds of the job release", jobs.filter(({ id }) => id === "release")],
  ];
  const each = named.flatMap(([name, some]) => (some.length === 0 ? [] : [[name, sum(some)] as const]));
  return { [jobSeconds]: sum(jobs), ...Object.fromEntries(each), "jobs that ran": jobs.length };
}

function trafficOf({ github: { log } }: HostedRepository): Record<string, number> {
  const of = (...kinds: readonly string[]) => log.filter(({ kind }) => kinds.includes(kind));
  const bytes = (entries: typeof log): number => entries.reduce((sum, each) => sum + each.bytesIn + each.bytesOut, 0);
  return {
    "requests to the cache service": of("cache").length,
    "requests to git": of("git").length,
    "requests to artifacts and the API": of("artifact", "api", "graphql").length,
    "MB to and from caches and artifacts": bytes(of("blob")) / 1e6,
    "kB from git": bytes(of("git")) / 1e3,
  };
}

function registryOf(ground: Ground, requests: number, stored: number): Record<string, number> {
  return {
    "requests to the registry": ground.requests() - requests,
    "MB from the registry": ground.sentBytes() / 1e6,
    "MB more in the registry": (ground.stored() - stored) / 1e6,
  };
}

/** A run that pushed less than it should must not count. */
async function expectReleased({ ground }: Scene): Promise<void> {
  for (const name of shopServices) {
    const response = await fetch(`http://${ground.registry}/v2/shop/${name}/manifests/main`, {
      method: "HEAD",
      headers: { accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" },
    });
    if (!response.ok) throw new Error(`${name}:main is not in the registry (${response.status})`);
  }
}
