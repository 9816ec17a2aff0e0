import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { GitHubRepository, GitHubServer } from "../model/ci-run.ts";
import type { Secret } from "../model/secret.ts";
import { makeRetryPolicy } from "./retry-policy.ts";
import { userAgent } from "./user-agent.ts";

/** Options of a client of GitHub's REST API. */
export interface GitHubClientOptions {
  readonly token: Secret;
  readonly server: GitHubServer;
  readonly repository: GitHubRepository;
  readonly emit: Emit;
}

/** GitHub's REST API for one repository. `at`: the repository, as every call takes it. */
export interface GitHubClient {
  readonly octokit: Octokit & ReturnType<typeof paginateRest> & ReturnType<typeof restEndpointMethods>;
  readonly at: { readonly owner: string; readonly repo: string };
}

const mostRetries = 3;

const Api = Octokit.plugin(throttling, retry, paginateRest, restEndpointMethods);

/**
 * Makes a client that follows GitHub's rules (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api): few
 * requests at once, waits of up to two minutes for rate limits, retries after server errors. Import this file when it is needed: it is
 * large.
 */
export function makeGitHubClient(host: Host, options: GitHubClientOptions): GitHubClient {
  const { token, server, repository, emit } = options;
  const retries = makeRetryPolicy(host, emit);
  const wait = async (what: string, seconds: number, tries: number): Promise<boolean> =>
    tries < mostRetries && (await retries.waitOutLimit(what, seconds));
  const octokit = new Api({
    auth: token.reveal(),
    baseUrl: server.apiUrl,
    userAgent,
    request: { fetch: retries.fetch },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    // The plugins decide whether to retry; the host does the waiting, which can be interrupted.
    retry: { retries: mostRetries, retryAfterBaseValue: 0 },
    throttle: {
      retryAfterBaseValue: 0,
      fallbackSecondaryRateRetryAfter: 60,
      ...unspaced,
      onRateLimit: (seconds, _request, _octokit, tries) => wait("the rate limit", seconds, tries),
      onSecondaryRateLimit: (seconds, _request, _octokit, tries) => wait("a secondary rate limit", seconds, tries),
    },
  });
  return { octokit, at: { owner: repository.owner, repo: repository.name } };
}

const atOnce = {
  key: () => ({ schedule: (_options: unknown, task: () => Promise<unknown>) => task() }),
};

/**
 * Replaces the plugin's limiters, which space writes: a release makes at most seven writes, and pruning has a pace of its own. The plugin
 * calls no other limiter.
 */
const unspaced: object = { write: atOnce, notifications: atOnce };

function ignore(): void {
  // Octokit's log is off: the user learns of waits by events.
}
