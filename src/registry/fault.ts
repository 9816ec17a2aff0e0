import { addAll } from "../model/lists.ts";
import { redactAddresses } from "../formats/address.ts";
import { asFields, asList, asText, parseJson } from "../formats/json.ts";

/** Fault of one try. It holds no secret, because URLs are redacted before. */
export type Fault =
  /** `untrusted`: TLS failed or the server does not speak it, so a retry would fail as well. */
  | {
      readonly kind: "connection";
      readonly what: "refused" | "name" | "untrusted" | "broken";
      readonly detail: string;
    }
  /** An answer that no registry gives, such as a web page, too long a body or endless redirects. A retry would get the same. */
  | { readonly kind: "answer"; readonly detail: string }
  /** `rest`: bytes arrived, but too slowly. */
  | { readonly kind: "time-out"; readonly seconds: number; readonly waitingFor: "answer" | "body" | "rest" }
  | {
      readonly kind: "status";
      readonly status: number;
      /** Message of the registry, on one line. */
      readonly message: string;
      readonly isRateLimit: boolean;
      /** Whether a manifest was rejected because the registry does not know a blob yet. It may know it shortly after the push. */
      readonly isBlobUnknown: boolean;
      /** Delay that the registry asks for, in milliseconds. */
      readonly retryAfterMs: number | undefined;
    };

/** Carries a fault from a try to the code that decides on a retry. It is not thrown outside of this folder. */
export class FaultError extends Error {
  override readonly name = "FaultError";
  readonly fault: Fault;

