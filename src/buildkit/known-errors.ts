/** An error of BuildKit, buildx or containerd, with its meaning for the user. */
export interface KnownError {
  /** `passes`: the same build may succeed on a retry. `credentials`: a registry wants a login, or one with more permissions. */
  readonly means: "passes" | "credentials";
  readonly pattern: RegExp;
  /** Messages as they were observed, or as the source formats them. */
  readonly examples: readonly string[];
}

/**
 * Errors that are recognized by their text, because buildx reports nothing else. The first matching row wins: a rate limit may be worded
 * like a denied permission. Sources: BuildKit's util/push and util/resolver, containerd's core/remotes/docker and core/content, Go's net
 * and net/http.
 */
export const knownErrors: readonly KnownError[] = [
  {
    means: "passes",
    pattern: /unexpected (?:HTTP )?status(?:(?!unexpected ).)*: (?:408|429|5\d\d)\b/i,
    examples: [
      "failed to push a:b: unexpected status from PUT request to https://a/v2/b/manifests/c: 502 Bad Gateway",
      "failed to push a:b: unexpected status from HEAD request to https://a:5000/v2/b: 500 Internal Server Error",
      "failed to push a:b: unexpected status: 503 Service Unavailable",
      "failed to push a:b: received unexpected HTTP status: 504 Gateway Timeout",
      "failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://a/token: 500 Internal Server Error",
    ],
  },
  {
    means: "passes",
    pattern:
      /\b(?:408 Request Time-?out|429 Too Many Requests|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)\b/i,
    examples: ["error uploading layer: 503 Service Unavailable"],
  },
  {
    means: "passes",
    pattern: /toomanyrequests|too many requests|rate limit/i,
    examples: [
      "failed to push a:b: toomanyrequests: retry later",
      "failed to push a:b: denied: You have exceeded a secondary rate limit",
    ],
  },
  {
    means: "passes",
    pattern:
      /connection (?:reset|refused|timed out)|broken pipe|use of closed network connection|network is unreachable|no route to host/i,
    examples: [
      'failed to do request: Put "https://a": write tcp 1->2: write: connection reset by peer',
      'failed to do request: Put "https://a": write tcp 1->2: use of closed network connection',
      'failed to do request: Put "https://a": write tcp 1->2: write: broken pipe',
      'failed to do request: Head "https://a": dial tcp 1:443: connect: connection refused',
      'failed to do request: Head "https://a": dial tcp 1:443: connect: no route to host',
      'failed to do request: Head "https://a": dial tcp [::1]:443: connect: network is unreachable',
      'failed to do request: Head "https://a": read tcp 1->2: read: connection timed out',
    ],
  },
  {
    means: "passes",
    pattern:
      /i\/o timeout|TLS handshake timeout|context deadline exceeded|timeout awaiting response headers|Client\.Timeout|request canceled while waiting for connection/i,
    examples: [
      'failed to do request: Head "https://a": dial tcp 1:443: i/o timeout',
      'failed to do request: Head "https://a": net/http: TLS handshake timeout',
      'failed to do request: Get "https://a": net/http: timeout awaiting response headers',
      'failed to do request: Get "https://a": net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
      "no active session for x: context deadline exceeded",
    ],
  },
  {
    means: "passes",
    // The answer to an upload was lost. `closed pipe`: containerd gave up the upload while writing its body.
    pattern: /\bEOF\b|read\/write on closed pipe|short read: expected \d+ bytes/,
    examples: [
      'failed to push a:b: failed commit on ref "layer-sha256:1": failed to do request: Put "https://a": EOF',
      'failed to push a:b: failed to copy: failed to do request: Put "https://a": unexpected EOF',
      "failed to push a:b: failed to copy: io: read/write on closed pipe",
      "failed to copy: short read: expected 7 bytes but got 3: unexpected EOF",
    ],
  },
  {
    means: "passes",
    pattern:
      /transport connection broken|server closed idle connection|GOAWAY|stream error: stream ID|client connection lost|bad record MAC/i,
    examples: [
      'failed to do request: Put "https://a": net/http: HTTP/1.x transport connection broken: write tcp',
      'failed to do request: Put "https://a": http: server closed idle connection',
      'failed to do request: Put "https://a": http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR',
      "failed to copy: stream error: stream ID 15; INTERNAL_ERROR; received from peer",
      "failed to copy: http2: client connection lost",
      "failed to copy: remote error: tls: bad record MAC",
    ],
  },
  {
    means: "passes",
    pattern: /server misbehaving|temporary failure in name resolution|no such host/i,
    examples: [
      'failed to do request: Head "https://a": dial tcp: lookup a: Temporary failure in name resolution',
      'failed to do request: Head "https://a": dial tcp: lookup a on 127.0.0.53:53: server misbehaving',
      'failed to do request: Head "https://a": dial tcp: lookup a on 127.0.0.53:53: no such host',
    ],
  },
  {
    means: "passes",
    // docker-registry briefly does not find a blob while another build links it again. A registry of several servers may not know an upload
    // that another server began.
    pattern: /failed to push (?:(?!failed to push )[^])*blob (?:upload )?unknown/i,
    examples: [
      "failed to push a:b: errors: unknown: blob unknown to registry - sha256:c0a9",
      "failed to push a:b: unknown: blob upload unknown to registry",
    ],
  },
  {
    means: "passes",
    // Data from a connection that was cut without an error, or from a proxy that stored half of a layer.
    pattern: /failed size validation: |unexpected commit (?:size|digest) /,
    examples: [
      'failed to copy: failed commit on ref "layer-sha256:1": "layer-sha256:1" failed size validation: 3 != 7: failed precondition',
      'failed commit on ref "layer-sha256:1": unexpected commit digest sha256:2, expected sha256:1: failed precondition',
      'failed commit on ref "layer-sha256:1": unexpected commit size 3, expected 7: failed precondition',
    ],
  },
  {
    means: "passes",
    // Another build of the same engine fetches or pushes the same layer.
    pattern: /\bref \S+ locked\b(?:(?!\bref ).)*unavailable|push is on-going: unavailable/,
    examples: [
      "ref layer-sha256:1 locked for 120ms (since 2026-01-01): unavailable",
      "failed to push a:b: ref sha256:1 locked: unavailable",
      "failed to push a:b: push is on-going: unavailable",
    ],
  },
  {
    means: "passes",
    pattern:
      /cannot connect to the Docker daemon|failed to connect to the docker API|error during connect|code = Unavailable|error reading from server|transport is closing/i,
    examples: [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "failed to receive status: rpc error: code = Unavailable desc = connection error",
      "rpc error: code = Unknown desc = error reading from server: read: closed",
      "failed to receive status: rpc error: code = Canceled desc = grpc: the client connection is closing: transport is closing",
    ],
  },
  {
    means: "credentials",
    pattern: /\b(?:401 Unauthorized|403 Forbidden)\b/i,
    examples: [
      "a: failed to authorize: failed to fetch oauth token: 401 Unauthorized",
      "failed to push a:b: unexpected status from POST request to https://a/v2/b/blobs/uploads/: 403 Forbidden",
      "failed to push a:b: unexpected status from PUT request to https://a/v2/b/manifests/c: 401 Unauthorized",
    ],
  },
  {
    means: "credentials",
    pattern:
      /\bunauthorized\b|authentication required|insufficient_scope|authorization failed|no basic auth credentials|missing username or secret/i,
    examples: [
      "failed to push a:b: unauthorized",
      "failed to push a:b: unauthorized: authentication required",
      "insufficient_scope: authorization failed",
      "failed to push a:b: no basic auth credentials",
      "failed to authorize: failed to handle basic auth because missing username or secret",
    ],
  },
  {
    means: "credentials",
    // Not `permission denied`, which concerns a file of this machine.
    pattern: /\bdenied: |: denied\b|access denied|permission_denied/i,
    examples: [
      "failed to push a:b: denied",
      "failed to push a:b: denied: requested access to the resource is denied",
      "failed to push a:b: push access denied, repository does not exist or may require authorization",
      "a:1: failed to resolve source metadata for a:1: pull access denied, repository does not exist or may require authorization",
      "failed to push a:b: unknown: permission_denied: write_package",
    ],
  },
  {
    means: "credentials",
    // GHCR and ECR use error codes outside of the distribution-spec, so BuildKit keeps only their message.
    pattern: /installation not allowed to|is not authorized to perform: |error getting credentials/i,
    examples: [
      "failed to push a:b: unknown: installation not allowed to Write organization package",
      "failed to push a:b: unknown: User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:InitiateLayerUpload on resource: x",
      'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
    ],
  },
];

