import { describe, expect, test } from "vitest";
import type { SigningChoice } from "../../model/signing.ts";
import { decideSigning, type SigningFacts, unsignedNotice } from "./decide-signing.ts";

type Changes = Partial<Pick<SigningFacts, "trust" | "hasIdentity" | "hasKey">> & {
  readonly settings?: Partial<SigningFacts["settings"]>;
  readonly ci?: Partial<SigningFacts["ci"]>;
};

/** A job with an identity, of a public repository whose slipway.yaml says nothing of signatures. */
function factsOf({ settings, ci, ...more }: Changes): SigningFacts {
  return {
    settings: { mode: "auto", key: undefined, instance: undefined, since: undefined, ...settings },
    ci: { event: "push", isJob: true, visibility: "public", ...ci },
    trust: { kind: "trusted" },
    hasIdentity: true,
    hasKey: false,
    ...more,
  };
}

const own = { tuf: "https://tuf.example.com", root: "tuf-root.json" };
const machine: Changes = { ci: { event: undefined, isJob: false, visibility: "unknown" }, hasIdentity: false };
const stranger: Changes = { trust: { kind: "untrusted", because: "a pull request", trunk: undefined } };

type Kind = Pick<Extract<SigningChoice, { kind: "keyless" }>, "kind" | "instance" | "isAsked"> | { kind: "key" };

const keyless = (instance: "public" | "own" | "github", isAsked: boolean): Kind => ({
  kind: "keyless",
  instance,
  isAsked,
});

describe("a run signs", () => {
  test.each<[string, Changes, Kind]>([
    ["auto, a key in the environment", { hasKey: true }, { kind: "key" }],
    ["auto, a key in slipway.yaml", { settings: { key: "release.pem" } }, { kind: "key" }],
    ["auto, a key on a machine", { ...machine, hasKey: true }, { kind: "key" }],
    ["auto, an instance of one's own", { settings: { instance: own } }, keyless("own", false)],
    [
      "auto, an instance of one's own for a private repository",
      { settings: { instance: own }, ci: { visibility: "private" } },
      keyless("own", false),
    ],
    ["auto, a public repository", {}, keyless("public", false)],
    ["public", { settings: { mode: "public" } }, keyless("public", true)],
    [
      "public, a private repository",
      { settings: { mode: "public" }, ci: { visibility: "private" } },
      keyless("public", true),
    ],
    ["public, an instance of one's own", { settings: { mode: "public", instance: own } }, keyless("own", true)],
    ["github", { settings: { mode: "github" }, ci: { visibility: "private" } }, keyless("github", true)],
    ["key, in the environment", { settings: { mode: "key" }, hasKey: true }, { kind: "key" }],
    ["key, in slipway.yaml", { settings: { mode: "key", key: "env:KEY" } }, { kind: "key" }],
    ["signed-since, a public repository", { settings: { since: "1.0.0" } }, keyless("public", false)],
  ])("%s", (_, changes, choice) => {
    const facts = factsOf(changes);
    const made = decideSigning(facts);
    expect(made).toEqual({ ...choice, because: expect.any(String) });
    expect(unsignedNotice(made, facts)).toBeUndefined();
  });
});

describe("a run does not sign, and a job says so in one line", () => {
  test.each<[string, Changes, string]>([
    ["off", { settings: { mode: "off" } }, "slipway.yaml says `sign: off`"],
    ["off, though there is a key", { settings: { mode: "off" }, hasKey: true }, "slipway.yaml says `sign: off`"],
    [
      "auto, a private repository",
      { ci: { visibility: "private" } },
      "the repository is private: choose `sign: github`",
    ],
    ["auto, the event does not say which", { ci: { visibility: "unknown" } }, "the event does not say whether"],
    ["auto, no permission", { hasIdentity: false }, "the job has no `id-token: write`"],
  ])("%s", (_, changes, because) => {
    const facts = factsOf(changes);
    const made = decideSigning(facts);
    expect(made).toEqual({ kind: "off", because: expect.stringContaining(because) });
    expect(unsignedNotice(made, facts)).toBe(`signing: off, because ${made.because}`);
    expect(unsignedNotice(made, facts)).not.toContain("\n");
  });

  test.each<[string, Changes, string]>([
    ["a machine without a key", machine, "there is no signing key, and this is no job"],
    ["an untrusted run", stranger, "a pull request publishes nothing"],
    ["an untrusted run where signing is asked for", { ...stranger, settings: { mode: "public" } }, "publishes nothing"],
    ["an untrusted run after signed-since", { ...stranger, settings: { since: "1.0.0" } }, "publishes nothing"],
  ])("%s does not, and nothing is said", (_, changes, because) => {
    const facts = factsOf(changes);
    const made = decideSigning(facts);
    expect(made).toEqual({ kind: "off", because: expect.stringContaining(because) });
    expect(unsignedNotice(made, facts)).toBeUndefined();
  });
});

describe("a run is refused, and the reason is named", () => {
  test.each<[string, Changes, RegExp]>([
    ["public, no permission", { settings: { mode: "public" }, hasIdentity: false }, /`sign: public`.*no identity/],
    ["github, no permission", { settings: { mode: "github" }, hasIdentity: false }, /`sign: github`.*no identity/],
    ["public, on a machine", { ...machine, settings: { mode: "public" } }, /`sign: public`.*no identity/],
    ["key, and there is none", { settings: { mode: "key" } }, /`sign: key`, and there is no key/],
    ["signed-since, off", { settings: { mode: "off", since: "1.0.0" } }, /signed since 1\.0\.0.*`sign: off`/],
    [
      "signed-since, a private repository",
      { settings: { since: "1.0.0" }, ci: { visibility: "private" } },
      /signed since 1\.0\.0.*is private/,
    ],
    ["signed-since, no permission", { settings: { since: "1.0.0" }, hasIdentity: false }, /1\.0\.0.*`id-token: write`/],
    ["signed-since, a machine", { ...machine, settings: { since: "1.0.0" } }, /1\.0\.0.*no signing key/],
  ])("%s", (_, changes, message) => {
    expect(() => decideSigning(factsOf(changes))).toThrow(
      expect.objectContaining({ kind: "signing-denied", code: "credentials", message: expect.stringMatching(message) }),
    );
  });

  test.each<[string, Changes, string]>([
    ["a job", {}, "id-token: write"],
    ["a machine", machine, "`sign: key`"],
  ])("%s without an identity is told what to do", (_, changes, hint) => {
    const facts = factsOf({ ...changes, settings: { mode: "public" }, hasIdentity: false });
    expect(() => decideSigning(facts)).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });
});
