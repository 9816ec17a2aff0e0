import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type GitHub, type GitHubOptions, type JobOptions, startGitHub } from "../../../sandbox/github/index.ts";
import { type Sigstore, startSigstore } from "../../../sandbox/sigstore/index.ts";
import { makeFetch } from "../../http/fetch.ts";
import type { Fetch, Host } from "../../host.ts";
import type { TestFile } from "../../source/testing/repository.ts";
import { makeShop, settings, type Shop } from "./shop.ts";

/** A shop whose runs are jobs of GitHub Actions that sign by a Sigstore of their own, all on loopback. */
export interface SignedShop extends Shop {
  readonly github: GitHub;
  readonly sigstore: Sigstore;
  /** The host of a job. Default: a push to main by `release.yml`, with every permission that signing needs. */
  job(options?: JobOptions): Promise<Host>;
}

/** What a test changes of a signed shop. */
export interface SignedShopOptions {
  /** Further lines of slipway.yaml. */
  readonly settings?: string;
  /** Replaces the line `sign`. */
  readonly sign?: string;
  readonly files?: Readonly<Record<string, TestFile>>;
  readonly github?: Partial<GitHubOptions>;
}

export async function makeSignedShop(options: SignedShopOptions = {}): Promise<SignedShop> {
  const github = await startGitHub({ repository: "acme/shop", ...options.github });
  const sigstore = await startSigstore({ issuers: [{ url: `${github.url}/oidc` }] });
  const cache = await mkdtemp(join(tmpdir(), "slipway-test-cache-"));
  onTestFinished(async () => {
    await Promise.all([github.close(), sigstore.close(), rm(cache, { recursive: true })]);
  });
  const sign = options.sign ?? `sign: { with: public, instance: { tuf: "${sigstore.tufUrl}", root: tuf-root.json } }`;
  const shop = await makeShop({
    "slipway.yaml": `${settings}${sign}\n${options.settings ?? ""}`,
    "tuf-root.json": sigstore.tufRoot,
    "trusted-root.json": sigstore.trustedRoot,
    ...options.files,
  });
  const fetch = besideLoopback(shop);
  const { env } = shop.repository.host;
  return Object.assign(shop, {
    github,
    sigstore,
    async job(job: JobOptions = {}) {
      const permissions = { contents: "write", "id-token": "write", attestations: "write" } as const;
      const variables = await github.env({ permissions, ...job });
      return shop.host({ fetch, env: { ...env, ...shop.env, ...variables, XDG_CACHE_HOME: cache } });
    },
  });
}

/** Addresses of this machine are real; every other one is the registry in memory. */
function besideLoopback({ memory }: Shop): Fetch {
  const real = makeFetch({});
  const inMemory: Fetch = memory.fetch;
  const isLoopback = /^http:\/\/(?:127\.0\.0\.1|[\w.]*localhost)[:/]/;
  return (url, init) => (isLoopback.test(url) ? real(url, init) : inMemory(url, init));
}
