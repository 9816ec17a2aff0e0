import { describe, expect, test } from "vitest";
import { pinsExactly, pinUses } from "./pinned-uses.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const old = commit.replaceAll("0", "f");
const known = { repository: "acme/slipway", ref: "v1", commit: { id: commit, called: "v1.2.0" } };
const unknown = { ...known, commit: undefined };

describe("the pin of an action", () => {
  test.each<readonly [before: string, known: string, unknown: string]>([
    ["@v6", "@v1", "@v1"],
    ["@v6 # why", "@v1 # why", "@v1 # why"],
    ["@master", "@v1", "@v1"],
    ["@v6.18.0", "@v1.2.0", "@v1"],
    [`@${old} # v7.1.0`, `@${commit} # v1.2.0`, "@v1"],
    [`@${old}  # v7.1.0`, `@${commit}  # v1.2.0`, "@v1"],
    [`@${old} #v7`, `@${commit} #v1.2.0`, "@v1"],
    [`@${old} # tag=v7.1.0`, `@${commit} # tag=v1.2.0`, "@v1"],
    [`@${old} # pin@v7`, `@${commit} # pin@v1.2.0`, "@v1"],
    [`@${old} # ratchet:docker/build-push-action@v7`, `@${commit} # ratchet:acme/slipway/build-push@v1.2.0`, "@v1"],
    [`@${old} # v7.1.0, held back`, `@${commit} # v1.2.0, held back`, "@v1 # , held back"],
    [`@${old} # the fast one`, `@${commit} # the fast one`, "@v1 # the fast one"],
    [`@${old}`, `@${commit} # v1.2.0`, "@v1"],
  ])("%s becomes %s, or %s where the commit is not known", (before, withCommit, without) => {
    const at = before.indexOf(" ");
    const [pin, comment] = at < 0 ? [before, ""] : [before.slice(0, at), before.slice(at)];
    const written = { uses: `docker/build-push-action${pin}`, comment };
    const lines = [known, unknown].map((each) => {
      const made = pinUses(written, "build-push", each);
      return made.uses.replace("acme/slipway/build-push", "") + made.comment;
    });
    expect(lines).toEqual([withCommit, without]);
  });

  test.each([
    [`uses: a/b@${old}`, true],
    ["- uses: a/b@v1.2.3 # x", true],
    ["- uses: a/b@v1", false],
    [`run: echo @${old}`, false],
  ])("%s is exact: %s", (text, isExact) => expect(pinsExactly(text)).toBe(isExact));
});
