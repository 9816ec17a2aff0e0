import { splitCsv } from "../formats/csv-fields.ts";
import type { BuildInvocation } from "../model/build-invocation.ts";

/** Values of the flags about attestations. */
export interface AttestationFlags {
  readonly attest: readonly string[];
  readonly provenance: string | undefined;
  readonly sbom: string | undefined;
}

/**
 * Returns the attestations by type; null: the type is switched off. For each type, the last flag is used. Source: buildx, util/buildflags/attests.go.
 */
export function readAttestations(
  { attest, provenance, sbom }: AttestationFlags,
  refuse: (written: string, because: string) => void,
): BuildInvocation["attestations"] {
  const written = [...attest, ...shorthand("provenance", provenance), ...shorthand("sbom", sbom)];
  const found: Record<string, Readonly<Record<string, string>> | null> = {};
  for (const each of written) {
    const fields = splitCsv(each);
    if (fields?.every((field) => field.includes("=")) !== true) {
      refuse(`--attest ${each}`, "it is not a list of KEY=VALUE");
      continue;
    }
    const pairs = fields.map(
      (field) => [field.slice(0, field.indexOf("=")), field.slice(field.indexOf("=") + 1)] as const,
    );
    const { type = "", disabled = "false", ...attributes } = Object.fromEntries(pairs);
    if (type === "") refuse(`--attest ${each}`, "it names no type");
    else found[type] = isTrue(disabled) ? null : attributes;
  }
  return found;
}

/** Expands `--provenance=true` or `--provenance=mode=max` to the form of `--attest`. */
function shorthand(type: string, value: string | undefined): string[] {
  if (value === undefined || value === "") return [];
  if (isTrue(value)) return [`type=${type}`];
  return [/^(?:0|f|false)$/i.test(value) ? `type=${type},disabled=true` : `type=${type},${value}`];
}

function isTrue(value: string): boolean {
  return /^(?:1|t|true)$/i.test(value);
}
