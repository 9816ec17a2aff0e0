import type { Readable } from "node:stream";

/** Output of a process that ended by itself. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the host's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array | Readable;
  /** Lines of standard error (and of standard output, where asked) as they come. */
  readonly onStderrLine?: (line: string) => void;
  readonly onStdoutLine?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** On abort SIGINT is sent, and SIGKILL after this many seconds. Default 10. */
  readonly killAfterSeconds?: number;
}

/** As for `run`; `stdin` in place of this process's own. */
export type AttachOptions = Pick<RunOptions, "cwd" | "env"> & { readonly stdin?: Uint8Array };

/** A stream a person or a program reads. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** At least 1, also where the terminal does not say. */
  readonly columns: number;
  readonly rows: number;
}

/** What a person types, or a program writes. */
export interface Input {
  readonly isTTY: boolean;
  /** One line without its end; undefined when there is no more. */
  readLine(): Promise<string | undefined>;
  /** Everything to its end. */
  readAll(): Promise<Uint8Array>;
}

/**
 * One HTTP exchange, as the web's `fetch` has it: that one, too, is a `Fetch`. Rejects when there is no answer. An answer's body is read to
 * its end, or the request is aborted: its connection is free for the next request then.
 */
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchAnswer>;

/** Without these: GET, redirects are followed, and an answer may be compressed on its way. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** `manual`: a redirect is an answer. */
  readonly redirect?: "follow" | "manual";
  readonly signal?: AbortSignal;
}

/** A body may still be on its way, and is read once. */
export interface FetchAnswer {
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly headers: FetchHeaders;
  /** What was compressed on its way is not any more. Null where an answer has none. */
  readonly body: AsyncIterable<Uint8Array> | null;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Names in small letters. */
export interface FetchHeaders extends Iterable<[name: string, value: string]> {
  get(name: string): string | null;
}

/**
 * The one door for effects: environment, clock, network, processes, streams, signal. Made once, in `cli/main.ts`
 * or by a test. Files are read and written with `node:fs` directly.
 */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly fetch: Fetch;
  /** Loads what `fetch` needs before it is needed: for while something else is waited for. */
  prepareFetch(): void;
  readonly input: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted on Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** The time now, ISO 8601 with milliseconds, UTC. */
  now(): string;
  /** Milliseconds on a clock that never goes backwards, for durations. */
  monotonic(): number;
  /** Waits; rejects with an `interrupted` error when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** 0 ≤ x < 1, for jitter and names of runs; never for anything that a result depends on. */
  random(): number;
  /** This process's id, and whether a process of this machine runs: to tell what a killed run left behind. */
  readonly processId: number;
  isRunning(processId: number): boolean;
  /**
   * Runs a program without a shell. Resolves with any exit code; rejects with `unavailable` when the program is not
   * there and with `interrupted` when the signal aborted it.
   */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<ProcessResult>;
  /**
   * Runs a program with this process's own streams, as if the caller had started it. Resolves with its exit code, also when the signal
   * aborted it: it gets SIGINT then, and says itself what became of it. Rejects with `unavailable` when the program is not there.
   */
  attach(program: string, args: readonly string[], options?: AttachOptions): Promise<number>;
}
