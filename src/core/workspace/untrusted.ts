import { realpath } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { configNames, type UntrustedReading } from "../../config/discover.ts";
import { leadsOut } from "../../config/project/within-repository.ts";
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
 * Decides trust from the CI run, the clone, the options, and the files that the run reads beside the commit. Throws `usage` for `trunk`
 * without `untrusted`, `repository` for a trunk that does not exist.
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
      "options-conflict",
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

/** Resolves the pull request's target branch as it was fetched, if the event does not name its commit. */
async function findTrunk(repository: Repository, { base }: CiRun): Promise<string | undefined> {
  if (base === undefined) return undefined;
  return repository.resolve(`refs/remotes/origin/${base}`).catch(() => undefined);
}

/** Values that an untrusted run takes from trunk: its slipway.yaml, and the hosts that it names. */
export interface TakenFromTrunk {
  readonly reading: UntrustedReading;
  readonly hosts: readonly string[];
}

/** Reads trunk for an untrusted run. Undefined: the run is trusted. */
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
  // The user chose a configuration outside of the repository. It replaces trunk's, and grants nothing.
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
 * An absolute path relative to the repository; undefined: it lies outside. Resolves links above the root but not inside it, because with a
 * link inside the author of the checked-out content could choose which file of trunk is read.
 */
async function pathsInside(root: string, path: string): Promise<readonly string[] | undefined> {
  const written = relative(root, path);
  if (!leadsOut(written)) return [written];
  const real = await realpath(root);
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((await realpath(folder).catch(() => undefined)) === real) return [relative(folder, path)];
  }
  return undefined;
}
