/**
 * Cost of an exact context: the same 10,000 files handed to BuildKit as the plain folder, as the staged tree that
 * Slipway makes of it (making it is timed, too), and as a tar on standard input. First: BuildKit has seen nothing of them;
 * again: one file changed since. Uses the Docker that the environment points at, leaves its cache as it grew.
 *
 *     node bench/context-forms.ts [rounds]
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readInputs, type ReadInputs } from "../src/inputs/inputs.ts";
import { stageContext } from "../src/inputs/stage.ts";
import { makeLookups, makeService, platformOf } from "../src/inputs/testing/service.ts";
import { makeNodeHost } from "../src/node-host.ts";
import { openRepository } from "../src/source/git/repository.ts";
import { readTree, type GitTree } from "../src/source/tree/tree.ts";

const host = makeNodeHost();
const fileCount = 10_000;
const rounds = Number(process.argv[2] ?? 5);
const forms = ["plain folder", "staged tree", "tar on stdin"] as const;
type Form = (typeof forms)[number];

interface Sample {
  readonly form: Form;
  readonly state: "first" | "again";
  readonly stage: number;
  readonly total: number;
  /** Making room again, when the image is there. Not part of the whole. */
  readonly removal: number;
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run(program, args, { cwd });
  if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return new TextDecoder().decode(stdout);
}

async function makeRepository(seed: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  for (let index = 0; index < fileCount; index += 1) {
    const path = join(root, `src/${index % 20}/${Math.floor(index / 400)}/file-${index}.js`);
    if (index % 400 < 20) await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `export const name = "${seed} ${index}";\n`.repeat(40));
  }
  await writeFile(join(root, "Dockerfile"), "FROM scratch\nCOPY . /app/\n");
  await writeFile(join(root, ".dockerignore"), ".git\n");
  await run("git", ["init", "--quiet"], root);
  // Nothing of git's is to run beside what is measured.
  await run("git", ["config", "gc.auto", "0"], root);
  await commit(root);
  return root;
}

async function commit(root: string): Promise<void> {
  await run("git", ["add", "--all"], root);
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.test"];
  await run("git", [...identity, "commit", "--quiet", "--message", "State"], root);
}

async function plan(root: string): Promise<{ tree: GitTree; read: ReadInputs }> {
  const tree = await readTree(await openRepository(host, root));
  const platform = platformOf("linux/amd64");
  return { tree, read: await readInputs({ service: makeService(), platform, tree, lookups: makeLookups() }) };
}

/** Seconds to make the form, and until BuildKit is done with a COPY of everything in it. */
async function build(form: Form, root: string): Promise<Pick<Sample, "stage" | "total" | "removal">> {
  const { tree, read } = await plan(root);
  const started = host.monotonic();
  const flags = ["buildx", "build", "--progress=quiet", "--output=type=cacheonly"];
  let staged = started;
  let remove = (): Promise<void> => Promise.resolve();
  if (form === "plain folder") {
    await run("docker", [...flags, "."], root);
  } else if (form === "tar on stdin") {
    // The tar is made while it is read.
    await run("sh", ["-c", `git archive HEAD | docker ${flags.join(" ")} -f Dockerfile -`], root);
  } else {
    const context = await stageContext(tree, read);
    staged = host.monotonic();
    await run("docker", [...flags, "-f", context.dockerfile, context.contextFolder], root);
    remove = context.remove;
  }
  const built = host.monotonic();
  await remove();
  const seconds = (from: number, to: number): number => (to - from) / 1000;
  return { stage: seconds(started, staged), total: seconds(started, built), removal: seconds(built, host.monotonic()) };
}

async function measure(): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Each form has files of its own, so that none finds what another has sent.
    for (const form of [...forms.slice(round % 3), ...forms.slice(0, round % 3)]) {
      const root = await makeRepository(`${form} ${round} ${Date.now()}`);
      samples.push({ form, state: "first", ...(await build(form, root)) });
      await writeFile(join(root, "src/0/0/file-0.js"), `// ${Date.now()}\n`);
      await commit(root);
      samples.push({ form, state: "again", ...(await build(form, root)) });
      await rm(root, { recursive: true, maxRetries: 5 });
    }
  }
  return samples;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function spread(values: readonly number[]): string {
  const shown = (value: number): string => value.toFixed(2);
  return `${shown(median(values))} (${shown(Math.min(...values))} to ${shown(Math.max(...values))})`;
}

function render(samples: readonly Sample[], versions: string): string {
  const rows = (["first", "again"] as const).flatMap((state) =>
    forms.map((form) => {
      const own = samples.filter((sample) => sample.form === form && sample.state === state);
      const plain = samples.filter((sample) => sample.form === "plain folder" && sample.state === state);
      const ratio = median(own.map(({ total }) => total)) / median(plain.map(({ total }) => total));
      const isStaged = form === "staged tree";
      const stage = isStaged ? spread(own.map((sample) => sample.stage)) : "";
      const removal = isStaged ? spread(own.map((sample) => sample.removal)) : "";
      const whole = spread(own.map(({ total }) => total));
      return `| ${form} | ${state} | ${whole} | ${stage} | ${ratio.toFixed(2)} | ${removal} |`;
    }),
  );
  return `# What an exact context costs

${fileCount} files, \`COPY . /app/\`, seconds as median (least to most) of ${rounds} rounds, interleaved. "First": BuildKit has seen
nothing of these files; "again": one of them changed. The time to make the form is part of the whole. Made by
\`node bench/context-forms.ts ${rounds}\`.

${versions}

| form | state | whole, s | of it staging, s | beside the plain folder | removing it afterwards, s |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

const engine = (await run("docker", ["version", "--format", "{{.Server.Version}}"], ".")).trim();
const buildx = (await run("docker", ["buildx", "version"], ".")).split(" ")[1] ?? "";
const machine = `${cpus().length} processors (${cpus()[0]?.model ?? "unknown"}), Linux ${release()}`;
const versions = `${machine}; Node ${process.version}, Docker Engine ${engine}, buildx ${buildx}.`;
await writeFile(join(import.meta.dirname, "results/context-forms.md"), render(await measure(), versions));
