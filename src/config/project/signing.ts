import type { SigningSettings } from "../../model/signing.ts";
import type { WrittenConfig } from "../written/written.ts";

/** The settings of signatures, as slipway.yaml says them or by default. */
export function readSigning(
  config: Pick<WrittenConfig, "sign" | "signed-since" | "reuse" | "trust"> | undefined,
): SigningSettings {
  const { sign, trust } = config ?? {};
  const map = typeof sign === "object" ? sign : { with: sign };
  return {
    mode: map.with ?? "auto",
    key: map.key,
    instance: map.instance,
    since: config?.["signed-since"],
    reuse: config?.reuse ?? (config?.["signed-since"] === undefined ? "any" : "signed"),
    trust: {
      workflows: listOf(trust?.workflows),
      refs: listOf(trust?.refs)?.map((ref) => (ref.startsWith("refs/") ? ref : `refs/heads/${ref}`)),
      issuer: trust?.issuer,
      repositoryId: trust?.repositoryId === undefined ? undefined : String(trust.repositoryId),
      keys: listOf(trust?.keys) ?? [],
      roots: listOf(trust?.roots) ?? [],
    },
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === "string" ? [value] : value;
}
