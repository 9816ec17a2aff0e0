import type { SigningChoice } from "../../model/signing.ts";
import { decideSigning, unsignedNotice } from "../workspace/decide-signing.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type Attester, makeAttester } from "./attester.ts";

/** Decides how this run signs, from slipway.yaml and the run; a job that could sign and does not says why. Throws `signing-denied`. */
export function chooseSigning({ project, ci, trust, tokens, host, emit }: Workspace): SigningChoice {
  const choice = decideSigning({
    settings: project.signing,
    ci,
    trust,
    hasIdentity: tokens.identity !== undefined,
    hasKey: (host.env["SLIPWAY_SIGNING_KEY"] ?? "") !== "",
  });
  const message = unsignedNotice(choice, { ci, trust });
  if (message !== undefined) emit({ kind: "notice", message });
  return choice;
}

/** The attester of a command that decides for itself. Throws `signing-denied`. */
export function openAttester(workspace: Workspace): Attester | undefined {
  return makeAttester(workspace, chooseSigning(workspace));
}
