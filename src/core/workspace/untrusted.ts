import { realpath } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { configNames, type UntrustedReading } from "../../config/discover.ts";
import { leaves } from "../../config/project/within-repository.ts";
import { SlipwayError } from "../../errors.ts";
import { parseAddress } from "../../formats/address.ts";
import type { CiRun } from "../../model/ci-run.ts";
import type { Trust } from "../../model/trust.ts";
import type { Repository } from "../../source/git/repository.ts";
import { decideTrust } from "./decide-trust.ts";
import { hostsIn, openTrunk, type TrunkReader } from "./trunk.ts";

/** The options `--untrusted` and `--trunk`. */
export interface TrustOptions {
  readonly untrusted?: boolean | undefined;
  readonly trunk?: string | undefined;
}

/**
 * Decides from the run, the clone, what was asked, and what the run reads beside the commit. Throws `usage` for a trunk without `untrusted`, `repository` for
 * one that is not there.
 */
export async function readTrust(
  ci: CiRun,
  repository: Repository,
  options: TrustOptions,
  beside: readonly string[],
): Promise<Trust> {
  const { untrusted = false, trunk } = options;
  if (trunk !== undefined && !untrusted) {
    throw new SlipwayError(
      "usage",
      `--trunk "${trunk}" says whose slipway.yaml an untrusted run uses, and this run is trusted`,
      {
        hint: "add --untrusted, or leave out --trunk",
      },
    );
  }
  const named = trunk === undefined ? undefined : await repository.resolve(trunk);
  const { commit, dirty } = repository;
  const trust = decideTrust({ ci, commit, dirty, beside, asked: untrusted ? { trunk: named } : undefined });
  if (trust.kind === "trusted" || trust.trunk !== undefined) return trust;
  return { ...trust, trunk: untrusted ? undefined : await findTrunk(repository, ci) };
}

/** The branch that a pull request is for, as it was fetched, where the event does not say its commit. */
async function findTrunk(repository: Repository, { base }: CiRun): Promise<string | undefined> {
  if (base === undefined) return undefined;
  return repository.resolve(`refs/remotes/origin/${base}`).catch(() => undefined);
}

/** What an untrusted run takes from trunk: its slipway.yaml, and hosts that it knows. */
export interface TakenFromTrunk {
  readonly reading: UntrustedReading;
  readonly hosts: readonly string[];
}

/** Undefined: the run is trusted. */
export async function readTrunk(
  { host, run }: TrunkReader,
  repository: Repository,
  trust: Trust,
  config: string | undefined,
): Promise<TakenFromTrunk | undefined> {
  if (trust.kind === "trusted") return undefined;
  const { because } = trust;
  const remote = repository.remote === undefined ? undefined : parseAddress(repository.remote)?.host;
  const known = remote === undefined ? [] : [remote];
  const inside = config === undefined ? configNames : await pathsInside(repository.root, resolve(host.cwd, config));
  // A person chose a file outside of the repository: it is read instead of trunk's, and gives no rights.
  if (inside === undefined) return { reading: { because, config: undefined }, hosts: known };
  if (trust.trunk === undefined) return { reading: { because, config: undefined }, hosts: known };
  const trunk = await openTrunk({ host, run }, repository, trust.trunk);
  const [found, hosts] = await Promise.all([trunk.readFirst(inside), trunk.hosts()]);
  const file = found === undefined ? "" : `${found.path} of trunk (${trust.trunk.slice(0, 7)})`;
  return {
    reading: { because, config: found === undefined ? undefined : { file, text: found.text } },
    hosts: [...known, ...hosts, ...(found === undefined ? [] : hostsIn(found.path, found.text))],
  };
}

/**
 * A path as the repository has it; undefined: it is outside. Links above the root are followed, those inside are not: whoever wrote
 * what is checked out would choose by them which file of trunk counts. `path`: absolute.
 */
async function pathsInside(root: string, path: string): Promise<readonly string[] | undefined> {
  const written = relative(root, path);
  if (!leaves(written)) return [written];
  const real = await realpath(root);
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((await realpath(folder).catch(() => undefined)) === real) return [relative(folder, path)];
  }
  return undefined;
}
