import { type MemoryAnswer, answer, errorAnswer } from "./memory-message.ts";

/** A fault that a test injects into one request. */
export type InjectedFault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** Status 429; `retryAfter`: the header's value, seconds or a date. */
  | { readonly kind: "rate-limit"; readonly retryAfter?: string }
  /** Status 403 with the body that GHCR sends for a rate limit. */
  | { readonly kind: "ghcr-rate-limit" }
  /** Resets the connection before or after the request is performed. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  | { readonly kind: "reset-in-body"; readonly afterBytes: number }
  /** Sends no answer. */
  | { readonly kind: "hang"; readonly when: "before" | "after" }
  | { readonly kind: "stall-in-body"; readonly afterBytes: number }
  /** Status 401 as for an expired token; all issued tokens expire. */
  | { readonly kind: "expired-token" }
  | { readonly kind: "no-digest-header" }
  /** Alters one byte of the answer. */
  | { readonly kind: "altered" }
  /** Hides the PUT of a tag from the next `reads` reads. */
  | { readonly kind: "stale"; readonly reads: number };

/** What the client receives: an answer, a part of it, or nothing. */
export type Delivery =
  | { readonly kind: "answer"; readonly answer: MemoryAnswer }
  | {
      readonly kind: "cut";
      readonly answer: MemoryAnswer;
      readonly afterBytes: number;
      readonly ending: "reset" | "stall";
    }
  | { readonly kind: "reset" }
  | { readonly kind: "hang" };

const ghcrRateLimitBody =
  'denied: permission_denied: Error from intermediary with HTTP status code 403 "Forbidden" - with-body: {"message": ' +
  '"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}';

/** Delivers a request under a fault. `perform`: answers it normally; `expire`: answers as for an expired token. */
export function deliverUnder(
  fault: InjectedFault | undefined,
  perform: () => MemoryAnswer,
  expire: () => MemoryAnswer,
): Delivery {
  if (fault === undefined) return { kind: "answer", answer: perform() };
  switch (fault.kind) {
    case "status":
      return { kind: "answer", answer: answer(fault.status, fault.headers ?? {}, fault.body ?? "") };
    case "rate-limit": {
      const headers: Record<string, string> = fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter };
      return { kind: "answer", answer: errorAnswer(429, "TOOMANYREQUESTS", "allowed: 2000/minute", headers) };
    }
    case "ghcr-rate-limit":
      return { kind: "answer", answer: errorAnswer(403, "DENIED", ghcrRateLimitBody) };
    case "reset":
    case "hang":
      if (fault.when === "after") perform();
      return { kind: fault.kind };
    case "reset-in-body":
      return { kind: "cut", answer: perform(), afterBytes: fault.afterBytes, ending: "reset" };
    case "stall-in-body":
      return { kind: "cut", answer: perform(), afterBytes: fault.afterBytes, ending: "stall" };
    case "expired-token":
      return { kind: "answer", answer: expire() };
    case "no-digest-header":
      return { kind: "answer", answer: withoutDigest(perform()) };
    case "altered":
      return { kind: "answer", answer: altered(perform()) };
    case "stale":
      return { kind: "answer", answer: perform() };
  }
}

function withoutDigest(original: MemoryAnswer): MemoryAnswer {
  const headers = Object.fromEntries(
    Object.entries(original.headers).filter(([name]) => name !== "docker-content-digest"),
  );
  return { ...original, headers };
}

function altered(original: MemoryAnswer): MemoryAnswer {
  const body = original.body.slice();
  const last = body.length - 1;
  if (last >= 0) body[last] = (body[last] ?? 0) ^ 1;
  return { ...original, body };
}
