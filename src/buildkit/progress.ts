import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import type { CacheUse, Event, SolveId } from "../event.ts";
import type { CacheEntry } from "../model/cache-entry.ts";
import { readCacheUse, restOfCacheUses } from "./cache-uses.ts";
import type { FailureFacts } from "./failure.ts";
import { makeLayerTraffic } from "./layer-traffic.ts";
import type { Redact } from "./redact.ts";
import { parseSolveStatus, type Vertex, type VertexLog, type VertexWarning } from "./solve-status.ts";

/** Which solve is read, and what it was asked for. */
export interface ProgressOptions {
  readonly solve: SolveId;
  /** How messages name the Dockerfile. */
  readonly dockerfile: string;
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly redact: Redact;
}

/** Reads the standard error of one `docker buildx build --progress=rawjson`. Everything that comes out of it is redacted. */
export interface Progress {
  /** One line; the events that follow from it. */
  read(line: string): Event[];
  /** When the build has ended well: what became of caches that BuildKit did not tell of. */
  finish(): Event[];
  counts(): { readonly cachedVertices: number; readonly ranVertices: number; readonly cachedBytes: number };
  cacheUses(): readonly CacheUse[];
  /** For a build that failed, with the last lines that the failing instruction wrote. */
  failure(exitCode: number): FailureFacts;
}

/** Starts reading one solve. */
export function makeProgress(options: ProgressOptions): Progress {
  const { solve, redact } = options;
  const entries = { from: options.cacheFrom, to: options.cacheTo };
  const vertexes = new Map<string, Vertex>();
  const logs = makeVertexLogs(redact);
  const traffic = makeLayerTraffic();
  const uses: CacheUse[] = [];
  const plain: string[] = [];
  let failed: Vertex | undefined;

  const readVertex = (raw: Vertex): Event[] => {
    const before = vertexes.get(raw.digest);
    const error = raw.error === undefined ? undefined : redact(raw.error);
    // A cached layer that is fetched because a later instruction needs it is told of again, as if it ran; one that cannot be
    // fetched does run.
    const cached = raw.cached || (before?.cached === true && before.error === undefined);
    const vertex = { ...raw, name: redact(raw.name), error, cached };
    vertexes.set(vertex.digest, vertex);
    const { name } = vertex;
    const isStart = vertex.started !== undefined && vertex.started !== before?.started;
    const isEnd = vertex.completed !== undefined && vertex.completed !== before?.completed;
    const seconds = secondsBetween(vertex.started, vertex.completed);
    const use = isEnd ? readCacheUse(vertex, seconds, entries, traffic) : undefined;
    if (use !== undefined) uses.push(use);
    const mayFail = isEnd && vertex.error !== undefined && use?.direction !== "import";
    if (mayFail && (failed === undefined || isCancelled(failed))) failed = vertex;
    const tell = (state: VertexState, seconds: number): Event => ({ kind: "vertex", ...solve, name, state, seconds });
    const isTold = !name.startsWith("[internal]");
    return [
      ...(isStart && isTold ? [tell("started", 0)] : []),
      ...(isEnd ? logs.end(vertex.digest).map(logEvent) : []),
      ...(use === undefined ? [] : [{ kind: "cache" as const, ...solve, use }]),
      // A cache that fails does not fail the build; its own event tells of it.
      ...(isEnd && isTold ? [tell(use === undefined ? endState(vertex) : "done", seconds)] : []),
    ];
  };
  const logEvent = (line: string): Event => ({ kind: "log", ...solve, line });
  const readWarning = ({ message, line }: VertexWarning): Event => {
    const place = line === undefined ? options.dockerfile : `${options.dockerfile}:${line}`;
    return { kind: "warning", message: redact(`${place}: ${message}`), service: solve.service };
  };

  return {
    read: (line) => {
      const status = parseSolveStatus(line);
      if (status === undefined) {
        if (line.trim() !== "") plain.push(redact(line));
        return [];
      }
      for (const each of status.statuses) traffic.add(each);
      return [
        ...status.logs.flatMap((log) => logs.push(log).map(logEvent)),
        ...status.vertexes.flatMap(readVertex),
        ...status.warnings.map(readWarning),
      ];
    },
    finish: () => {
      const rest = restOfCacheUses(uses, entries);
      uses.push(...rest);
      return rest.map((use) => ({ kind: "cache", ...solve, use }));
    },
    counts: () => {
      const ended = [...vertexes.values()].filter((vertex) => vertex.completed !== undefined && isInstruction(vertex));
      const cachedVertices = ended.filter((vertex) => vertex.cached).length;
      const cachedBytes = traffic.fetchedFor((digest) => isFromCache(vertexes.get(digest)));
      return { cachedVertices, ranVertices: ended.length - cachedVertices, cachedBytes };
    },
    cacheUses: () => uses,
    failure: (exitCode) => ({
      vertex: failed?.error === undefined ? undefined : { name: failed.name, error: failed.error },
      plain,
      exitCode,
      log: failed === undefined ? [] : logs.last(failed.digest),
    }),
  };
}

