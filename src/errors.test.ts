import { describe, expect, test } from "vitest";
import {
  configurationError,
  type EndedService,
  errorDocument,
  exitCodeOf,
  exitCodeOfServices,
  hasKind,
  isAboutCredentials,
  isInDefinitions,
  isInFiles,
  isInterruption,
  isRefusal,
  SlipwayError,
  whileDoing,
} from "./errors.ts";
import { errorKinds } from "./model/error-kind.ts";

const failed = (errorKind: EndedService["errorKind"]): EndedService => ({ outcome: "failed", errorKind });
const built: EndedService = { outcome: "built", errorKind: null };
const cancelled: EndedService = { outcome: "cancelled", errorKind: null };

test.each<[string, readonly EndedService[], number]>([
  ["nothing at all", [], 0],
  ["all are there", [built, { outcome: "reused", errorKind: null }], 0],
  ["one did not build", [built, failed("failed")], 1],
  ["a registry refused, and what needs that service was cancelled", [failed("credentials"), cancelled], 4],
  ["a registry was away for all", [failed("unavailable"), failed("unavailable")], 5],
  ["one was refused, one was away", [failed("unavailable"), failed("credentials")], 4],
  ["one was refused, one did not build", [failed("failed"), failed("credentials")], 1],
  ["one could not be configured", [failed("configuration"), failed("usage")], 2],
  ["only cancelled: its cause is in another job", [cancelled], 1],
])("the exit code says what kind of failure it was: %s", (_, services, exitCode) => {
  expect(exitCodeOfServices(services)).toBe(exitCode);
});

describe("an error", () => {
  const denied = new SlipwayError("registry-denied", "pushing ghcr.io/acme/api: 403", {
    data: { registry: "ghcr.io" },
  });

  test("has the code, the exit code and, where it says no other, the hint of its kind", () => {
    expect(denied).toMatchObject({ code: "credentials", hint: errorKinds["registry-denied"].remedy });
    expect(exitCodeOf(denied)).toBe(4);
    expect(new SlipwayError("no-such-group", "no group", { hint: "the groups are: a, b" }).hint).toBe(
      "the groups are: a, b",
    );
    expect(new SlipwayError("usage", "no").hint).toBeUndefined();
  });

  test("keeps kind, values and diagnostics in other words, with itself as the cause", () => {
    const more = whileDoing("releasing 1.2.0", whileDoing("checking", denied));
    expect(more).toMatchObject({ kind: "registry-denied", data: { registry: "ghcr.io" }, hint: denied.hint });
    expect(more.message).toBe("releasing 1.2.0: checking: pushing ghcr.io/acme/api: 403");
    expect((more.cause as Error).cause).toBe(denied);
    expect(hasKind(more, "registry-denied") && more.data.registry).toBe("ghcr.io");
    const place = { file: "slipway.yaml", line: 3, message: "no" };
    expect(configurationError([place]).reworded("reading").diagnostics).toEqual([place]);
  });

  test("is told apart by its kind, and by what its kind's row says", () => {
    expect([hasKind(denied, "usage", "registry-denied"), hasKind(denied), hasKind(new Error("no"), "usage")]).toEqual([
      true,
      false,
      false,
    ]);
    const questions = [isInterruption, isInDefinitions, isInFiles, isRefusal, isAboutCredentials];
    const answers = (kind: "interrupted" | "no-services" | "history-missing" | "version-taken" | "github-denied") =>
      questions.map((ask) => ask(new SlipwayError(kind, "no")));
    expect(answers("interrupted")).toEqual([true, false, false, false, false]);
    expect(answers("no-services")).toEqual([false, true, true, false, false]);
    expect(answers("history-missing")).toEqual([false, false, true, false, false]);
    expect(answers("version-taken")).toEqual([false, false, false, true, false]);
    expect(answers("github-denied")).toEqual([false, false, false, false, true]);
  });

  test("is a document with kind and code; one that nobody foresaw has the kind failed", () => {
    expect(errorDocument(denied).error).toMatchObject({ kind: "registry-denied", code: "credentials" });
    expect(errorDocument(new TypeError("x")).error).toMatchObject({ kind: "failed", code: "failed", hint: null });
  });
});
