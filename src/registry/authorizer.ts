import { SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credentials, FindCredentials } from "./docker-config.ts";
import { isLoopback } from "../formats/address.ts";
import type { Endpoint } from "./endpoint.ts";
import { FaultError, mayPass, plainStatus, statusFault } from "./fault.ts";
import { asFields, asText, parseJson } from "../formats/json.ts";
import { type Scope, scopesCover, joinScopes, parseScopes, renderScope } from "./scope.ts";
import type { Wire, WireAnswer } from "./wire.ts";

/** Provides the `Authorization` of requests, and learns from challenges which kind each registry wants. */
export interface Authorizer {
  /** The authorization for a request; undefined: the registry has not sent a challenge yet. */
  authorize(endpoint: Endpoint, scopes: readonly Scope[]): Promise<string | undefined>;
  /** Answers the challenge of a 401 with a better authorization than `used`; undefined: there is none. */
  answerChallenge(
    endpoint: Endpoint,
    scopes: readonly Scope[],
    header: string,
    used: string | undefined,
  ): Promise<string | undefined>;
  /** Describes the origin of the credentials, for error messages. */
  describe(endpoint: Endpoint): Promise<string>;
}

interface Token {
  readonly scopes: readonly Scope[];
  readonly value: string;
  /** Expiry time on the host's monotonic clock, in milliseconds. */
  readonly expiresAt: number;
}

/** The scheme that one registry wants, and the tokens that it issued. */
interface Access {
  scheme:
    | { readonly kind: "unknown" }
    | { readonly kind: "basic" }
    | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };
  tokens: Token[];
  readonly pending: Map<string, Promise<Token>>;
}

/** Lifetime of a token without `expires_in`. Source: distribution, token specification. */
const defaultLifeSeconds = 60;

/**
 * Makes an authorizer that looks for credentials when a registry first sends a challenge. `insecure`: hosts that the user allows to be
 * reached by plain HTTP.
 */
export function makeAuthorizer(
  host: Host,
  wire: Wire,
  findCredentials: FindCredentials,
  insecure: ReadonlySet<string>,
): Authorizer {
  return new TokenAuthorizer({ host, wire, findCredentials, insecure });
}

interface AuthorizerParts {
  readonly host: Host;
  readonly wire: Wire;
  readonly findCredentials: FindCredentials;
  readonly insecure: ReadonlySet<string>;
}

class TokenAuthorizer implements Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #accesses = new Map<string, Access>();

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
  }

  async authorize(endpoint: Endpoint, scopes: readonly Scope[]): Promise<string | undefined> {
    const access = this.#accessTo(endpoint);
    if (access.scheme.kind === "unknown") return undefined;
    if (access.scheme.kind === "basic") return renderBasic(await this.#parts.findCredentials(endpoint.registry));
    return `Bearer ${await this.#readToken(endpoint, access, scopes)}`;
  }

  async answerChallenge(
    endpoint: Endpoint,
    scopes: readonly Scope[],
    header: string,
    used: string | undefined,
  ): Promise<string | undefined> {
    const access = this.#accessTo(endpoint);
    const challenges = parseChallenges(header);
    const bearer = challenges.find((challenge) => challenge.scheme === "bearer" && challenge.parameters["realm"]);
    if (bearer === undefined) {
      if (!challenges.some((challenge) => challenge.scheme === "basic")) return undefined;
      access.scheme = { kind: "basic" };
      const basic = renderBasic(await this.#parts.findCredentials(endpoint.registry));
      return basic === used ? undefined : basic;
    }
    access.scheme = bearerScheme(endpoint, bearer);
    access.tokens = access.tokens.filter((token) => `Bearer ${token.value}` !== used);
    const wanted = joinScopes(scopes, parseScopes(bearer.parameters["scope"] ?? ""));
    const renewed = `Bearer ${await this.#readToken(endpoint, access, wanted)}`;
    return renewed === used ? undefined : renewed;
  }

  async describe(endpoint: Endpoint): Promise<string> {
    return describeCredentials(await this.#parts.findCredentials(endpoint.registry));
  }

  #accessTo({ origin }: Endpoint): Access {
    const known = this.#accesses.get(origin) ?? { scheme: { kind: "unknown" }, tokens: [], pending: new Map() };
    this.#accesses.set(origin, known);
    return known;
  }

  /** Several requests share one token request, so the signal of one caller must not abort it. */
  async #readToken(endpoint: Endpoint, access: Access, scopes: readonly Scope[]): Promise<string> {
    const now = this.#parts.host.monotonic();
    const held = access.tokens.find((token) => token.expiresAt > now && scopesCover(token.scopes, scopes));
    if (held !== undefined) return held.value;
    const key = scopes.map(renderScope).join(" ");
    const pending = access.pending.get(key) ?? this.#requestToken(endpoint, access, scopes);
    access.pending.set(key, pending);
    try {
      return (await pending).value;
    } finally {
      if (access.pending.get(key) === pending) access.pending.delete(key);
    }
  }

  async #requestToken(endpoint: Endpoint, access: Access, scopes: readonly Scope[]): Promise<Token> {
    const { host, wire, findCredentials, insecure } = this.#parts;
    const { scheme } = access;
    if (scheme.kind !== "bearer") throw new Error("a token is asked for only after a bearer challenge");
    const credentials = await findCredentials(endpoint.registry);
    if (credentials.kind === "bearer") return { scopes, value: credentials.token, expiresAt: Infinity };
    if (credentials.kind !== "none" && !mayHaveCredentials(endpoint, scheme.realm, insecure)) {
      throw unencrypted(endpoint, scheme.realm.host);
    }
    const answer = await wire.open({
      ...tokenRequest(scheme.realm, scheme.service, scopes, credentials),
      signal: undefined,
      // A request without credentials may follow a redirect, because it cannot leak any.
      staysAtOrigin: credentials.kind !== "none",
    });
    try {
      if (answer.status >= 300 && answer.status < 400) throw leadsElsewhere(endpoint, answer);
      const token = await readTokenAnswer(host, answer, scopes);
      access.tokens = [...access.tokens.filter((old) => old.expiresAt > host.monotonic()), token];
      return token;
    } finally {
      answer.close();
    }
  }
}

