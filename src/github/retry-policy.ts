import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Fetch, FetchAnswer, Host } from "../host.ts";

/** The longest wait. Beyond it the command ends, and can be run again. */
const longestWaitSeconds = 120;
/** The timeout of one answer. */
const longestAnswerMs = 60_000;

/** Waits of a client: emitted as events, and ended by an interruption. */
export interface RetryPolicy {
  /** `host.fetch` that waits before the next request after an error, as long as GitHub's answer asks. */
  readonly fetch: Fetch;
  /** Waits for a rate limit to pass; false when that takes too long. */
  waitOutLimit(what: string, seconds: number): Promise<boolean>;
}

/** https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately */
export function makeRetryPolicy(host: Host, emit: Emit): RetryPolicy {
  /** Consecutive server errors, and the wait that the last answer asked for. */
  let faults = 0;
  let askedSeconds: number | undefined;

  const takeTurn = async (): Promise<void> => {
    if (faults === 0) return;
    const seconds = askedSeconds ?? faults ** 2;
    if (seconds > longestWaitSeconds) {
      faults = 0;
      throw new SlipwayError("github-rate-limited", `GitHub asks to wait ${seconds} seconds`, {
        hint: "run the same command again after that",
      });
    }
    const why = askedSeconds === undefined ? "has a fault" : "asks to wait";
    emit({ kind: "waiting", message: `GitHub's API ${why}; trying again`, seconds });
    await host.sleep(seconds * 1000);
  };

  const note = ({ status, headers }: FetchAnswer): void => {
    const isFault = status >= 500 || status === 429;
    faults = isFault ? faults + 1 : 0;
    askedSeconds = isFault ? parseRetryAfter(headers.get("retry-after"), Date.parse(host.now())) : undefined;
  };

  return {
    fetch: async (input, init) => {
      try {
        await takeTurn();
        const signal = AbortSignal.any([host.signal, AbortSignal.timeout(longestAnswerMs)]);
        const response = await host.fetch(input, { ...init, signal });
        note(response);
        return response;
      } catch (error) {
        if (host.signal.aborted) throw new SlipwayError("interrupted", "interrupted", { cause: error });
        if (!(error instanceof SlipwayError)) {
          faults += 1;
          askedSeconds = undefined;
        }
        throw describeTimeout(error);
      }
    },
    waitOutLimit: async (what, seconds) => {
      if (seconds > longestWaitSeconds) return false;
      emit({ kind: "waiting", message: `${what} of GitHub's API`, seconds });
      // After an interruption the next request throws.
      await host.sleep(seconds * 1000).catch(() => undefined);
      return true;
    },
  };
}

/** Parses `Retry-After`, in seconds or as a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}

function describeTimeout(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "TimeoutError") return error;
  return new Error(`no answer within ${longestAnswerMs / 1000} seconds`, { cause: error });
}
