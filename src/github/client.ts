import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { GitHubRepository } from "./context.ts";

/** What a client of GitHub's REST API is made from. */
export interface GitHubClientOptions {
  readonly token: string;
  /** Without a slash at the end. */
  readonly apiUrl: string;
  readonly repository: GitHubRepository;
  readonly emit: Emit;
  /** Whether writes keep a second's distance, which GitHub asks of programs that write many. Default: true. */
  readonly spacesWrites?: boolean;
  /** Milliseconds a second of waiting lasts: less in tests. Default 1000. */
  readonly secondMs?: number;
}

/** GitHub's REST API for one repository. `at`: the repository, as every call takes it. */
export interface GitHubClient {
  readonly octokit: InstanceType<typeof Api>;
  readonly at: { readonly owner: string; readonly repo: string };
}

/** However long a rate limit lasts, no longer is waited for: past it the command ends, and can be run again. */
const longestWaitSeconds = 120;
const mostRetries = 3;

const Api = Octokit.plugin(throttling, retry, paginateRest, restEndpointMethods);

/**
 * A client that keeps to GitHub's pace (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api):
 * writes one after another, rate limits waited for up to two minutes, faults of the server tried again. Load it when it is needed:
 * it is large.
 */
export function makeGitHubClient(host: Host, options: GitHubClientOptions): GitHubClient {
  const { token, apiUrl, repository, emit, spacesWrites = true, secondMs = 1000 } = options;
  const waits = (seconds: number, tries: number, what: string): boolean => {
    const isWorthIt = seconds <= longestWaitSeconds && tries < mostRetries;
    if (isWorthIt) emit({ kind: "waiting", message: `${what} of GitHub's API`, seconds });
    return isWorthIt;
  };
  const octokit = new Api({
    auth: token,
    baseUrl: apiUrl,
    userAgent: "slipway",
    request: { fetch: host.fetch, signal: host.signal },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    retry: { retries: mostRetries, retryAfterBaseValue: secondMs },
    throttle: {
      // GitHub counts by token, so that is what keeps one pace.
      id: `${apiUrl} ${token}`,
      retryAfterBaseValue: secondMs,
      fallbackSecondaryRateRetryAfter: 60,
      ...(spacesWrites ? {} : unspaced),
      onRateLimit: (seconds, _request, _octokit, tries) => waits(seconds, tries, "the rate limit"),
      onSecondaryRateLimit: (seconds, _request, _octokit, tries) => waits(seconds, tries, "a secondary rate limit"),
    },
  });
  return { octokit, at: { owner: repository.owner, repo: repository.name } };
}

const atOnce = {
  key: () => ({ schedule: (_options: unknown, task: () => Promise<unknown>) => task() }),
};

/** In place of the limiters that keep writes apart; of them the plugin calls nothing else. */
const unspaced: object = { write: atOnce, notifications: atOnce };

function ignore(): void {
  // What is worth telling is an event.
}
