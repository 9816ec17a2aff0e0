import { findRecord, type LastRecord } from "../../images/build-records.ts";
import type { ContextFiles } from "../../inputs/request.ts";
import { settingsOfLoaded, wantedAttestations } from "../../invocation/counted-settings.ts";
import { invocationFingerprint } from "../../invocation/invocation-fingerprint.ts";
import { basesBefore, changesSince } from "../../invocation/sketch.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { FoundRecord, InvocationInputs, RecordAccess } from "../../model/build-record.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { ObservedInvocation } from "../../model/observed-invocation.ts";
import type { ImageName } from "../../model/reference.ts";
import { type BuildKey, findLastRecords, lastKeys } from "./last-records.ts";
import { type HeldByPlatform, type InvocationReading, readInvocation } from "./read-invocation.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** The records of an image, and the sets of them that a run reads and writes. */
export interface Records {
  readonly store: ImageName;
  readonly access: RecordAccess;
}

/** An observed invocation, with the inputs that a record of it stores. */
export interface ObservedBuild {
  readonly observed: ObservedInvocation;
  readonly inputs: InvocationInputs | undefined;
  readonly contexts: readonly ContextFiles[];
  /** Keys under which a record of this build is the last one, the narrowest first. Empty: the inputs are not known. */
  readonly keys: readonly [BuildKey, ...BuildKey[]] | readonly [];
  /** Last records by key. */
  readonly lasts: ReadonlyMap<BuildKey, LastRecord>;
}

/** Reads an invocation's inputs and looks for a recorded build with the same inputs. */
export async function observeInvocation(
  context: DropInContext,
  request: DropInRequest,
  reading: InvocationReading,
  records: Records | undefined,
): Promise<ObservedBuild> {
  const { host, run } = context;
  const { invocation } = reading;
  const { inputs, contexts } = await readInvocation(context, request, reading);
  const fingerprint = invocationFingerprint(inputs);
  const volatile = inputs.platforms.find((each) => each.volatile !== null)?.volatile ?? null;
  if (fingerprint === null) {
    const unknown = { kind: "not-planned", because: "not all of its inputs are known" } as const;
    const reason = volatile === null ? unknown : ({ kind: "volatile", ...volatile } as const);
    return { observed: { kind: "not-read", reason }, inputs: undefined, contexts, keys: [], lasts: new Map() };
  }
  const isLoaded = reading.wanted.push.length === 0;
  const findFor = (of: InvocationInputs): Promise<FoundRecord> => find(context, records, fingerprintsOf(of, isLoaded));
  const { commit, id } = run.ci;
  const dockerfile = request.stdin === undefined ? reading.files.places.dockerfile : "-";
  const keys = lastKeys({ ...reading, dockerfile }, inputs, { commit, id, now: host.now() });
  const [found, lasts] = await Promise.all([findFor(inputs), findLastRecords(context.registry, records, keys)]);
  const last = nearestOf({ keys, lasts });
  const isHeld = request.options.bases === "hold";
  const observed: ObservedInvocation = {
    kind: "read",
    observedAt: host.now(),
    fingerprint,
    forced: forcedBy(invocation, run.ci.event),
    volatile,
    found,
    held: isHeld && last !== undefined ? await findHeld(context, request, reading, { inputs, last, findFor }) : null,
    attestations: isLoaded ? [] : wantedAttestations(invocation),
    refreshSeconds: request.options.refresh / 1000,
    changes: last === undefined ? null : changesSince(last.sketch, inputs),
  };
  return { observed, inputs, contexts, keys, lasts };
}

/** The last record of the narrowest key that has one. */
function nearestOf({ keys, lasts }: Pick<ObservedBuild, "keys" | "lasts">): LastRecord | undefined {
  return keys.map((key) => lasts.get(key)).find((last) => last !== undefined);
}

function forcedBy(
  { noCache, noCacheFilter }: BuildInvocation,
  event: string | undefined,
): Extract<ObservedInvocation, { readonly kind: "read" }>["forced"] {
  if (noCache) return { kind: "no-cache", written: "--no-cache" };
  if (noCacheFilter.length > 0) return { kind: "no-cache", written: `--no-cache-filter ${noCacheFilter.join(",")}` };
  return event === "schedule" ? { kind: "scheduled" } : null;
}

/** Looks for a record in each set that the run reads, the shared set first. */
async function find(
  { registry, emit }: DropInContext,
  records: Records | undefined,
  fingerprints: readonly Fingerprint[],
): Promise<FoundRecord> {
  let result: FoundRecord = { kind: "missing" };
  for (const set of records?.access.reads ?? []) {
    if (records === undefined) break;
    const store = { name: records.store, set };
    const all = await Promise.all(fingerprints.map((fingerprint) => findRecord(registry, store, fingerprint)));
    for (const found of all) {
      if (found.kind === "missing" && found.warning !== undefined) emit({ kind: "warning", message: found.warning });
      if (found.kind === "found") return found;
      if (result.kind === "missing") result = found;
    }
  }
  return result;
}

/** Returns every fingerprint under which an image with these inputs may be recorded. */
function fingerprintsOf(inputs: InvocationInputs, isLoaded: boolean): Fingerprint[] {
  const settings = [inputs.settings, ...(isLoaded ? settingsOfLoaded(inputs.settings) : [])];
  const all = settings.map((each) => invocationFingerprint({ ...inputs, settings: each }));
  return [...new Set(all)].filter((fingerprint) => fingerprint !== null);
}

/** Looks for a record with the bases of the build before; null: the bases did not move. */
async function findHeld(
  context: DropInContext,
  request: DropInRequest,
  reading: InvocationReading,
  {
    inputs,
    last,
    findFor,
  }: {
    readonly inputs: InvocationInputs;
    readonly last: LastRecord;
    readonly findFor: (inputs: InvocationInputs) => Promise<FoundRecord>;
  },
): Promise<{ readonly found: FoundRecord; readonly bases: readonly string[] } | null> {
  const bases: HeldByPlatform = new Map(
    inputs.platforms.map((each) => [each.platform, basesBefore(last.sketch, each)]),
  );
  const moved = inputs.platforms.flatMap((each) =>
    each.bases.flatMap(({ reference, digest }) => {
      const before = bases.get(each.platform)?.get(reference);
      return before === undefined || before === digest ? [] : [reference];
    }),
  );
  if (moved.length === 0) return null;
  const held = await readInvocation(context, request, reading, bases);
  return { found: await findFor(held.inputs), bases: [...new Set(moved)] };
}
