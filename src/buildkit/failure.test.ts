import { describe, expect, test } from "vitest";
import { explainFailure, type FailureFacts } from "./failure.ts";

function facts(error: string, overrides: Partial<FailureFacts> = {}): FailureFacts {
  return {
    vertex: undefined,
    log: [],
    plain: [`ERROR: failed to build: failed to solve: ${error}`],
    exitCode: 1,
    ...overrides,
  };
}

const push = { name: "exporting to image", error: "failed to push a:b: denied: no" };

describe("a failure", () => {
  test("of a push is judged by its log too, since BuildKit keeps only the words of the registry's answer", () => {
    const log = ["error: unexpected status from PUT request to https://a/v2/b/manifests/c: 502 Bad Gateway"];
    expect(explainFailure(facts(push.error, { vertex: push, log }))).toMatchObject({
      transient: true,
      errorKind: "build-unavailable",
    });
    expect(explainFailure(facts(push.error, { vertex: push }))).toMatchObject({
      transient: false,
      errorKind: "registry-denied",
    });
  });

  test("of a push whose blob another build is linking at that moment is transient", () => {
    const error = [
      "failed to push a:b: errors:",
      "unknown: provided digest did not match uploaded content",
      "unknown: blob unknown to registry - sha256:c0a9",
    ];
    expect(explainFailure(facts(`${error.join("\n")}\n`))).toEqual({
      because: error.join(" "),
      errorKind: "build-unavailable",
      transient: true,
      hint: undefined,
      line: undefined,
    });
  });

  test("of an instruction's program is never transient, whatever it wrote", () => {
    const name = "[build 2/3] RUN curl https://a: 502 Bad Gateway";
    const error = `process "/bin/sh -c curl" did not complete successfully: exit code: 22`;
    const explained = explainFailure(
      facts(error, { vertex: { name, error }, log: ["503 Service Unavailable", "EOF"] }),
    );
    expect(explained).toMatchObject({
      because: "RUN curl https://a: 502 Bad Gateway: exit code 22",
      errorKind: "build-failed",
      transient: false,
    });
  });

  test("of an upload names its address without the state that the registry keeps there", () => {
    const error =
      "failed to push a:b: unexpected status from PUT request to https://a/v2/b/blobs/uploads/1?_state=abc%3D&digest=sha256%3A12: 403 Forbidden";
    expect(explainFailure(facts(error)).because).toBe(
      "failed to push a:b: unexpected status from PUT request to https://a/v2/b/blobs/uploads/1: 403 Forbidden",
    );
  });

  test("of a program that is for another platform says so", () => {
    const error = `process "/bin/x" did not complete successfully: exit code: 1`;
    const vertex = { name: "[2/2] RUN /bin/x", error };
    expect(explainFailure(facts(error, { vertex, log: ["exec /bin/x: exec format error"] })).hint).toMatch(
      /^the program is for another platform .*install emulation/,
    );
    expect(explainFailure(facts(error, { vertex, log: ["no such thing"] })).hint).toBeUndefined();
  });

  test("by SIGKILL says what that often means", () => {
    const error = `process "/bin/sh -c make" did not complete successfully: exit code: 137`;
    const { because } = explainFailure(facts(error, { vertex: { name: "[2/2] RUN make", error } }));
    expect(because).toBe("RUN make: exit code 137 (killed, often because memory ran out)");
  });

  test("names the instruction without its flags, and not longer than a line", () => {
    const error = `process "x" did not complete successfully: exit code: 1`;
    const name = `[2/2] RUN --mount=type=cache,target=/root/.npm --network=none npm ci ${"x".repeat(300)}`;
    const { because } = explainFailure(facts(error, { vertex: { name, error } }));
    expect(because).toMatch(/^RUN npm ci x+…: exit code 1$/);
    expect(because.length).toBeLessThan(160);
  });

  test("without buildx's closing words tells the last it said", () => {
    const silent = { plain: ["panic: out of luck"], vertex: undefined, log: [], exitCode: 2 };
    expect(explainFailure(silent).because).toBe("panic: out of luck; docker buildx ended with exit code 2");
  });
});
