import type { Digest } from "../model/digest.ts";
import type { VerifiedStatement, WorkflowSigner } from "../model/statement.ts";
import { isRefAllowed } from "./ref-pattern.ts";

/** Whose signatures count. */
export interface TrustPolicy {
  /** Token service of the workflows. */
  readonly issuer: string;
  /** Address of the repository: `https://github.com/OWNER/REPO`; undefined: it is not on GitHub, and no workflow counts. */
  readonly repository: string | undefined;
  /** The repository's number, which stays when it is renamed; undefined: its name decides. */
  readonly repositoryId: string | undefined;
  /** Paths in the repository, or `OWNER/REPO/PATH` of a called workflow; undefined: every workflow of the repository. */
  readonly workflows: readonly string[] | undefined;
  /** Patterns of full refs; `*` stands for any text. */
  readonly refs: readonly string[];
  /** Id of a run whose own jobs count on whatever ref they run; undefined: of none. */
  readonly run?: string | undefined;
  /** Public keys by the digest of their DER form. */
  readonly keys: readonly Digest[];
}

/** Why a signer is not trusted. `because` begins in small letters and names what was found and what counts. */
export interface Distrust {
  readonly kind: "key" | "issuer" | "repository" | "workflow" | "ref";
  readonly because: string;
}

/** Judges the signer of a verified statement; undefined: it is trusted. First reason that fits. */
export function judgeSigner({ signer }: Pick<VerifiedStatement, "signer">, policy: TrustPolicy): Distrust | undefined {
  if (signer.kind === "key") {
    if (policy.keys.includes(signer.key)) return undefined;
    return { kind: "key", because: `the key ${signer.key} signed it, which slipway.yaml does not trust` };
  }
  if (signer.issuer !== policy.issuer) {
    return {
      kind: "issuer",
      because: `its certificate is for an identity of ${quoted(signer.issuer)}, not of ${policy.issuer}`,
    };
  }
  return judgeRepository(signer, policy) ?? judgeWorkflow(signer, policy) ?? judgeRef(signer, policy);
}

function judgeRepository(signer: WorkflowSigner, { repository, repositoryId }: TrustPolicy): Distrust | undefined {
  if (repositoryId !== undefined) {
    if (signer.repositoryId === repositoryId) return undefined;
    const is = `${quoted(signer.repository)} (number ${signer.repositoryId || "unknown"})`;
    return {
      kind: "repository",
      because: `it was built in ${is}, not in the repository with the number ${repositoryId}`,
    };
  }
  if (repository !== undefined && signer.repository.toLowerCase() === repository.toLowerCase()) return undefined;
  const own = repository ?? "a repository that is known here";
  return { kind: "repository", because: `it was built in ${quoted(signer.repository)}, not in ${own}` };
}

function judgeWorkflow({ subject, repository }: WorkflowSigner, { workflows }: TrustPolicy): Distrust | undefined {
  const at = subject.lastIndexOf("@refs/");
  const workflow = at < 0 ? subject : subject.slice(0, at);
  const server = /^https?:\/\/[^/]+\//.exec(repository)?.[0] ?? "";
  const isOwn = workflow.toLowerCase().startsWith(`${repository.toLowerCase()}/`);
  if (workflows === undefined) {
    if (isOwn) return undefined;
    return { kind: "workflow", because: `the workflow ${quoted(workflow)} signed it, which is not of the repository` };
  }
  const own = isOwn ? workflow.slice(repository.length + 1) : undefined;
  const foreign = workflow.slice(server.length);
  if (workflows.some((each) => each === own || each === foreign)) return undefined;
  return {
    kind: "workflow",
    because: `the workflow ${quoted(own ?? workflow)} signed it, not ${workflows.join(" or ")}`,
  };
}

function judgeRef({ ref, repository, run: signed }: WorkflowSigner, { refs, run }: TrustPolicy): Distrust | undefined {
  if (run !== undefined && signed.startsWith(`${repository}/actions/runs/${run}/attempts/`)) return undefined;
  if (refs.some((pattern) => isRefAllowed(pattern, ref))) return undefined;
  return { kind: "ref", because: `it was built on ${quoted(ref)}, not on ${refs.join(" or ")}` };
}

/** Texts of a certificate are foreign. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
