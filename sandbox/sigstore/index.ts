import { initializeCA, initializeCTLog, initializeTSA, tsaHandler } from "@sigstore/mock";
import { type GitHubTraffic, listen } from "../github/listen.ts";
import { answer, type GitHubAnswer, type GitHubRequest, json } from "../github/message.ts";
import { issueCertificate, type TrustedIssuer } from "./fulcio.ts";
import { makeSigningKey } from "./keys.ts";
import { makeRekor } from "./rekor.ts";
import { type InstanceKeys, makeSigningConfig, makeTrustConfig, makeTrustedRoot } from "./trust.ts";
import { makeTufRepository } from "./tuf.ts";

export interface SigstoreOptions {
  /** Whose tokens it accepts. */
  readonly issuers: readonly TrustedIssuer[];
  /** `timestamps`: no transparency log, as GitHub's own instance for private repositories. */
  readonly witness?: "log" | "timestamps";
  /** The clock, in milliseconds, of token checks and log entries. */
  readonly now?: () => number;
}

/** Sigstore on the loopback interface: certificate authority, log, timestamps, and the TUF repository that says of them. Keys are its own. */
export interface Sigstore extends GitHubTraffic {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Base address of the TUF repository. */
  readonly tufUrl: string;
  /** The TUF root that clients start from. */
  readonly tufRoot: string;
  /** JSON on one line, which every verifier reads. */
  readonly trustedRoot: string;
  readonly signingConfig: string;
  /** Trusted root and signing configuration in one, for sigstore-python. */
  readonly trustConfig: string;
  close(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startSigstore(options: SigstoreOptions): Promise<Sigstore> {
  const { issuers, witness = "log", now = Date.now } = options;
  const keys = {
    certificateLog: makeSigningKey(),
    authority: makeSigningKey(),
    log: makeSigningKey(),
    tsa: makeSigningKey(),
  };
  const authority = await initializeCA(keys.authority, await initializeCTLog(keys.certificateLog));
  const timestamps = await initializeTSA(keys.tsa);
  // @sigstore/core reads three digits of a fraction, or none; this library leaves zeros at the end out.
  Object.assign(timestamps, { getCurrentTime: () => new Date(Math.floor(Date.now() / 1000) * 1000) });
  let handle = (_request: GitHubRequest): Promise<GitHubAnswer> => Promise.resolve(answer(503));
  const server = await listen({ handle: (request) => handle(request), describe, now });
  const host = `127.0.0.1:${server.port}`;
  const url = `http://${host}`;
  const known: InstanceKeys = {
    url,
    authority: [bytes(authority.rootCertificate)],
    timestamps: [bytes(timestamps.intCertificate), bytes(timestamps.rootCertificate)],
    certificateLog: keys.certificateLog,
    log: witness === "log" ? keys.log : undefined,
    // Runs of tests have clocks of their own.
    since: "2020-01-01T00:00:00.000Z",
  };
  const [trustedRoot, signingConfig] = [makeTrustedRoot(known), makeSigningConfig(known)].map((each) =>
    JSON.stringify(each),
  );
  const tuf = makeTufRepository(
    { "trusted_root.json": trustedRoot ?? "", "signing_config.v0.2.json": signingConfig ?? "" },
    new Date(Date.now() + 30 * 86_400_000).toISOString(),
  );
  const rekor = makeRekor(keys.log, host, now);
  const timestamp = tsaHandler(timestamps);
  handle = async (request) => {
    const { pathname } = request.url;
    if (pathname === "/api/v2/signingCert") return issueCertificate(authority, issuers, request.body, now());
    if (pathname.startsWith("/api/v1/log/") && witness === "log") return rekor.answer(request);
    if (pathname === timestamp.path) {
      const made = await timestamp.fn(request.body.toString());
      const body = typeof made.response === "string" ? made.response : bytes(made.response);
      return answer(made.statusCode, { "content-type": made.contentType ?? "text/plain" }, body);
    }
    const file = tuf.files.get(pathname.replace(/^\/tuf\//, ""));
    if (pathname.startsWith("/tuf/") && file !== undefined) {
      return answer(200, { "content-type": "application/octet-stream" }, file);
    }
    return json(404, { code: 404, message: "not found" });
  };
  return {
    ...server.traffic,
    url,
    tufUrl: `${url}/tuf`,
    tufRoot: tuf.root.toString(),
    trustedRoot: trustedRoot ?? "",
    signingConfig: signingConfig ?? "",
    trustConfig: JSON.stringify(makeTrustConfig(known)),
    close: () => server.close(),
  };
}

function describe({ url }: GitHubRequest): { readonly kind: string; readonly operation: string } {
  const kinds: readonly (readonly [string, string])[] = [
    ["/api/v2/signingCert", "fulcio"],
    ["/api/v1/log/", "rekor"],
    ["/api/v1/timestamp", "tsa"],
    ["/tuf/", "tuf"],
  ];
  return { kind: kinds.find(([path]) => url.pathname.startsWith(path))?.[1] ?? "unknown", operation: "" };
}

function bytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