/** The meaning of an error's text; undefined: the build itself failed. */
export function meaningOf(error: string): KnownError["means"] | undefined {
  return knownErrors.find(({ pattern }) => pattern.test(error))?.means;
}

/** Explains an error that means `credentials`: the registry, if the text names it, and a hint where to log in and with which permission. */
export function explainLogin(error: string): { readonly registry: string | undefined; readonly hint: string } {
  const pushed = /failed to push (\S+?):? /.exec(`${error} `)?.[1];
  const read = /failed to resolve source metadata for (\S+?):? /.exec(`${error} `)?.[1];
  const reference = pushed ?? read;
  const host = hostOf(reference ?? "") ?? /https?:\/\/([^/\s"?]+)\/v2\//.exec(error)?.[1];
  const login = host === undefined || host === "docker.io" ? "docker login" : `docker login ${host}`;
  const name = pushed === undefined ? "read it" : `write ${pushed.replace(/:[^:/]*$/, "")}`;
  const registry = host ?? (reference === undefined ? undefined : "docker.io");
  return { registry, hint: `run \`${login}\` with an account that may ${name}` };
}

/** Registry host of a reference: the first part, if it has a dot or a port or is `localhost`. */
function hostOf(reference: string): string | undefined {
  const first = reference.includes("/") ? (reference.split("/")[0] ?? "") : "";
  return /[.:]|^localhost$/.test(first) ? first : undefined;
}
