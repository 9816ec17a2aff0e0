import { describe, expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { algorithmSetting, type InputChange } from "../model/inputs.ts";
import type { ObservedPlatform, ObservedService } from "../model/observed-state.ts";
import type { Reason, Step } from "../model/plan.ts";
import { makePlatform } from "../model/platform.ts";
import { parseImageName } from "../model/reference.ts";
import { explainStep } from "./explain.ts";
import { planRelease, reusedImages } from "./plan-release.ts";

const amd = makePlatform({ os: "linux", architecture: "amd64" });
const arm = makePlatform({ os: "linux", architecture: "arm64" });
const riscv = makePlatform({ os: "linux", architecture: "riscv64" });
const now = "2026-01-10T00:00:00.000Z";
const file: InputChange = { what: "file", name: "a", change: "changed" };
const base: InputChange = { what: "base", name: "node:24", change: "changed" };
const anew: InputChange = { what: "setting", name: algorithmSetting, change: "changed" };

/** `from`: services that it starts from, with whether they have a published image. */
interface Facts extends Partial<Omit<ObservedPlatform, "found" | "startsFrom">> {
  readonly found?: "published" | "missing" | "not-whole";
  readonly from?: Readonly<Record<string, "published" | "missing">>;
}

function platform({ found = "published", from = {}, platform: on = amd, ...rest }: Facts): ObservedPlatform {
  const name = parseImageName("reg.test/shop/api");
  if (name === undefined) throw new Error("the name is none");
  const fingerprint = digestOf(on);
  const image = {
    platform: on,
    fingerprint,
    digest: digestOf("image"),
    builtAt: "2026-01-01T00:00:00.000Z",
    commit: "c0",
  };
  const startsFrom = Object.entries(from).map(([service, kind]) => ({
    service,
    digest: kind === "published" ? digestOf(service) : null,
  }));
  const isKnown = startsFrom.every(({ digest }) => digest !== null);
  const there = { kind: "published", ...image, name, children: [], buildSeconds: null, size: 0 } as const;
  return {
    platform: on,
    fingerprint: isKnown ? fingerprint : null,
    startsFrom,
    volatile: null,
    found:
      !isKnown || found === "missing"
        ? { kind: "missing" }
        : found === "published"
          ? there
          : { kind: "not-whole", missing: "an attestation" },
    changes: null,
    ...rest,
  };
}

type Observed = Partial<Omit<ObservedService, "platforms" | "held">> & {
  readonly service: string;
  readonly on?: readonly Facts[];
  readonly held?: readonly Facts[];
};

function observed({ on = [{}], held, ...rest }: Observed): ObservedService {
  return {
    needs: Object.keys(on[0]?.from ?? {}),
    forced: false,
    plannedReason: null,
    refreshSeconds: null,
    withheld: null,
    uncounted: [],
    platforms: on.map(platform),
    held: held === undefined ? null : held.map(platform),
    ...rest,
  };
}

function plan(...services: readonly Observed[]): readonly Step[] {
  return planRelease({ commit: "c0ffee", observedAt: now, services: services.map(observed) }).steps;
}

test.each<[string, readonly Facts[], Reason]>([
  ["all are there", [{ platform: amd }, { platform: arm }], { kind: "unchanged" }],
  ["none is there", [{ found: "missing" }, { platform: arm, found: "missing" }], { kind: "no-image" }],
  [
    "one was added",
    [{ platform: amd }, { platform: arm, found: "missing" }, { platform: riscv }],
    { kind: "platform-missing", platforms: [arm] },
  ],
  [
    "two were added",
    [{ platform: arm, found: "missing" }, { platform: amd }, { platform: riscv, found: "missing" }],
    { kind: "platform-missing", platforms: [arm, riscv] },
  ],
  [
    "one's image is gone",
    [{ found: "missing", changes: [] }, { platform: arm }],
    { kind: "platform-missing", platforms: [amd] },
  ],
  [
    "one was added, and something changed",
    [
      { platform: arm, found: "missing" },
      { found: "missing", changes: [file] },
    ],
    { kind: "inputs-changed", changes: [file] },
  ],
  [
    "one was added, and inputs are counted anew",
    [
      { found: "missing", changes: [anew] },
      { platform: arm, found: "missing" },
    ],
    { kind: "platform-missing", platforms: [arm] },
  ],
  [
    "inputs are counted anew",
    [
      { found: "missing", changes: [anew] },
      { platform: arm, found: "missing", changes: [anew] },
    ],
    { kind: "counted-anew" },
  ],
])("why a service of several platforms is built or reused: %s", (_, on, reason) => {
  const [step] = plan({ service: "api", on });
  expect(step?.reason).toEqual(reason);
  expect(step?.kind).toBe(reason.kind === "unchanged" ? "reuse" : "build");
});

describe("a graph", () => {
  const chain = (
    base: Omit<Observed, "service">,
    api: Omit<Observed, "service"> = {},
    ui: Omit<Observed, "service"> = {},
  ) =>
    plan(
      { service: "base", ...base },
      { service: "api", on: [{ from: { base: "published" } }], ...api },
      { service: "ui", on: [{ from: { api: "published" } }], ...ui },
    ).map((step) => `${step.kind}: ${explainStep(step)}`);
  const unchanged = "reuse: nothing changed since its published image";
  const waits = (name: string): string => `pending: decided when ${name} is done`;

  test.each<[string, readonly string[], readonly string[]]>([
    ["of which nothing changed is reused", chain({}), [unchanged, unchanged, unchanged]],
    [
      "waits where the first is built, also when its present image has dependants that are published",
      chain({ forced: true }),
      ["build: forced", waits("base"), waits("api")],
    ],
    [
      "waits for what has no image",
      chain(
        { on: [{ found: "missing" }] },
        { on: [{ from: { base: "missing" } }] },
        { on: [{ from: { api: "missing" } }] },
      ),
      ["build: no image of these inputs has been published yet", waits("base"), waits("api")],
    ],
    [
      "waits for the service that changed alone, and those before it stay",
      chain({}, { on: [{ found: "missing", changes: [file], from: { base: "published" } }] }),
      [unchanged, "build: changed: a", waits("api")],
    ],
    [
      "waits for one that is too old",
      chain({ refreshSeconds: 86_400 }),
      ["build: built on 2026-01-01, which is more than 1 day ago (refresh)", waits("base"), waits("api")],
    ],
    [
      "waits for one that lost a platform, on its other platforms too",
      chain({ on: [{}, { platform: arm, found: "missing" }] }),
      [
        "build: linux/arm64 is missing: no image of these inputs has been published for it yet",
        waits("base"),
        waits("api"),
      ],
    ],
    [
      "waits for one that is not whole",
      chain(
        { on: [{ found: "not-whole" }] },
        { on: [{ from: { base: "missing" } }] },
        { on: [{ from: { api: "missing" } }] },
      ),
      ["build: its published image is not whole: an attestation", waits("base"), waits("api")],
    ],
    [
      "builds what is forced or volatile whatever it waits for",
      chain({ forced: true }, { forced: true }, { on: [{ from: { api: "published" }, volatile: { because: "ADD" } }] }),
      ["build: forced", "build: forced", "build: always built: ADD"],
    ],
    [
      "does not wait for what it needs and does not start from",
      chain({ forced: true }, { needs: ["base"], on: [{}] }),
      ["build: forced", unchanged, unchanged],
    ],
    [
      "is not planned where what it needs is not",
      chain(
        { withheld: "on a strange host", on: [] },
        { on: [{ from: { base: "missing" } }] },
        { on: [{ from: { api: "missing" } }] },
      ),
      [
        "not-planned: on a strange host",
        "not-planned: it needs base, which is not planned",
        "not-planned: it needs api, which is not planned",
      ],
    ],
    [
      "builds for the reason of the run's plan",
      chain({ plannedReason: { kind: "base-moved", bases: ["node:24"] }, on: [{ found: "missing", changes: [file] }] }),
      ["build: base image moved: node:24", waits("base"), waits("api")],
    ],
    [
      "reuses what was planned to be built and is published by now",
      chain({ plannedReason: { kind: "inputs-changed", changes: [file] } }),
      [unchanged, unchanged, unchanged],
    ],
    [
      "builds what the run's plan found too old, whatever its age is now",
      chain({ plannedReason: { kind: "too-old", builtAt: "2026-01-01T00:00:00.000Z", refreshSeconds: 86_400 } }),
      ["build: built on 2026-01-01, which is more than 1 day ago (refresh)", waits("base"), waits("api")],
    ],
    [
      "builds a service that holds its bases for what changed, though they moved too",
      chain({ on: [{ found: "missing", changes: [base] }], held: [{ found: "missing", changes: [file] }] }),
      ["build: changed: a", waits("base"), waits("api")],
    ],
  ])("%s", (_, steps, expected) => {
    expect(steps).toEqual(expected);
  });

  test("that waits has no fingerprint yet, and reuses nothing", () => {
    const [, api] = plan(
      { service: "base", forced: true },
      { service: "api", on: [{ from: { base: "published" } }, { platform: arm }] },
    );
    expect(api?.platforms).toEqual([
      { platform: amd, fingerprint: null, image: null },
      { platform: arm, fingerprint: digestOf(arm), image: null },
    ]);
  });

  test("is decided again by the same function when what it needs is done", () => {
    const [api] = plan({ service: "api", on: [{ from: { base: "published" } }] });
    expect(api?.kind).toBe("reuse");
  });

  test("is decided alike from a state that went through JSON", () => {
    const services = [
      observed({ service: "base" }),
      observed({ service: "api", on: [{ from: { base: "published" } }] }),
    ];
    const state = { commit: "c0ffee", observedAt: now, services };
    expect(planRelease(JSON.parse(JSON.stringify(state)))).toEqual(planRelease(state));
  });
});

test("of a service that is built for one platform, the others are reused", () => {
  const state = { services: [observed({ service: "api", on: [{}, { platform: arm, found: "missing" }] })] };
  const { steps } = planRelease({ ...state, commit: "c0ffee", observedAt: now });
  expect(reusedImages({ steps }, state).map(({ published }) => published.platform)).toEqual([amd]);
});
