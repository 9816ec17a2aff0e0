import { isGitHubsRegistry, type WorkflowFacts } from "./facts.ts";
import type { WorkflowPermission } from "./model.ts";

/** Returns the permissions for releasing. */
export function releasePermissions(facts: WorkflowFacts): WorkflowPermission[] {
  return facts.shadow
    ? [contents("read", "to read the repository"), ...packages(facts, "write", "to push by digest")]
    : [
        contents("write", "to write the GitHub release"),
        ...packages(facts, "write", "to push images, records and tags"),
        ...identity(facts, "to sign the release"),
        ...(facts.signsKeyless
          ? [{ scope: "attestations", level: "write", why: "to show what is signed" } as const]
          : []),
      ];
}

/** Returns the permission for the repository's contents. `why`: the comment beside it. */
export function contents(level: WorkflowPermission["level"], why: string): WorkflowPermission {
  return { scope: "contents", level, why };
}

/** Returns the permission for packages, only if an image is in GitHub's own registry. */
export function packages(
  { services, server }: WorkflowFacts,
  level: WorkflowPermission["level"],
  why: string,
): WorkflowPermission[] {
  const hasGitHubs = services.some(({ registries }) => registries.some((host) => isGitHubsRegistry(host, server)));
  return hasGitHubs ? [{ scope: "packages", level, why }] : [];
}

/** Returns the permission for tokens that name the run, only if the run signs by them. A job that may not ask for one decides not to sign. */
export function identity({ signsKeyless, shadow }: WorkflowFacts, why: string): WorkflowPermission[] {
  return signsKeyless && !shadow ? [{ scope: "id-token", level: "write", why }] : [];
}

/** Returns the further permissions of the hand-made workflow. */
export function extraPermissions({ adopted }: WorkflowFacts): WorkflowPermission[] {
  return Object.entries(adopted?.permissions ?? {}).map(([scope, level]) => ({
    scope,
    level: level === "write" ? "write" : "read",
    why: "as before",
  }));
}
