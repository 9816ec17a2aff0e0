/** The parts of one `--progress=rawjson` line that Slipway uses. Source: BuildKit, client/graph.go, `SolveStatus`. */
export interface SolveStatus {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly VertexWarning[];
}

/** State of one operation of a solve. */
export interface Vertex {
  readonly digest: string;
  readonly name: string;
  /** Start time, RFC 3339 with nanoseconds. */
  readonly started: string | undefined;
  readonly completed: string | undefined;
  readonly cached: boolean;
  readonly error: string | undefined;
}

/** One activity of a vertex: a layer that is fetched (`sha256:…`, with its size) or written (`writing layer sha256:…`). */
export interface VertexStatus {
  readonly vertex: string;
  readonly id: string;
  /** Size in bytes; undefined: not reported. */
  readonly total: number | undefined;
}

/** A piece of an instruction's output; a line may span pieces. */
export interface VertexLog {
  readonly vertex: string;
  readonly stream: number;
  readonly data: Uint8Array;
}

/** A finding of BuildKit's build checks, with the line of the Dockerfile. */
export interface VertexWarning {
  readonly message: string;
  readonly line: number | undefined;
}

/** Parses one line. Undefined: it is plain text, such as buildx's final error with lines of the Dockerfile. */
export function parseSolveStatus(line: string): SolveStatus | undefined {
  if (!line.startsWith("{")) return undefined;
  const value = parseJson(line);
  if (!isObject(value)) return undefined;
  return {
    vertexes: objects(value["vertexes"]).map(readVertex),
    statuses: objects(value["statuses"]).map(readStatus),
    logs: objects(value["logs"]).map(readLog),
    warnings: objects(value["warnings"]).map(readWarning),
  };
}

function readVertex(value: Record<string, unknown>): Vertex {
  return {
    digest: text(value["digest"]) ?? "",
    name: text(value["name"]) ?? "",
    started: text(value["started"]),
    completed: text(value["completed"]),
    cached: value["cached"] === true,
    error: text(value["error"]) || undefined,
  };
}

function readStatus(value: Record<string, unknown>): VertexStatus {
  const total = value["total"];
  return {
    vertex: text(value["vertex"]) ?? "",
    id: text(value["id"]) ?? "",
    total: typeof total === "number" ? total : undefined,
  };
}

function readLog(value: Record<string, unknown>): VertexLog {
  return {
    vertex: text(value["vertex"]) ?? "",
    stream: value["stream"] === 2 ? 2 : 1,
    data: Buffer.from(text(value["data"]) ?? "", "base64"),
  };
}

function readWarning(value: Record<string, unknown>): VertexWarning {
  const [range] = objects(value["range"]);
  const start = range?.["start"];
  const line = isObject(start) ? start["line"] : undefined;
  return {
    message: Buffer.from(text(value["short"]) ?? "", "base64")
      .toString("utf8")
      .replace(/ \(line \d+\)$/, ""),
    line: typeof line === "number" ? line : undefined,
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
