import { printable } from "../formats/plain-text.ts";
import type { ReuseDecision } from "../model/observed-invocation.ts";
import { explainReason } from "./explain.ts";

/** Why a build invocation is built or not, in one line for a person: `changed: src/main.ts, build arg PORT`. */
export function explainDecision(decision: ReuseDecision): string {
  return printable(decision.kind === "reuse" ? explainReuse(decision.reason) : explainBuild(decision.reason));
}

type ReuseReason = Extract<ReuseDecision, { readonly kind: "reuse" }>["reason"];
type BuildReason = Extract<ReuseDecision, { readonly kind: "build" }>["reason"];

function explainReuse(reason: ReuseReason): string {
  switch (reason.kind) {
    case "unchanged":
      return explainReason(reason);
    case "held":
      return `nothing changed but its bases, which it holds (${reason.bases.join(", ")})`;
  }
}

function explainBuild(reason: BuildReason): string {
  switch (reason.kind) {
    case "off":
      return "reuse is switched off";
    case "scheduled":
      return "a scheduled run builds, to take up what changed outside";
    case "no-cache":
      return `${reason.written} asks for a build`;
    case "not-understood":
      return `${reason.written}: ${reason.because}`;
    case "call":
      return `nothing is built: the frontend is asked for "${reason.call}"`;
    case "output":
      return reason.type === "none"
        ? "nothing becomes of the image"
        : `the output "${reason.type}" stays on this machine`;
    case "no-image-name":
      return "the image has no name to be found under";
    case "not-planned":
      return `not planned: ${reason.because}`;
    case "no-record":
      return explainReason({ kind: "no-image" });
    case "attestations-missing":
      return `its published image lacks attestations: ${reason.types.join(", ")}`;
    case "volatile":
    case "inputs-changed":
    case "base-moved":
    case "too-old":
    case "not-whole":
      return explainReason(reason);
  }
}
