import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "../sandbox/index.ts";
import { faults, type Outcome, type Verdict } from "../test/property/prove.ts";
import { describeFault, runCases } from "../test/property/run-cases.ts";
import { openWorkshop } from "../test/property/workshop.ts";
import type { World } from "../test/property/world.ts";
import { readMachine, renderMachine } from "./machine.ts";
import { root } from "./program.ts";

const help = `Proves fingerprints and exact contexts beside BuildKit on generated repositories with one change each.

Usage: npm run bench -- soundness [options]

  --cases N     how many (default: 3000)
  --seed N      the first one's seed; the others follow (default: 1)
  --minutes N   begin nothing after so many minutes
  -h, --help    show this help

The table goes to bench/results/soundness.md, and tells how many were run. Exit code 1: a fault was found.
`;

interface Options {
  readonly count: number;
  readonly firstSeed: number;
  readonly minutes: number;
}

/** `npm run bench -- soundness`. Returns the exit code. */
export async function runSoundness(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parse(argv);
  if (typeof options === "string") {
    const isHelp = options === help;
    (isHelp ? process.stdout : process.stderr).write(isHelp ? help : `bench: ${options}\n\n${help}`);
    return isHelp ? 0 : 2;
  }
  const sandbox = await startSandbox({ fresh: true, log, signal });
  const { workshop, bases, close } = await openWorkshop(sandbox);
  const started = performance.now();
  const minutes = (): number => (performance.now() - started) / 60_000;
  try {
    let done = 0;
    const outcomes = await runCases(workshop, bases, {
      firstSeed: options.firstSeed,
      count: options.count,
      whole: true,
      goesOn: () => !signal.aborted && minutes() < options.minutes,
      onOutcomes: (some) => {
        done += some.length;
        log(`${done} of ${options.count} cases, ${Math.round(minutes())} minutes`);
        for (const { one, verdict } of some.filter(isFault)) log(`${verdict}: seed ${one.name.slice(1)}`);
      },
    });
    const machine = renderMachine(await readMachine(sandbox.env, root));
    const table = renderSoundness(outcomes, options.firstSeed, machine);
    process.stdout.write(`\n${table}\n`);
    writeFileSync(join(root, "bench/results/soundness.md"), table);
    const faulty = outcomes.filter(isFault);
    for (const each of faulty.slice(0, 5)) process.stderr.write(`${await describeFault(workshop, each)}\n`);
    return faulty.length > 0 ? 1 : 0;
  } finally {
    close();
    await sandbox.close();
  }
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function isFault({ verdict }: Outcome): boolean {
  return faults.has(verdict);
}

function parse(argv: readonly string[]): Options | string {
  const rest = [...argv];
  const values = new Map([
    ["--cases", 3000],
    ["--seed", 1],
    ["--minutes", Infinity],
  ]);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-h" || word === "--help") return help;
    if (!values.has(word)) return `unknown option "${word}"`;
    const value = Number(rest.shift());
    if (!Number.isInteger(value) || value < 1) return `${word} takes a number from 1`;
    values.set(word, value);
  }
  const valueOf = (name: string): number => values.get(name) ?? 1;
  return { count: valueOf("--cases"), firstSeed: valueOf("--seed"), minutes: valueOf("--minutes") };
}

const columns: readonly (readonly [title: string, verdicts: readonly Verdict[]])[] = [
  ["rebuilt", ["rebuilt"]],
  ["reused", ["reused"]],
  ["needless", ["needless"]],
  ["both refuse", ["refused"]],
  ["only BuildKit refuses", ["accepted"]],
  ["docker sends a file empty", ["emptied"]],
  ["faults", [...faults]],
];

/** Features of a world besides files and a Dockerfile. */
const traits: readonly (readonly [title: string, has: (world: World) => boolean])[] = [
  ["named folder contexts", ({ contexts }) => Object.keys(contexts).length > 0],
  [
    "contexts over the same files",
    ({ context, contexts }) =>
      Object.values(contexts).some((path) => path === context || context === "." || path.startsWith(`${context}/`)),
  ],
  ["an ignore file of the Dockerfile's own", ({ files }) => Object.keys(files).some(isOwnIgnoreFile)],
  ["attributes", ({ files }) => Object.keys(files).some((path) => path.endsWith(".gitattributes"))],
  ["Compose with .env", ({ isCompose }) => isCompose === true],
  ["proxies", ({ args }) => Object.keys(args).some((name) => /_proxy$/i.test(name))],
  ["another platform than the machine's", ({ platform }) => platform !== undefined],
  ["generated files", ({ generated }) => generated !== undefined],
  ["a submodule", ({ submodule }) => submodule !== undefined],
];

function isOwnIgnoreFile(path: string): boolean {
  return /[^/]\.dockerignore$/.test(path);
}

function renderSoundness(outcomes: readonly Outcome[], firstSeed: number, machine: string): string {
  const changes = [...new Set(outcomes.map(({ one }) => one.change))].sort();
  const seeds = outcomes.map(({ one }) => Number(one.name.slice(1)));
  return [
    "# Fingerprints and exact contexts beside BuildKit",
    "",
    `${outcomes.length} generated repositories with one change each, seeds ${firstSeed} to ${Math.max(firstSeed, ...seeds)}. Both sides are built from`,
    "plain folders, one of them from its exact context too. A fault: equal fingerprints and different images, an exact context that gives another",
    "image, a file that BuildKit reads and that is no input, a refusal of what BuildKit builds. Made by `npm run bench -- soundness`.",
    "",
    machine,
    "",
    head("change"),
    ...changes.map((change) =>
      row(
        change,
        outcomes.filter(({ one }) => one.change === change),
      ),
    ),
    row("all", outcomes),
    "",
    head("the repository has"),
    ...traits.map(([title, has]) =>
      row(
        title,
        outcomes.filter(({ one }) => has(one.before) || has(one.after)),
      ),
    ),
    "",
  ].join("\n");
}

function head(first: string): string {
  const titles = [first, "cases", ...columns.map(([title]) => title)];
  return `| ${titles.join(" | ")} |\n|${titles.map(() => "---").join("|")}|`;
}

function row(title: string, outcomes: readonly Outcome[]): string {
  const counts = columns.map(([, verdicts]) => outcomes.filter(({ verdict }) => verdicts.includes(verdict)).length);
  return `| ${[title, outcomes.length, ...counts].join(" | ")} |`;
}
