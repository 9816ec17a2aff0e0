import type { FaultClass } from "./classes.ts";
import { contents, type Lane, type Ran, services } from "./lane.ts";
import type { Observed } from "./observed.ts";

/** A lane in which 1.0.0 is released, and what an undisturbed run of everything after it comes to. */
export interface Prepared {
  readonly lane: Lane;
  readonly commits: { readonly struck: string; readonly later: string };
  readonly before: Observed;
  readonly after: Observed;
  /** How many requests the undisturbed release of 1.1.0 makes, BuildKit's included. */
  readonly requests: number;
}

/** One fault at one request. */
export interface Trial {
  readonly fault: FaultClass;
  /** Counted from 1. */
  readonly at: number;
}

/** Result. `request` is undefined if the release made fewer requests than that. */
export interface TrialResult {
  readonly fault: string;
  readonly at: number;
  readonly request: string | undefined;
  /** The exit code of the struck command; null: it was killed. */
  readonly exitCode: number | null;
  readonly isRepeated: boolean;
  /** Violations; empty: it survived. */
  readonly wrong: readonly string[];
}

const start = "1.0.0";
const struck = "1.1.0";
const later = "1.2.0";

/** Releases 1.0.0, then plays the undisturbed run. */
export async function prepare(lane: Lane): Promise<Prepared> {
  expectDone(await lane.start(["release", start]).ended);
  const before = await lane.observe();
  await lane.save("released");
  const commits = { struck: await lane.commit(contents("1", ["shop"])), later: "" };
  const seen = lane.gate.seen.length;
  expectDone(await lane.start(["release", struck]).ended);
  const requests = lane.gate.seen.length - seen;
  commits.later = await lane.commit({ "README.md": "No image reads this.\n" });
  expectDone(await lane.start(["release", later]).ended);
  return { lane, commits, before, after: await lane.observe(), requests };
}

function expectDone(ran: Ran): void {
  if (ran.exitCode !== 0) throw new Error(`an undisturbed release ended with ${ran.exitCode}:\n${ran.stderr}`);
}

/**
 * A release with one fault, the same command again where it failed, then a later release. Looked at in between: nothing is
 * visible without its record. At the end everything is as after an undisturbed run.
 */
export async function runTrial(prepared: Prepared, { fault, at }: Trial): Promise<TrialResult> {
  const { lane, commits, before } = prepared;
  const wrong: string[] = [];
  await lane.restore("released");
  await lane.checkOut(commits.struck);
  let kill: () => void = () => undefined;
  const strike = lane.gate.strike(
    at,
    fault.strike(() => kill()),
  );
  const running = lane.start(["release", struck]);
  kill = running.kill;
  const first = await running.ended;
  const request = strike.line;
  strike.remove();
  if (first.exitCode !== 0) wrong.push(...(await visibleTooEarly(lane, before)));
  const isRepeated = first.exitCode !== 0;
  if (isRepeated) wrong.push(...endedWell("the same command again", await lane.start(["release", struck]).ended));
  await lane.checkOut(commits.later);
  wrong.push(...endedWell("a later release", await lane.start(["release", later]).ended));
  wrong.push(...(await differences(prepared)));
  return { fault: fault.name, at, request, exitCode: first.exitCode, isRepeated, wrong };
}

function endedWell(what: string, { exitCode, stderr }: Ran): string[] {
  return exitCode === 0 ? [] : [`${what} ended with ${exitCode}: ${lastLines(stderr)}`];
}

export function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" | ").slice(0, 500);
}

/** The commit point: before the record is there, no tag that people see has moved. */
async function visibleTooEarly(lane: Lane, before: Observed): Promise<string[]> {
  if ((await lane.record(struck)) !== undefined) return [];
  const now = await lane.observe();
  return JSON.stringify(now) === JSON.stringify(before) ? [] : ["a tag moved though there is no record"];
}

async function differences({ lane, after }: Prepared): Promise<string[]> {
  const now = await lane.observe();
  const wrong: string[] = [];
  for (const [name, { contents: should }] of Object.entries(after)) {
    const is = now[name]?.contents ?? {};
    for (const tag of new Set([...Object.keys(should), ...Object.keys(is)])) {
      if (is[tag] !== should[tag]) wrong.push(`${name}:${tag} is not what it is after an undisturbed run`);
    }
  }
  for (const version of [start, struck, later]) wrong.push(...(await notTheRecords(lane, now, version)));
  const { stdout } = await lane.start(["status", "--json"]).ended;
  const { unfinished } = JSON.parse(stdout) as { unfinished: readonly string[] };
  if (unfinished.length > 0) wrong.push(`unfinished at the end: ${unfinished.join(", ")}`);
  return wrong;
}

/** A version's tags that are not at the digests that its record names. */
export async function notTheRecords(lane: Lane, now: Observed, version: string): Promise<string[]> {
  const record = await lane.record(version);
  if (record === undefined) return [`there is no record of ${version}`];
  return services.flatMap((service) =>
    record[service] === now[service]?.digests[version] ? [] : [`${service}:${version} is not what its record names`],
  );
}
