import type { PinnedBase } from "../../inputs/request.ts";
import { hasKind } from "../../errors.ts";
import { withoutCredentials } from "../../formats/address.ts";
import { type Digest, digestOfPin } from "../../model/digest.ts";
import { byKey } from "../../model/order.ts";
import type { Platform } from "../../model/platform.ts";
import { resolveGitContext } from "../workspace/git-context.ts";
import { checkGitHost, MayNotLookUp } from "../workspace/guarded-registry.ts";
import { makeBaseLookup } from "./lookups.ts";
import type { RecordedBase } from "../../model/release.ts";
import type { Expectations } from "./expectations.ts";
import type { Pins } from "./parts.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Digests and commits of external names, for one command. Each name is looked up once, and every caller gets the same answer. */
export interface PinBook {
  base(reference: string, platform: Platform): Promise<PinnedBase>;
  gitCommit(url: string): Promise<string>;
  /** The names that were looked up so far. */
  pins(): Promise<Pins>;
  /** Images that were looked up so far, sorted by digest, for the release's record. */
  bases(): readonly RecordedBase[];
}

/** The host and the registry client that look names up. */
type PinSource = Pick<Workspace, "host" | "emit" | "registry"> & Partial<Pick<Workspace, "hosts">>;

/**
 * Makes the pin book of one command. `pinned`: the pins of the run's plan, which take precedence over a new look-up; a pinned digest that
 * is gone is replaced by a new look-up, with a warning.
 */
export function makePinBook(
  source: PinSource,
  pinned: Pins = { images: [], git: [] },
  expectations?: Expectations,
): PinBook {
  return new CommandPins(source, pinned, expectations);
}

/** Length of a base's configuration as JSON up to which records hold it, since registries limit the size of a manifest. */
const mostRecordedLength = 16_384;

class CommandPins implements PinBook {
  readonly #source: PinSource;
  readonly #lookUp: ReturnType<typeof makeBaseLookup>;
  /** Digests that the run's plan pins, by reference and platform. */
  readonly #digests: ReadonlyMap<string, Digest>;
  readonly #commits: ReadonlyMap<string, string>;
  readonly #images = new Map<string, { reference: string; platform: Platform; found: Promise<PinnedBase> }>();
  readonly #git = new Map<string, Promise<string>>();
  readonly #bases = new Map<Digest, PinnedBase>();

  constructor(source: PinSource, pinned: Pins, expectations: Expectations | undefined) {
    this.#source = source;
    this.#lookUp = makeBaseLookup(source.registry.mirrored, expectations?.baseConfig);
    this.#digests = new Map(pinned.images.map((pin) => [keyOf(pin), pin.digest]));
    this.#commits = new Map(pinned.git.map(({ url, commit }) => [url, commit]));
  }

  base(reference: string, platform: Platform): Promise<PinnedBase> {
    const key = keyOf({ reference, platform });
    const known = this.#images.get(key)?.found;
    if (known !== undefined) return known;
    const found = this.#findBase(reference, platform).then((base) => {
      this.#bases.set(base.digest, base);
      return base;
    });
    // A reference by digest needs no pin.
    if (!reference.includes("@")) this.#images.set(key, { reference, platform, found });
    return found;
  }

  gitCommit(url: string): Promise<string> {
    const key = withoutCredentials(url);
    const found = this.#git.get(key) ?? this.#findCommit(url);
    this.#git.set(key, found);
    return found;
  }

  async pins(): Promise<Pins> {
    const images = await Promise.all(
      [...this.#images.values()].map(async ({ reference, platform, found }) => {
        const { pin } = await found.catch(passOver);
        const digest = digestOfPin(pin);
        return digest === undefined ? [] : [{ reference, platform, digest }];
      }),
    );
    const git = await Promise.all(
      [...this.#git].map(async ([url, found]) => {
        const commit = await found.catch((error: unknown) => passOver(error).pin);
        return commit === "" ? [] : [{ url, commit }];
      }),
    );
    return { images: images.flat().sort(byKey(keyOf)), git: git.flat().sort(byKey(({ url }) => url)) };
  }

  bases(): readonly RecordedBase[] {
    return [...this.#bases.values()]
      .map(({ digest, config }) => ({ digest, env: config.env, onBuild: config.onBuild }))
      .filter((base) => JSON.stringify(base).length <= mostRecordedLength)
      .sort(byKey(({ digest }) => digest));
  }

  async #findBase(reference: string, platform: Platform): Promise<PinnedBase> {
    const digest = this.#digests.get(keyOf({ reference, platform }));
    if (digest === undefined) return this.#lookUp(reference, platform);
    try {
      return await this.#lookUp(`${reference}@${digest}`, platform);
    } catch (error) {
      if (!hasKind(error, "base-not-found", "base-platform-missing")) throw error;
      const message = `${reference} was ${digest} when this run was planned, which is gone: its current digest is used`;
      this.#source.emit({ kind: "warning", message });
      return this.#lookUp(reference, platform);
    }
  }

  async #findCommit(url: string): Promise<string> {
    const { host, hosts } = this.#source;
    // The plan is another job's artifact, so a commit that it pins is taken only for a host that may be asked.
    if (hosts !== undefined) checkGitHost(url, hosts);
    return this.#commits.get(withoutCredentials(url)) ?? resolveGitContext(host, url);
  }
}

/** A name that an untrusted run may not look up has no pin; the services that need it are not planned. */
function passOver(error: unknown): { readonly pin: string } {
  if (error instanceof MayNotLookUp) return { pin: "" };
  throw error;
}

function keyOf({ reference, platform }: { readonly reference: string; readonly platform: Platform }): string {
  return `${reference}|${platform}`;
}
