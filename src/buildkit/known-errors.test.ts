import { describe, expect, test } from "vitest";
import { explainFailure } from "./failure.ts";
import { explainLogin, knownErrors } from "./known-errors.ts";

const rows = knownErrors.flatMap(({ means, pattern, examples }) =>
  examples.map((example) => ({ means, pattern, example })),
);

describe("BuildKit's words", () => {
  test.each(rows)("mean $means: $example", ({ means, pattern, example }) => {
    expect(knownErrors.find((row) => row.pattern.test(example))?.pattern).toBe(pattern);
    const plain = [`ERROR: failed to build: failed to solve: ${example}`];
    const explained = explainFailure({ vertex: undefined, log: [], plain, exitCode: 1 });
    expect(explained).toMatchObject(
      means === "passes"
        ? { errorKind: "build-unavailable", transient: true, hint: undefined }
        : {
            errorKind: "registry-denied",
            transient: false,
            hint: expect.stringMatching(/^run `docker login/) as string,
          },
    );
  });

  test.each([
    'target stage "nope" could not be found',
    "a:1: failed to resolve source metadata for a:1: a:1: not found",
    "failed to push a:b: unexpected status from PUT request to https://a:5000/v2/b500: 400 Bad Request",
    "failed to push a:b: unknown: The image tag 't' already exists and cannot be overwritten because the repository is immutable.",
    "a:b: blob unknown to registry - sha256:c0a9",
    'failed to compute cache key: failed to calculate checksum of ref x: "/denied": not found',
    "failed to read dockerfile: open Dockerfile: permission denied",
    'failed to do request: Head "https://a": http: server gave HTTP response to HTTPS client',
    'failed to do request: Head "https://a": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ])("say that the build itself failed: %s", (error) => {
    const plain = [`ERROR: failed to build: failed to solve: ${error}`];
    expect(explainFailure({ vertex: undefined, log: [], plain, exitCode: 1 })).toMatchObject({
      errorKind: "build-failed",
      transient: false,
      hint: undefined,
    });
  });
});

test.each([
  [
    "failed to push 127.0.0.1:5000/acme/api:build-1: denied",
    "run `docker login 127.0.0.1:5000` with an account that may write 127.0.0.1:5000/acme/api",
  ],
  ["failed to push acme/api:build-1: unauthorized", "run `docker login` with an account that may write acme/api"],
  [
    "failed to push docker.io/acme/api:b: push access denied",
    "run `docker login` with an account that may write docker.io/acme/api",
  ],
  [
    "ghcr.io/acme/base:1: failed to resolve source metadata for ghcr.io/acme/base:1: denied: denied",
    "run `docker login ghcr.io` with an account that may read it",
  ],
  [
    "unexpected status from GET request to https://quay.io/v2/acme/x/blobs/sha256:1: 401 Unauthorized",
    "run `docker login quay.io` with an account that may read it",
  ],
])("the login that is missing is named: %s", (error, hint) => {
  expect(explainLogin(error).hint).toBe(hint);
});
