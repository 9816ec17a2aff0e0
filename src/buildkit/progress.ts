import { addAll } from "../model/lists.ts";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import type { CacheUse, Event, SolveId } from "../event.ts";
import type { CacheEntry } from "../model/cache-entry.ts";
import { readCacheUse, restOfCacheUses } from "./cache-uses.ts";
import type { FailureFacts } from "./failure.ts";
import { makeLayerTraffic } from "./layer-traffic.ts";
import type { Redact } from "./redact.ts";
import { parseSolveStatus, type Vertex, type VertexLog, type VertexWarning } from "./solve-status.ts";

/** The solve whose progress is read, and its request. */
export interface ProgressOptions {
  readonly solve: SolveId;
  /** Name of the Dockerfile in messages. */
  readonly dockerfile: string;
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly redact: Redact;
}

/** Reads the standard error of one `docker buildx build --progress=rawjson`. All its results are redacted. */
export interface Progress {
  /** Reads one line and returns the events that follow from it. */
  read(line: string): Event[];
  /** Ends a successful build: returns events for the caches that BuildKit did not report. */
  finish(): Event[];
  counts(): { readonly cachedVertices: number; readonly ranVertices: number; readonly cachedBytes: number };
  cacheUses(): readonly CacheUse[];
  /** Facts about a failed build, with the last output lines of the failed instruction. */
  failure(exitCode: number): FailureFacts;
}

/** Makes the reader of one solve. */
export function makeProgress(options: ProgressOptions): Progress {
  return new SolveReader(options);
}

