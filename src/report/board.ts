import type { CacheUse, Event, Outcome, SolveId } from "../event.ts";
import type { Step } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import { isInstruction, shortenVertex } from "./vertex.ts";

type Phase = Extract<Event, { kind: "phase" }>["phase"];
export type TagEvent = Extract<Event, { kind: "tag" }>;
type CommittedEvent = Extract<Event, { kind: "committed" }>;
export type SummaryEvent = Extract<Event, { kind: "summary" }>;

/** The state of one service. Times are of a monotonic clock, in milliseconds. */
export interface ServiceEntry {
  readonly service: string;
  step: Step | undefined;
  readonly solves: Map<string, SolveEntry>;
  startedAt: number | undefined;
  endedAt: number | undefined;
  outcome: Outcome | undefined;
}

/** The state of one service on one platform. */
export interface SolveEntry {
  readonly platform: Platform;
  readonly startedAt: number;
  /** When its last output came. */
  heardAt: number;
  ended: boolean;
  /** Running vertices by name, with their short names; the newest last. */
  readonly running: Map<string, string>;
  /** Short names of failed vertices, and of those that BuildKit cancelled with them. */
  readonly failed: Set<string>;
  readonly seen: Set<string>;
  readonly cachedNames: Set<string>;
  cached: number;
  total: number;
  /** Bytes of layers that came from caches. */
  cachedBytes: number;
}

/** A read or write of a cache tier, and its solve. */
export type SolveCacheUse = CacheUse & SolveId;

/** The state that events add up to, for views to draw. */
export interface Board {
  /** By service, in the plan's order. */
  readonly services: Map<string, ServiceEntry>;
  readonly tags: TagEvent[];
  readonly cacheFaults: CacheUse[];
  readonly cacheUses: SolveCacheUse[];
  readonly startedAt: number;
  phase: Phase | undefined;
  committed: CommittedEvent | undefined;
  githubRelease: Extract<Event, { kind: "github-release" }> | undefined;
  summary: SummaryEvent | undefined;
  waiting: { readonly message: string; readonly until: number } | undefined;
}

export function makeBoard(now: number): Board {
  return {
    services: new Map(),
    tags: [],
    cacheFaults: [],
    cacheUses: [],
    startedAt: now,
    phase: undefined,
    committed: undefined,
    githubRelease: undefined,
    summary: undefined,
    waiting: undefined,
  };
}

/** Applies an event to the state. */
export function applyEvent(board: Board, event: Event, now: number): void {
  switch (event.kind) {
    case "phase":
      board.phase = event.phase;
      return;
    case "planned":
      for (const step of event.plan.steps) serviceOf(board, step.service).step = step;
      return;
    case "decided":
      serviceOf(board, event.step.service).step = event.step;
      return;
    case "solve-started":
      serviceOf(board, event.service).startedAt ??= now;
      solveOf(board, event, now);
      return;
    case "vertex":
      applyVertex(solveOf(board, event, now), event, now);
      return;
    case "log":
      solveOf(board, event, now).heardAt = now;
      return;
    case "cache":
      board.cacheUses.push({ ...event.use, service: event.service, platform: event.platform });
      if (event.use.state === "failed") board.cacheFaults.push(event.use);
      return;
    case "solve-ended": {
      const solve = solveOf(board, event, now);
      solve.ended = true;
      solve.running.clear();
      solve.cached = event.cachedVertices;
      solve.total = event.cachedVertices + event.ranVertices;
      solve.cachedBytes = event.cachedBytes;
      return;
    }
    case "service-ended": {
      const entry = serviceOf(board, event.service);
      entry.outcome = event.outcome;
      entry.endedAt = now;
      return;
    }
    case "committed":
      board.committed = event;
      return;
    case "tag":
      board.tags.push(event);
      return;
    case "waiting":
      board.waiting = { message: event.message, until: now + event.seconds * 1000 };
      return;
    case "summary":
      board.summary = event;
      return;
    case "github-release":
      board.githubRelease = event;
      return;
    case "warning":
    case "notice":
      return;
  }
}

function applyVertex(solve: SolveEntry, event: Extract<Event, { kind: "vertex" }>, now: number): void {
  solve.heardAt = now;
  const name = shortenVertex(event.name);
  if (name === undefined) return;
  if (event.state === "started") solve.running.set(event.name, name);
  else solve.running.delete(event.name);
  if (event.state === "failed") solve.failed.add(name);
  if (!isInstruction(event.name)) return;
  solve.seen.add(event.name);
  if (event.state === "cached") solve.cachedNames.add(event.name);
  solve.total = solve.seen.size;
  solve.cached = solve.cachedNames.size;
}

function serviceOf(board: Board, service: string): ServiceEntry {
  const known = board.services.get(service);
  if (known !== undefined) return known;
  const entry: ServiceEntry = {
    service,
    step: undefined,
    solves: new Map(),
    startedAt: undefined,
    endedAt: undefined,
    outcome: undefined,
  };
  board.services.set(service, entry);
  return entry;
}

function solveOf(board: Board, { service, platform }: SolveId, now: number): SolveEntry {
  const { solves } = serviceOf(board, service);
  const known = solves.get(platform);
  if (known !== undefined) return known;
  const entry: SolveEntry = {
    platform,
    startedAt: now,
    heardAt: now,
    ended: false,
    running: new Map(),
    failed: new Set(),
    seen: new Set(),
    cachedNames: new Set(),
    cached: 0,
    total: 0,
    cachedBytes: 0,
  };
  solves.set(platform, entry);
  return entry;
}

/** The activity of a service. */
export type ServiceState = "waiting" | "reusing" | "building" | Outcome["kind"];

export function serviceState(entry: ServiceEntry): ServiceState {
  if (entry.outcome !== undefined) return entry.outcome.kind;
  if (entry.startedAt !== undefined) return "building";
  return entry.step?.kind === "reuse" ? "reusing" : "waiting";
}

/** Cached and all instructions over a service's platforms; undefined while none is known. */
export function cachedShare(entry: ServiceEntry): { readonly cached: number; readonly total: number } | undefined {
  let cached = 0;
  let total = 0;
  for (const solve of entry.solves.values()) {
    cached += solve.cached;
    total += solve.total;
  }
  return total === 0 ? undefined : { cached, total };
}

/** The running vertex of a solve: the one that started last. */
export function runningVertex(solve: SolveEntry): string | undefined {
  return [...solve.running.values()].at(-1);
}

/** Instructions that failed or were cancelled with one that did. */
export function failedInstructions(entry: ServiceEntry): string[] {
  return [...entry.solves.values()].flatMap(({ failed }) => [...failed]);
}
