import type { Image } from "./definition.ts";

/** A difference between bake and Slipway that is meant: what bake says, as Slipway is to say it, and why. */
interface Meant<Args extends readonly unknown[], T> {
  readonly reason: string;
  readonly apply: (...args: Args) => T;
}

const literal: Meant<[tag: string, version: string], string> = {
  reason:
    "a version that is written out (`1.2.3`) stands for the release's: 2.0.0 would go under the tag 1.2.3 otherwise",
  apply: (tag, version) => tag.replace(/:1\.2\.3$/, `:${version}`),
};

const untagged: Meant<[tag: string], string> = {
  reason: "bake prints a reference without a tag as it is written; BuildKit pushes it as `latest`",
  apply: (tag) => (/:[^/]*$/.test(tag) ? tag : `${tag}:latest`),
};

const image: Meant<[tags: readonly string[], image: readonly string[]], string[]> = {
  reason: "`docker compose build` gives `image:` beside `build.tags`; bake drops it where there are tags",
  apply: (tags, own) => [...tags, ...own],
};

const prerelease: Meant<[tags: readonly string[], version: string], string[]> = {
  reason: "a pre-release gets tags with its whole version only: it is neither `3` nor `latest` (decision 0002)",
  apply: (tags, version) => tags.filter((tag) => !version.includes("-") || tag.includes(version)),
};

const unversioned: Meant<[tags: readonly string[], version: string, convention: readonly string[]], readonly string[]> =
  {
    reason:
      "an image without a version in its tags gets those of Slipway's convention: nobody could pull its version otherwise",
    apply: (tags, version, convention) => (tags.some((tag) => tag.includes(version)) ? tags : convention),
  };

const limits: Meant<[printed: Image, own: Image | undefined], Image> = {
  reason: "bake loses a ulimit of one number (prints `nproc=0:0` for `nproc: 3`); Compose passes it on",
  apply: (printed, own) => {
    const known = own?.settings["ulimits"] ?? [];
    const ulimits = (printed.settings["ulimits"] ?? []).map((limit) => {
      const [name = "", value = ""] = limit.split("=");
      return value === "0:0" ? (known.find((each) => each.startsWith(`${name}=`)) ?? limit) : limit;
    });
    return { ...printed, settings: { ...printed.settings, ulimits } };
  },
};

const profile: Meant<[names: readonly string[], off: readonly string[]], string[]> = {
  reason: "`docker compose build` leaves services of a profile that is off alone; bake builds all",
  apply: (names, off) => names.filter((name) => !off.includes(name)),
};

/** Every difference that the comparison knows; what differs otherwise is a fault. */
export const meant = { literal, untagged, image, prerelease, unversioned, limits, profile };
