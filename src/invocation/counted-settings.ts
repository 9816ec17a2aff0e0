import type { BuildInvocation } from "../model/build-invocation.ts";
import { byKey } from "../model/order.ts";
import { withoutRun } from "./run-labels.ts";

/** Attributes of outputs that affect only where an image goes, not its content. Source: BuildKit, exporter/containerimage. */
const placing: ReadonlySet<string> = new Set([
  "dangling-name-prefix",
  "name",
  "name-canonical",
  "push",
  "push-by-digest",
  "registry.insecure",
  "store",
  "unpack",
]);

/**
 * Attributes of attestations that do not count, because they name the run or the conditions of attesting. Source: BuildKit,
 * docs/attestations/slsa-provenance.md.
 */
const naming: ReadonlySet<string> = new Set(["builder-id", "inline-only"]);

/** Variables of buildx that change the pushed image. */
const countedVariables = ["BUILDX_GIT_LABELS", "BUILDX_NO_DEFAULT_ATTESTATIONS"] as const;

/**
 * Returns the settings that the pushed image depends on in addition to the inputs of its platforms, sorted by name: annotations, compression and
 * media types, attestations, limits.
 */
export function countedSettings(
  { annotations, attestations, outputs, limits }: BuildInvocation,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const settings = [
    ...Object.entries(withoutRun(annotations)).map(([key, value]) => [`annotation ${key}`, value] as const),
    ...outputs.flatMap(({ type, attributes }) =>
      Object.entries(attributes).flatMap(([name, value]) => {
        const isCounted = type === "image" && !placing.has(name);
        return isCounted ? [[`output ${name}`, value] as const] : [];
      }),
    ),
    ...Object.entries(attestations)
      // A type that is switched off has no effect, except provenance, which BuildKit adds by default.
      .filter(([type, attributes]) => attributes !== null || type === "provenance")
      .map(([type, attributes]) => [`attestation ${type}`, render(attributes)] as const),
    ...(limits.cgroupParent === undefined ? [] : [["cgroup-parent", limits.cgroupParent] as const]),
    ...(limits.resources.length === 0 ? [] : [["resources", limits.resources.join(",")] as const]),
    ...countedVariables.flatMap((name) => {
      const value = env[name] ?? "";
      return value === "" ? [] : [[name, value] as const];
    }),
  ];
  return Object.fromEntries(settings.sort(byKey(([name]) => name)));
}

/** Renders the attributes: `mode=max`; `off`: the attestation is switched off. */
function render(attributes: Readonly<Record<string, string>> | null): string {
  if (attributes === null) return "off";
  const counted = Object.entries(attributes).filter(([name]) => !naming.has(name));
  return counted
    .sort(byKey(([name]) => name))
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}

/** Returns the types of attestations that the image must have. Those with `inline-only` are left out, because a builder may omit them. */
export function wantedAttestations({ attestations }: BuildInvocation): string[] {
  return Object.entries(attestations)
    .filter(([, attributes]) => attributes !== null && attributes["inline-only"] !== "true")
    .map(([type]) => type)
    .sort();
}

/**
 * Returns the settings with each provenance that a caller may request: attestations do not matter for an image that is loaded into an engine,
 * and steps that load an image request none.
 */
export function settingsOfLoaded(settings: Readonly<Record<string, string>>): readonly Record<string, string>[] {
  const others = Object.entries(settings).filter(([name]) => !name.startsWith("attestation "));
  const provenances = [undefined, "off", "mode=max", "mode=min"];
  return provenances.map((provenance) =>
    Object.fromEntries([...others, ...(provenance === undefined ? [] : [["attestation provenance", provenance]])]),
  );
}
