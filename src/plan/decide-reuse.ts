import type { FoundRecord } from "../model/build-record.ts";
import type { InputChange } from "../model/inputs.ts";
import type {
  DropInBuildReason,
  DropInReuseReason,
  ObservedInvocation,
  ReuseDecision,
} from "../model/observed-invocation.ts";

type Read = Extract<ObservedInvocation, { readonly kind: "read" }>;

/** Decides whether a published image stands for a build. Pure: everything that counts is in what was observed. */
export function decideReuse(observed: ObservedInvocation): ReuseDecision {
  if (observed.kind === "not-read") return { kind: "build", reason: observed.reason };
  if (observed.forced !== null) return { kind: "build", reason: observed.forced };
  if (observed.volatile !== null) return { kind: "build", reason: { kind: "volatile", ...observed.volatile } };
  const { held } = observed;
  const heldReuse = held === null ? undefined : reuse(observed, held.found, { kind: "held", bases: held.bases });
  return heldReuse ?? reuse(observed, observed.found, { kind: "unchanged" }) ?? build(observed);
}

/** Undefined: what was found does not stand for the build. */
function reuse(observed: Read, found: FoundRecord, reason: DropInReuseReason): ReuseDecision | undefined {
  return found.kind === "found" && faultOf(observed, found) === undefined
    ? { kind: "reuse", record: found.record, reason }
    : undefined;
}

function build(observed: Read): ReuseDecision {
  const { found, changes } = observed;
  return { kind: "build", reason: faultOf(observed, found) ?? reasonOfChanges(changes) };
}

/** What keeps a record that was found from being reused. */
function faultOf(
  { attestations, observedAt, refreshSeconds }: Read,
  found: FoundRecord,
): DropInBuildReason | undefined {
  if (found.kind === "missing") return undefined;
  if (found.kind === "not-whole") return { kind: "not-whole", missing: found.missing };
  const { record } = found;
  const types = attestations.filter((type) => !record.attestations.includes(type));
  if (types.length > 0) return { kind: "attestations-missing", types };
  const age = (Date.parse(observedAt) - Date.parse(record.builtAt)) / 1000;
  // A time that cannot be read is no reason to trust the record.
  if (age < refreshSeconds) return undefined;
  return { kind: "too-old", builtAt: record.builtAt, refreshSeconds };
}

function reasonOfChanges(changes: readonly InputChange[] | null): DropInBuildReason {
  if (changes === null || changes.length === 0) return { kind: "no-record" };
  const bases = changes.filter(({ what }) => what === "base").map(({ name }) => name);
  return bases.length === changes.length ? { kind: "base-moved", bases } : { kind: "inputs-changed", changes };
}