type VertexState = Extract<Event, { kind: "vertex" }>["state"];

/** Whether an instruction of the Dockerfile, other than `FROM`, made this vertex: `[build 2/5] RUN npm ci`. */
function isInstruction({ name }: Vertex): boolean {
  return /^\[[^\]]*\b\d+\/\d+\] (?!FROM )/.test(name);
}

/** A base's layers come from where the image is. */
function isFromCache(vertex: Vertex | undefined): boolean {
  return vertex !== undefined && vertex.cached && isInstruction(vertex);
}

function endState(vertex: Vertex): VertexState {
  if (vertex.error !== undefined) return "failed";
  return vertex.cached ? "cached" : "done";
}

/** When one instruction fails, BuildKit cancels those beside it, and they may end before it does. */
function isCancelled({ error = "" }: Vertex): boolean {
  return /context canceled/.test(error);
}

function secondsBetween(started: string | undefined, completed: string | undefined): number {
  if (started === undefined || completed === undefined) return 0;
  return Math.max(0, Date.parse(completed) - Date.parse(started)) / 1000;
}

/** Last lines of an instruction that are kept. */
const keptLines = 40;

/** Puts the pieces of what instructions write together to lines, without control characters and secrets. */
function makeVertexLogs(redact: Redact): {
  push(log: VertexLog): string[];
  end(vertex: string): string[];
  last(vertex: string): readonly string[];
} {
  const streams = new Map<string, { readonly decoder: StringDecoder; rest: string }>();
  const kept = new Map<string, string[]>();
  const keep = (vertex: string, raw: readonly string[]): string[] => {
    const lines = raw.map((line) => redact(lastOverwrite(line)));
    kept.set(vertex, [...(kept.get(vertex) ?? []), ...lines].slice(-keptLines));
    return lines;
  };
  return {
    push: ({ vertex, stream, data }) => {
      const key = `${vertex} ${stream}`;
      const state = streams.get(key) ?? { decoder: new StringDecoder("utf8"), rest: "" };
      streams.set(key, state);
      const lines = (state.rest + state.decoder.write(Buffer.from(data))).split("\n");
      state.rest = lines.pop() ?? "";
      return keep(vertex, lines);
    },
    end: (vertex) => {
      const rests = [1, 2].flatMap((stream) => {
        const state = streams.get(`${vertex} ${stream}`);
        streams.delete(`${vertex} ${stream}`);
        return state === undefined || state.rest === "" ? [] : [state.rest];
      });
      return keep(vertex, rests);
    },
    last: (vertex) => kept.get(vertex) ?? [],
  };
}

/** Of a line that was overwritten (a progress bar) what was seen last. */
function lastOverwrite(line: string): string {
  const parts = stripVTControlCharacters(line).split("\r");
  return parts.findLast((part) => part !== "") ?? "";
}
