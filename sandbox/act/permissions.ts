import { parse } from "yaml";
import type { PermissionName, Permissions } from "../github/token.ts";

/** What the jobs of a workflow ask for together: act has one token for all of them. */
export function askedPermissions(workflow: string): Permissions {
  const { jobs } = parse(workflow) as { jobs: Readonly<Record<string, { readonly permissions?: Permissions }>> };
  const asked: Partial<Record<PermissionName, "read" | "write" | "none">> = {};
  for (const { permissions = {} } of Object.values(jobs)) {
    for (const [name, level] of Object.entries(permissions) as [PermissionName, "read" | "write" | "none"][]) {
      if (asked[name] !== "write") asked[name] = level;
    }
  }
  return asked;
}
