import type { PinnedBase } from "../../inputs/request.ts";
import { hasKind } from "../../errors.ts";
import type { Emit } from "../../event.ts";
import { withoutCredentials } from "../../formats/address.ts";
import type { Host } from "../../host.ts";
import { digestOfPin } from "../../model/digest.ts";
import { byKey } from "../../model/order.ts";
import type { Platform } from "../../model/platform.ts";
import type { Registry } from "../../registry/registry.ts";
import { resolveGitContext } from "../workspace/git-context.ts";
import { checkGitHost, MayNotLookUp } from "../workspace/guarded-registry.ts";
import { makeBaseLookup } from "./lookups.ts";
import type { Pins } from "./parts.ts";

/** Digests and commits of external names, for one command. Each name is looked up once, and every caller gets the same answer. */
export interface PinBook {
  base(reference: string, platform: Platform): Promise<PinnedBase>;
  gitCommit(url: string): Promise<string>;
  /** All pins looked up so far. */
  pins(): Promise<Pins>;
}

/**
 * Makes the pin book of one command. `pinned`: the pins of the run's plan, which take precedence over a new look-up; a pinned digest that
 * is gone is replaced by a new look-up, with a warning.
 */
export function makePinBook(
  {
    host,
    emit,
    registry,
    hosts,
  }: {
    readonly host: Host;
    readonly emit: Emit;
    readonly registry: Registry;
    readonly hosts?: ReadonlySet<string> | undefined;
  },
  pinned: Pins = { images: [], git: [] },
): PinBook {
  const lookUp = makeBaseLookup(registry.mirrored);
  const digests = new Map(pinned.images.map((pin) => [keyOf(pin), pin.digest]));
  const commits = new Map(pinned.git.map(({ url, commit }) => [url, commit]));
  const images = new Map<string, { reference: string; platform: Platform; found: Promise<PinnedBase> }>();
  const git = new Map<string, Promise<string>>();

  const findBase = async (reference: string, platform: Platform): Promise<PinnedBase> => {
    const digest = digests.get(keyOf({ reference, platform }));
    if (digest === undefined) return lookUp(reference, platform);
    try {
      return await lookUp(`${reference}@${digest}`, platform);
    } catch (error) {
      if (!hasKind(error, "base-not-found", "base-platform-missing")) throw error;
      const message = `${reference} was ${digest} when this run was planned, which is gone: what it is now is used`;
      emit({ kind: "warning", message });
      return lookUp(reference, platform);
    }
  };

  const findCommitOf = async (url: string): Promise<string> => {
    // The plan is an artifact that any job could write, so its pins too must be on hosts that the run may contact.
    if (hosts !== undefined) checkGitHost(url, hosts);
    return commits.get(withoutCredentials(url)) ?? resolveGitContext(host, url);
  };

  return {
    base: (reference, platform) => {
      const key = keyOf({ reference, platform });
      const known = images.get(key)?.found;
      if (known !== undefined) return known;
      const found = findBase(reference, platform);
      // A reference with a digest needs no pin.
      if (!reference.includes("@")) images.set(key, { reference, platform, found });
      return found;
    },
    gitCommit: (url) => {
      const key = withoutCredentials(url);
      const found = git.get(key) ?? findCommitOf(url);
      git.set(key, found);
      return found;
    },
    pins: async () => {
      const found = await Promise.all(
        [...images.values()].map(async ({ reference, platform, found: image }) => {
          const { pin } = await image.catch(passOver);
          const digest = digestOfPin(pin);
          return digest === undefined ? [] : [{ reference, platform, digest }];
        }),
      );
      const named = await Promise.all(
        [...git].map(async ([url, found]) => {
          const commit = await found.catch((error: unknown) => passOver(error).pin);
          return commit === "" ? [] : [{ url, commit }];
        }),
      );
      return { images: found.flat().sort(byKey(keyOf)), git: named.flat().sort(byKey(({ url }) => url)) };
    },
  };
}

/** Skips a name that an untrusted run may not look up. It has no pin, and services that need it are not planned. */
function passOver(error: unknown): { readonly pin: string } {
  if (error instanceof MayNotLookUp) return { pin: "" };
  throw error;
}

function keyOf({ reference, platform }: { readonly reference: string; readonly platform: Platform }): string {
  return `${reference}|${platform}`;
}