function bearerScheme(endpoint: Endpoint, challenge: Challenge): Access["scheme"] {
  const realm = challenge.parameters["realm"] ?? "";
  const url = URL.canParse(realm, endpoint.origin) ? new URL(realm, endpoint.origin) : undefined;
  const isAllowed =
    url?.protocol === "https:" ||
    (url?.protocol === "http:" && (endpoint.origin.startsWith("http:") || isLoopback(url.host)));
  if (url === undefined || !isAllowed) throw unencrypted(endpoint, url?.host ?? realm);
  return { kind: "bearer", realm: url, service: challenge.parameters["service"] };
}

/**
 * Whether credentials may be sent. Plain HTTP is allowed only to the registry's own host, to this machine, and to hosts that the user
 * listed as insecure.
 */
function mayHaveCredentials(endpoint: Endpoint, realm: URL, insecure: ReadonlySet<string>): boolean {
  const isOwnHost = realm.hostname === new URL(endpoint.origin).hostname;
  return realm.protocol === "https:" || isOwnHost || isLoopback(realm.host) || insecure.has(realm.host);
}

function unencrypted({ registry }: Endpoint, host: string): SlipwayError {
  return new SlipwayError(
    "token-server-unsafe",
    `${registry} wants a token from "${host}", which is reached without encryption: no credentials were sent`,
    {
      hint: `ask whoever runs the registry to give its token server https, or, if you trust the network, set SLIPWAY_INSECURE_REGISTRIES=${registry},${host}`,
    },
  );
}

function leadsElsewhere({ registry }: Endpoint, answer: WireAnswer): SlipwayError {
  const location = answer.header("location") ?? "";
  const target = URL.canParse(location, answer.url.href) ? new URL(location, answer.url).host : "nowhere";
  return new SlipwayError(
    "token-server-unsafe",
    `the token server of ${registry}, ${answer.url.host}, redirects to "${target}"`,
    {
      hint: "no credentials were sent there; ask whoever runs the registry to name its token server itself",
    },
  );
}

/**
 * The token request: GET with the user's password, or POST with a refresh token. Source: distribution, "Token" and "OAuth2" specifications.
 */
function tokenRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly Scope[],
  credentials: Exclude<Credentials, { kind: "bearer" }>,
): {
  method: string;
  url: URL;
  headers: Record<string, string>;
  authorization: string | undefined;
  body: Uint8Array | undefined;
} {
  if (credentials.kind === "identity") {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: credentials.token,
      client_id: "slipway",
    });
    if (service !== undefined) form.set("service", service);
    form.set("scope", scopes.map(renderScope).join(" "));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return {
      method: "POST",
      url: realm,
      headers,
      authorization: undefined,
      body: new TextEncoder().encode(form.toString()),
    };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", renderScope(scope));
  return { method: "GET", url, headers: {}, authorization: renderBasic(credentials), body: undefined };
}

async function readTokenAnswer(host: Host, answer: WireAnswer, scopes: readonly Scope[]): Promise<Token> {
  const body = new TextDecoder().decode(await answer.bytes(1_048_576));
  if (answer.status !== 200) {
    const fault = statusFault(answer.status, body, (name) => answer.header(name), Date.parse(host.now()));
    // Any other status of a token server means that these credentials get no token.
    if (mayPass(fault) || fault.kind !== "status") throw new FaultError(fault);
    throw new FaultError({ ...fault, status: fault.status === 403 ? 403 : 401 });
  }
  const fields = asFields(parseJson(body));
  if (fields === undefined) {
    throw new FaultError({ kind: "answer", detail: `the token server ${answer.url.host} gave no JSON object` });
  }
  const value = asText(fields["token"]) ?? asText(fields["access_token"]);
  const expiresIn = fields["expires_in"];
  // A token with characters that a header cannot hold is invalid.
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new FaultError(plainStatus(401, "the token server's answer holds no token"));
  }
  const life = (typeof expiresIn === "number" && expiresIn > 0 ? expiresIn : defaultLifeSeconds) * 1000;
  return { scopes, value, expiresAt: host.monotonic() + life - Math.min(10_000, life / 4) };
}

function renderBasic(credentials: Credentials): string | undefined {
  if (credentials.kind === "bearer") return `Bearer ${credentials.token}`;
  if (credentials.kind !== "password") return undefined;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
}

function describeCredentials(credentials: Credentials): string {
  return credentials.kind === "none" ? credentials.source : `the credentials from ${credentials.source}`;
}