  constructor(fault: Fault, cause?: unknown) {
    super(describeFault(fault), cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/** Whether a retry may succeed. */
export function mayPass(fault: Fault): boolean {
  switch (fault.kind) {
    case "connection":
      return fault.what !== "untrusted";
    case "answer":
      return false;
    case "time-out":
      return true;
    case "status":
      return (
        fault.isRateLimit || fault.isBlobUnknown || fault.status === 408 || fault.status === 429 || fault.status >= 500
      );
  }
}

/** Whether the registry may have performed the request before the fault. */
export function isAmbiguous(fault: Fault): boolean {
  switch (fault.kind) {
    case "connection":
      return fault.what === "broken";
    case "answer":
      return false;
    case "time-out":
      return true;
    case "status":
      return fault.status >= 500 || fault.status === 408;
  }
}

/** Describes a fault in one line. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "connection":
    case "answer":
      return fault.detail;
    case "time-out":
      return describeTimeOut(fault);
    case "status": {
      const limit = fault.isRateLimit && fault.status !== 429 ? ", a rate limit" : "";
      const status = `${fault.status} ${statusText(fault.status)}`.trimEnd();
      return `${status}${limit}${fault.message === "" ? "" : ` (${fault.message})`}`;
    }
  }
}

function describeTimeOut({ seconds, waitingFor }: Extract<Fault, { kind: "time-out" }>): string {
  switch (waitingFor) {
    case "answer":
      return `no answer for ${seconds} s`;
    case "body":
      return `no further byte for ${seconds} s`;
    case "rest":
      return `the answer comes too slowly: it was not whole after ${seconds} s`;
  }
}

const statusTexts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

function statusText(status: number): string {
  return statusTexts[status] ?? "";
}

const brokenDetails: Readonly<Record<string, readonly ["refused" | "name" | "broken", string]>> = {
  ECONNREFUSED: ["refused", "connection refused"],
  ENOTFOUND: ["name", "the host name is not known"],
  EAI_AGAIN: ["name", "the host name could not be looked up"],
  ECONNRESET: ["broken", "connection reset"],
  EPIPE: ["broken", "connection reset"],
  ETIMEDOUT: ["refused", "no connection in time"],
  EHOSTUNREACH: ["refused", "the host cannot be reached"],
  ENETUNREACH: ["refused", "the network cannot be reached"],
};

/** The fault behind a rejected `fetch` or an interrupted body, by Node's error codes. */
export function faultOfThrown(error: unknown): Fault {
  const codes = causesOf(error).flatMap((cause) =>
    "code" in cause && typeof cause.code === "string" ? [cause.code] : [],
  );
  for (const code of codes) {
    // Codes of undici and of node:http. Both accept 16 KiB, eight times what a registry needs.
    if (code === "UND_ERR_HEADERS_OVERFLOW" || code === "HPE_HEADER_OVERFLOW") {
      return { kind: "answer", detail: "the headers of the answer are longer than 16 KiB" };
    }
    const known = brokenDetails[code];
    if (known !== undefined) return { kind: "connection", what: known[0], detail: known[1] };
    if (code === "ERR_PROXY_TUNNEL") {
      return { kind: "connection", what: "refused", detail: oneLine(causesOf(error).at(-1)?.message ?? "") };
    }
    if (/CERT|SSL|TLS|UNABLE_TO|^EPROTO$|^HPE_/.test(code)) {
      return { kind: "connection", what: "untrusted", detail: `no trusted connection (${code})` };
    }
  }
  const last = causesOf(error).at(-1);
  const detail = last === undefined ? "connection failed" : `connection failed (${oneLine(last.message)})`;
  return { kind: "connection", what: "broken", detail };
}

/** The error with its causes, including the errors of an AggregateError (one for each address that was tried). */
function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  let queue: unknown[] = [error];
  while (queue.length > 0 && causes.length < 16) {
    const [next, ...rest] = queue;
    queue = rest;
    if (!(next instanceof Error)) continue;
    causes.push(next);
    queue.push(next.cause);
    if (next instanceof AggregateError) addAll(queue, next.errors);
  }
  return causes;
}

/** A fault for a status whose body is irrelevant. */
export function plainStatus(status: number, message: string): Extract<Fault, { kind: "status" }> {
  return { kind: "status", status, message, isRateLimit: false, isBlobUnknown: false, retryAfterMs: undefined };
}

/** Reads a registry's error answer: OCI's `errors`, a token server's `details`, GitHub's `message`, or plain text. */
export function statusFault(
  status: number,
  body: string,
  header: (name: string) => string | null,
  nowMs: number,
): Fault {
  const message = oneLine(errorMessageOf(body));
  const isRateLimit =
    status === 429 ||
    (status === 403 &&
      (/rate limit|too many requests|TOOMANYREQUESTS|abuse detection/i.test(body) ||
        header("x-ratelimit-remaining") === "0"));
  const retryAfterMs = parseRetryAfter(header("retry-after") ?? "", nowMs) ?? retryAfterInText(body);
  // Distribution-spec, "Error Codes". docker-registry also returns it while another push links the blob.
  const isBlobUnknown = body.includes("MANIFEST_BLOB_UNKNOWN");
  return { kind: "status", status, message, isRateLimit, isBlobUnknown, retryAfterMs };
}

function errorMessageOf(body: string): string {
  const value = parseJson(body);
  if (value === undefined) return body.trimStart().startsWith("<") ? "" : body;
  const errors = asList(asFields(value)?.["errors"]);
  if (errors !== undefined) return errors.map((error) => joinFields(error, ["code", "message"])).join("; ");
  return joinFields(value, ["error", "error_description", "details", "message"]);
}

function joinFields(value: unknown, names: readonly string[]): string {
  const fields = asFields(value) ?? {};
  return names.flatMap((name) => asText(fields[name]) || []).join(": ");
}

function oneLine(text: string): string {
  const line = redactAddresses(text.replaceAll(/\s+/g, " ").trim());
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Parses a `Retry-After` to milliseconds: seconds or a date (RFC 9110, section 10.2.3). Undefined: neither. */
export function parseRetryAfter(text: string, nowMs: number): number | undefined {
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(text)) return Number(text) * 1000;
  const date = text.trim() === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a delay from GHCR's message: `retry-after: 10.487765ms, allowed: 2000/minute`. */
function retryAfterInText(text: string): number | undefined {
  const match = /retry-after: (\d+(?:\.\d+)?)(ms|s|m|h)\b/.exec(text);
  return match === null ? undefined : Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0);
}
