import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import type { InvocationRecord, FoundRecord } from "../model/build-record.ts";
import type { InputChange } from "../model/inputs.ts";
import type { ObservedInvocation } from "../model/observed-invocation.ts";
import { imageName } from "../testing/image-name.ts";
import { decideReuse } from "./decide-reuse.ts";
import { explainDecision } from "./explain-drop-in.ts";

type Read = Extract<ObservedInvocation, { readonly kind: "read" }>;

const day = 86_400;
const record: InvocationRecord = {
  set: "shared",
  fingerprint: digestOf("inputs"),
  image: { name: imageName("reg.test/api"), digest: digestOf("image"), mediaType: "m", size: 1, configDigest: null },
  builtAt: "2026-01-01T00:00:00.000Z",
  commit: "c",
  buildSeconds: 20,
  attestations: ["provenance"],
};
const found: FoundRecord = { kind: "found", record };
const missing: FoundRecord = { kind: "missing" };
const observed: Read = {
  kind: "read",
  observedAt: "2026-01-02T00:00:00.000Z",
  fingerprint: record.fingerprint,
  forced: null,
  volatile: null,
  found,
  held: null,
  attestations: [],
  refreshSeconds: 30 * day,
  changes: null,
};
const change = (what: InputChange["what"], name: string): InputChange => ({ what, name, change: "changed" });

test.each<[string, Partial<Read>, "reuse" | "build", string]>([
  ["unchanged", {}, "reuse", "nothing changed since its published image"],
  [
    "unchanged, with the attestation that is asked for",
    { attestations: ["provenance"] },
    "reuse",
    "nothing changed since its published image",
  ],
  [
    "an attestation that it lacks",
    { attestations: ["provenance", "sbom"] },
    "build",
    "its published image lacks attestations: sbom",
  ],
  ["one second too young", { refreshSeconds: day + 1 }, "reuse", "nothing changed since its published image"],
  ["too old", { refreshSeconds: day }, "build", "built on 2026-01-01, which is more than 1 day ago (refresh)"],
  [
    "a time that is none",
    { found: { kind: "found", record: { ...record, builtAt: "soon" } } },
    "build",
    "built on soon, which is more than 30 days ago (refresh)",
  ],
  [
    "not whole",
    { found: { kind: "not-whole", record, missing: "image sha256:1" } },
    "build",
    "its published image is not whole: image sha256:1",
  ],
  ["nothing found", { found: missing }, "build", "no image of these inputs has been published yet"],
  [
    "nothing found, and nothing that changed is known",
    { found: missing, changes: [] },
    "build",
    "no image of these inputs has been published yet",
  ],
  ["a file changed", { found: missing, changes: [change("file", "src/main.ts")] }, "build", "changed: src/main.ts"],
  ["a base moved", { found: missing, changes: [change("base", "node:24")] }, "build", "base image moved: node:24"],
  [
    "a base moved and a file changed",
    { found: missing, changes: [change("base", "node:24"), change("file", "a")] },
    "build",
    "changed: base node:24, a",
  ],
  [
    "held bases",
    { found: missing, changes: [change("base", "node:24")], held: { found, bases: ["node:24"] } },
    "reuse",
    "nothing changed but its bases, which it holds (node:24)",
  ],
  [
    "held bases of an image that is too old",
    { found: missing, changes: [change("base", "node:24")], held: { found, bases: ["node:24"] }, refreshSeconds: day },
    "build",
    "base image moved: node:24",
  ],
  ["a schedule", { forced: { kind: "scheduled" } }, "build", "a scheduled run builds, to take up what changed outside"],
  ["no cache", { forced: { kind: "no-cache", written: "--no-cache" } }, "build", "--no-cache asks for a build"],
  [
    "a source that cannot be known",
    { volatile: { because: "ADD from a URL" } },
    "build",
    "always built: ADD from a URL",
  ],
])("%s", (_, changes, kind, because) => {
  const decision = decideReuse({ ...observed, ...changes });
  expect([decision.kind, explainDecision(decision)]).toEqual([kind, because]);
});

test.each<[Extract<ObservedInvocation, { readonly kind: "not-read" }>["reason"], string]>([
  [{ kind: "off" }, "reuse is switched off"],
  [{ kind: "call", call: "check" }, 'nothing is built: the frontend is asked for "check"'],
  [{ kind: "output", type: "local" }, 'the output "local" stays on this machine'],
  [{ kind: "output", type: "none" }, "nothing becomes of the image"],
  [{ kind: "no-image-name" }, "the image has no name to be found under"],
  [{ kind: "not-understood", written: "--teleport", because: "it is not known" }, "--teleport: it is not known"],
  [{ kind: "not-planned", because: "no\nanswer" }, "not planned: no\\nanswer"],
])("what is not read is built: %o", (reason, because) => {
  const decision = decideReuse({ kind: "not-read", reason });
  expect([decision.kind, explainDecision(decision)]).toEqual(["build", because]);
});
