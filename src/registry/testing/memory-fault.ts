import { type MemoryAnswer, answer, errorAnswer } from "./memory-message.ts";

/** Something that goes wrong with one request, on purpose. */
export type InjectedFault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** 429; `retryAfter` is the header as it is sent: seconds or a date. */
  | { readonly kind: "rate-limit"; readonly retryAfter?: string }
  /** 403 with the body that GHCR sends when it means a rate limit. */
  | { readonly kind: "ghcr-rate-limit" }
  /** The connection is reset, before the request was carried out or after. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  | { readonly kind: "reset-in-body"; readonly afterBytes: number }
  /** Never answers. */
  | { readonly kind: "hang"; readonly when: "before" | "after" }
  | { readonly kind: "stall-in-body"; readonly afterBytes: number }
  /** 401 as if the token had expired; and every token given so far does. */
  | { readonly kind: "expired-token" }
  | { readonly kind: "no-digest-header" }
  /** One byte of the answer is another. */
  | { readonly kind: "altered" }
  /** A PUT of a tag that the next reads of the tag do not see. */
  | { readonly kind: "stale"; readonly reads: number };

/** What goes back: an answer, perhaps only the beginning of it, or nothing. */
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

/** Carries a request out under a fault. `perform` answers it properly; `expire` is the answer to an expired token. */
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
