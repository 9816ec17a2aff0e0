/** One job of a run, or one leg of its matrix, as act's `--json` tells of it. */
export interface ActJob {
  /** Its key in the workflow: `build`. */
  readonly id: string;
  /** `build api (linux/amd64)`. */
  readonly name: string;
  readonly matrix: Readonly<Record<string, string>>;
  /**
   * By its steps, not by act's verdict: every leg that ends after a failed one is called failed by act. `unfinished`: it
   * was interrupted.
   */
  readonly result: "success" | "failure" | "unfinished";
  /** From its first line to its last, with what act itself does for it. */
  readonly seconds: number;
  /** What its steps wrote, without workflow commands. */
  readonly log: string;
  /** The Markdown of its step summaries. */
  readonly summary: string;
  /** What its steps set, by name; a later step wins. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
}

/** A workflow command that GitHub shows beside the code. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  readonly message: string;
  /** `file`, `line`, `title`, … */
  readonly at: Readonly<Record<string, string>>;
}

/** One line of `--json`, as far as it is read. */
interface Line {
  readonly job?: string;
  readonly jobID?: string;
  readonly matrix?: Readonly<Record<string, string>> | null;
  readonly msg?: string;
  readonly command?: string;
  readonly arg?: string;
  readonly name?: string;
  readonly content?: string;
  readonly kvPairs?: Readonly<Record<string, string>>;
  readonly raw_output?: boolean;
  readonly stepResult?: string;
  readonly jobResult?: string;
}

interface Open {
  readonly id: string;
  readonly name: string;
  readonly matrix: Readonly<Record<string, string>>;
  readonly began: number;
  readonly outputs: Record<string, string>;
  readonly annotations: Annotation[];
  ended: number;
  hasFailed: boolean;
  isDone: boolean;
  log: string;
  summary: string;
}

/** Takes act's lines as they come. */
export interface ActLog {
  /** `at`: when it came, in milliseconds. */
  add(line: string, at: number): void;
  /** Jobs that ran, in the order in which they began; those that were skipped are not among them. */
  jobs(): readonly ActJob[];
}

export function makeActLog(): ActLog {
  const jobs = new Map<string, Open>();
  return {
    add(text, at) {
      const line = parse(text);
      if (line?.job === undefined || line.jobID === undefined || line.jobResult === "skipped") return;
      const job = jobs.get(line.job) ?? open(line, at);
      if (job.isDone) return;
      jobs.set(line.job, job);
      job.ended = at;
      take(job, line);
    },
    jobs: () => [...jobs.values()].map(close),
  };
}

function parse(text: string): Line | undefined {
  if (!text.startsWith("{")) return undefined;
  return JSON.parse(text) as Line;
}

function open(line: Line, at: number): Open {
  const name = (line.job ?? "").replace(/^[^/]*\//, "").trim();
  const matrix = line.matrix ?? {};
  return {
    id: line.jobID ?? "",
    // act counts the legs of a matrix behind their names.
    name: Object.keys(matrix).length === 0 ? name : name.replace(/-\d+$/, ""),
    matrix,
    began: at,
    outputs: {},
    annotations: [],
    ended: at,
    hasFailed: false,
    isDone: false,
    log: "",
    summary: "",
  };
}

function take(job: Open, line: Line): void {
  if (line.raw_output === true) job.log += line.msg ?? "";
  if (line.stepResult === "failure") job.hasFailed = true;
  if (line.jobResult !== undefined) job.isDone = true;
  switch (line.command) {
    case "set-output":
      job.outputs[line.name ?? ""] = line.arg ?? "";
      return;
    case "summary":
      job.summary += line.content ?? "";
      return;
    case "error":
    case "warning":
    case "notice":
      job.annotations.push({ level: line.command, message: line.arg ?? "", at: line.kvPairs ?? {} });
      return;
    default:
  }
}

function close(job: Open): ActJob {
  const { id, name, matrix, log, summary, outputs, annotations } = job;
  const result = job.hasFailed ? "failure" : job.isDone ? "success" : "unfinished";
  return { id, name, matrix, result, seconds: (job.ended - job.began) / 1000, log, summary, outputs, annotations };
}
