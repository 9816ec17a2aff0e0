import { type GitHubAnswer, answer, notFound, refusal } from "./message.ts";

/** Something that goes wrong with one request, on purpose. */
export type GitHubFault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** 429; `retryAfter` is the header as it is sent: seconds or a date. */
  | { readonly kind: "rate-limit"; readonly retryAfter?: string }
  /** 403 with the words of a secondary rate limit. */
  | { readonly kind: "secondary-rate-limit"; readonly retryAfter?: string }
  /** 403 with nothing remaining; `resetsInSeconds` from now. */
  | { readonly kind: "primary-rate-limit"; readonly resetsInSeconds: number }
  /** Answer to a token without the permission. */
  | { readonly kind: "not-accessible" }
  | { readonly kind: "not-found" }
  /** The connection is reset, before the request was carried out or after. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Never answers. */
  | { readonly kind: "hang" }
  /** Answers properly, later. */
  | { readonly kind: "delay"; readonly milliseconds: number };

/** Answer that a fault makes of the server's. */
export type Delivery =
  | { readonly kind: "answer"; readonly answer: GitHubAnswer }
  | { readonly kind: "reset" }
  | { readonly kind: "hang" };

/** Carries a request out under a fault. `now` is in milliseconds. */
export async function deliverUnder(
  fault: GitHubFault | undefined,
  perform: () => Promise<GitHubAnswer>,
  now: number,
): Promise<Delivery> {
  switch (fault?.kind) {
    case undefined:
      return deliver(await perform());
    case "status":
      return deliver(answer(fault.status, fault.headers ?? {}, fault.body ?? ""));
    case "rate-limit":
      return deliver(refusal(429, "You have exceeded a rate limit.", { headers: retryAfter(fault.retryAfter) }));
    case "secondary-rate-limit":
      return deliver(
        refusal(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", {
          headers: retryAfter(fault.retryAfter),
        }),
      );
    case "primary-rate-limit":
      return deliver(
        refusal(403, "API rate limit exceeded for installation.", {
          headers: {
            "x-ratelimit-limit": "1000",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": String(Math.floor(now / 1000) + fault.resetsInSeconds),
          },
        }),
      );
    case "not-accessible":
      return deliver(refusal(403, "Resource not accessible by integration"));
    case "not-found":
      return deliver(notFound());
    case "reset":
      if (fault.when === "after") await perform();
      return { kind: "reset" };
    case "hang":
      return { kind: "hang" };
    case "delay":
      await new Promise((resolve) => {
        setTimeout(resolve, fault.milliseconds);
      });
      return deliver(await perform());
  }
}

function deliver(given: GitHubAnswer): Delivery {
  return { kind: "answer", answer: given };
}

function retryAfter(value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { "retry-after": value };
}
