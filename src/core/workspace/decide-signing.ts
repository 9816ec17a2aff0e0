import { SlipwayError } from "../../errors.ts";
import type { CiRun } from "../../model/ci-run.ts";
import type { SigningChoice, SigningSettings } from "../../model/signing.ts";
import type { Trust } from "../../model/trust.ts";

/** Facts that decide how a run signs. */
export interface SigningFacts {
  readonly settings: Pick<SigningSettings, "mode" | "key" | "instance" | "since">;
  readonly ci: Pick<CiRun, "event" | "isJob" | "visibility">;
  readonly trust: Trust;
  /** Whether the job may ask for a token that names its run. */
  readonly hasIdentity: boolean;
  /** Whether the environment holds a signing key. */
  readonly hasKey: boolean;
}

const permission = "give the job `permissions: id-token: write`; a pull request of a fork never has it";

/**
 * Decides whether and how a run signs. A run that publishes nothing signs nothing. Throws `signing-denied` where signing is asked for, or
 * was promised by `signed-since`, and the run may not.
 */
export function decideSigning(facts: SigningFacts): SigningChoice {
  const { settings, trust } = facts;
  if (trust.kind === "untrusted") return { kind: "off", because: `${trust.because} publishes nothing` };
  const choice = chooseSigning(facts);
  if (choice.kind !== "off" || settings.since === undefined) return choice;
  throw new SlipwayError(
    "signing-denied",
    `signing: releases are signed since ${settings.since} (\`signed-since\`), and this run does not sign: ${choice.because}`,
  );
}

/**
 * What a job is told whose images are not signed; undefined: they are, or the run is no job of GitHub Actions, or publishes nothing that
 * could be signed.
 */
export function unsignedNotice(
  choice: SigningChoice,
  { ci, trust }: { readonly ci: Pick<CiRun, "isJob">; readonly trust: Trust },
): string | undefined {
  if (choice.kind !== "off" || !ci.isJob || trust.kind === "untrusted") return undefined;
  return `signing: off, because ${choice.because}`;
}

function chooseSigning({ settings, ci, hasIdentity, hasKey }: SigningFacts): SigningChoice {
  const { mode, instance } = settings;
  const keyed = hasKey || settings.key !== undefined;
  switch (mode) {
    case "off":
      return { kind: "off", because: "slipway.yaml says `sign: off`" };
    case "key":
      if (keyed) return { kind: "key", because: "slipway.yaml says `sign: key`" };
      throw new SlipwayError("signing-denied", "signing: slipway.yaml says `sign: key`, and there is no key", {
        hint: "name its file with `sign: { with: key, key: FILE }`, or give its text in SLIPWAY_SIGNING_KEY",
      });
    case "public":
    case "github": {
      const because = `slipway.yaml says \`sign: ${mode}\``;
      if (!hasIdentity) throw noIdentity(`${because}, and this run has no identity`, ci.isJob);
      if (mode === "github") return { kind: "keyless", instance: "github", isAsked: true, because };
      return { kind: "keyless", instance: instance === undefined ? "public" : "own", isAsked: true, because };
    }
    case "auto":
      return chooseByItself({ settings, ci, hasIdentity }, keyed);
  }
}

function chooseByItself(
  { settings, ci, hasIdentity }: Pick<SigningFacts, "settings" | "ci" | "hasIdentity">,
  keyed: boolean,
): SigningChoice {
  if (keyed) return { kind: "key", because: "there is a signing key" };
  if (!ci.isJob) return { kind: "off", because: "there is no signing key, and this is no job of GitHub Actions" };
  if (!hasIdentity) return { kind: "off", because: "the job has no `id-token: write`" };
  if (settings.instance !== undefined) {
    return { kind: "keyless", instance: "own", isAsked: false, because: "slipway.yaml names an instance of Sigstore" };
  }
  switch (ci.visibility) {
    case "public":
      return { kind: "keyless", instance: "public", isAsked: false, because: "the repository is public" };
    case "private":
      return { kind: "off", because: `the repository is private: ${ways}` };
    case "unknown":
      return { kind: "off", because: `the event does not say whether the repository is public: ${ways}` };
  }
}

const ways =
  "choose `sign: github` (Enterprise Cloud), `sign: key`, or `sign: public`, which names the repository in a public log";

function noIdentity(what: string, isJob: boolean): SlipwayError {
  return new SlipwayError("signing-denied", `signing: ${what}`, {
    hint: isJob
      ? permission
      : "keyless signatures are made in jobs of GitHub Actions; here, sign with a key (`sign: key`)",
  });
}