class SolveReader implements Progress {
  readonly #options: ProgressOptions;
  readonly #vertexes = new Map<string, Vertex>();
  readonly #logs: VertexLogs;
  readonly #traffic = makeLayerTraffic();
  readonly #uses: CacheUse[] = [];
  /** Lines that are not JSON. */
  readonly #plain: string[] = [];
  #failed: Vertex | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#logs = makeVertexLogs(options.redact);
  }

  read(line: string): Event[] {
    const status = parseSolveStatus(line);
    if (status === undefined) {
      if (line.trim() !== "") this.#plain.push(this.#options.redact(line));
      return [];
    }
    for (const each of status.statuses) this.#traffic.add(each);
    return [
      ...status.logs.flatMap((log) => this.#logs.push(log)).map((text) => this.#logEvent(text)),
      ...status.vertexes.flatMap((vertex) => this.#readVertex(vertex)),
      ...status.warnings.map((warning) => this.#readWarning(warning)),
    ];
  }

  finish(): Event[] {
    const rest = restOfCacheUses(this.#uses, this.#entries);
    addAll(this.#uses, rest);
    return rest.map((use) => ({ kind: "cache", ...this.#options.solve, use }));
  }

  counts(): { readonly cachedVertices: number; readonly ranVertices: number; readonly cachedBytes: number } {
    const vertexes = this.#vertexes;
    const ended = [...vertexes.values()].filter((vertex) => vertex.completed !== undefined && isInstruction(vertex));
    const cachedVertices = ended.filter((vertex) => vertex.cached).length;
    const cachedBytes = this.#traffic.fetchedFor((digest) => isFromCache(vertexes.get(digest)));
    return { cachedVertices, ranVertices: ended.length - cachedVertices, cachedBytes };
  }

  cacheUses(): readonly CacheUse[] {
    return this.#uses;
  }

  failure(exitCode: number): FailureFacts {
    const failed = this.#failed;
    return {
      vertex: failed?.error === undefined ? undefined : { name: failed.name, error: failed.error },
      plain: this.#plain,
      exitCode,
      log: failed === undefined ? [] : this.#logs.last(failed.digest),
    };
  }

  get #entries(): Parameters<typeof restOfCacheUses>[1] {
    return { from: this.#options.cacheFrom, to: this.#options.cacheTo };
  }

  #readVertex(raw: Vertex): Event[] {
    const before = this.#vertexes.get(raw.digest);
    const vertex = this.#remember(raw, before);
    const isStart = vertex.started !== undefined && vertex.started !== before?.started;
    const isEnd = vertex.completed !== undefined && vertex.completed !== before?.completed;
    const seconds = secondsBetween(vertex.started, vertex.completed);
    const use = isEnd ? readCacheUse(vertex, seconds, this.#entries, this.#traffic) : undefined;
    if (use !== undefined) this.#uses.push(use);
    const mayFail = isEnd && vertex.error !== undefined && use?.direction !== "import";
    if (mayFail && (this.#failed === undefined || isCancelled(this.#failed))) this.#failed = vertex;
    const { name } = vertex;
    const { solve } = this.#options;
    const stateEvent = (state: VertexState, seconds: number): Event[] =>
      name.startsWith("[internal]") ? [] : [{ kind: "vertex", ...solve, name, state, seconds }];
    return [
      ...(isStart ? stateEvent("started", 0) : []),
      ...(isEnd ? this.#logs.end(vertex.digest).map((text) => this.#logEvent(text)) : []),
      ...(use === undefined ? [] : [{ kind: "cache" as const, ...solve, use }]),
      // A cache that fails does not fail the build; the event above reports it.
      ...(isEnd ? stateEvent(use === undefined ? endState(vertex) : "done", seconds) : []),
    ];
  }

  /** Keeps what BuildKit reports of a vertex, redacted. */
  #remember(raw: Vertex, before: Vertex | undefined): Vertex {
    const { redact } = this.#options;
    const error = raw.error === undefined ? undefined : redact(raw.error);
    // BuildKit reports a cached vertex again, as if it ran, when a later instruction needs its layer fetched. A layer that cannot be
    // fetched does run.
    const cached = raw.cached || (before?.cached === true && before.error === undefined);
    const vertex = { ...raw, name: redact(raw.name), error, cached };
    this.#vertexes.set(vertex.digest, vertex);
    return vertex;
  }

  #readWarning({ message, line }: VertexWarning): Event {
    const { dockerfile, redact, solve } = this.#options;
    const place = line === undefined ? dockerfile : `${dockerfile}:${line}`;
    return { kind: "warning", message: redact(`${place}: ${message}`), service: solve.service };
  }

  #logEvent(line: string): Event {
    return { kind: "log", ...this.#options.solve, line };
  }
}

type VertexState = Extract<Event, { kind: "vertex" }>["state"];

/** Whether a vertex is an instruction of the Dockerfile other than `FROM`, such as `[build 2/5] RUN npm ci`. */
function isInstruction({ name }: Vertex): boolean {
  return /^\[[^\]]*\b\d+\/\d+\] (?!FROM )/.test(name);
}

/** Whether a vertex's layers were fetched from a cache. Layers of a base come from the base's registry instead. */
function isFromCache(vertex: Vertex | undefined): boolean {
  return vertex !== undefined && vertex.cached && isInstruction(vertex);
}

function endState(vertex: Vertex): VertexState {
  if (vertex.error !== undefined) return "failed";
  return vertex.cached ? "cached" : "done";
}

/** Whether BuildKit cancelled a vertex. When one instruction fails, BuildKit cancels the parallel ones, which may end first. */
function isCancelled({ error = "" }: Vertex): boolean {
  return /context canceled/.test(error);
}

function secondsBetween(started: string | undefined, completed: string | undefined): number {
  if (started === undefined || completed === undefined) return 0;
  return Math.max(0, Date.parse(completed) - Date.parse(started)) / 1000;
}

/** Number of last output lines that are kept of each instruction. */
const keptLines = 40;

/** Joins the pieces that instructions write to lines, without control characters and secrets. */
interface VertexLogs {
  /** The lines that this piece completes. */
  push(log: VertexLog): string[];
  /** The lines that the vertex left without a line end. */
  end(vertex: string): string[];
  /** The last `keptLines` lines. */
  last(vertex: string): readonly string[];
}

function makeVertexLogs(redact: Redact): VertexLogs {
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

/** The last visible text of a line that was overwritten, such as a progress bar. */
function lastOverwrite(line: string): string {
  const parts = stripVTControlCharacters(line).split("\r");
  return parts.findLast((part) => part !== "") ?? "";
}
