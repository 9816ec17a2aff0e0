import { describe, expect, test } from "vitest";
import type { BuildNote } from "./build-note.ts";
import { explainUncovered, type JobFacts, possiblePushes } from "./coverage.ts";
import { eventArguments, readEngineImages } from "./engine-events.ts";

const note: BuildNote = {
  time: "2026-01-01T00:00:00.000Z",
  name: "api",
  tags: ["reg.test/api:1"],
  outcome: "built",
  because: "",
  ids: ["sha256:a"],
  isPushed: false,
  savedSeconds: null,
  spoiledBy: [],
  pending: { fingerprint: "f" },
};

const event = (action: string, id: string, name = ""): string =>
  JSON.stringify({ Type: "image", Action: action, Actor: { ID: id, Attributes: { name } } });

const facts: JobFacts = {
  notes: [note],
  images: readEngineImages(event("create", "sha256:a")),
  end: "kept",
  buildKit: undefined,
  hasSudo: true,
  isAlone: true,
};

test("the engine's events say what was built, named and pushed", () => {
  const lines = [
    event("create", "sha256:a", "sha256:a"),
    event("tag", "sha256:a", "reg.test/api:1"),
    event("pull", "busybox:latest", "busybox"),
    event("push", "reg.test/api:1", "reg.test/api"),
    event("push", "reg.test/api:1", "reg.test/api"),
    "no JSON",
    "",
  ];
  expect(readEngineImages(lines.join("\n"))).toEqual({
    built: new Set(["sha256:a"]),
    named: new Map([["reg.test/api:1", "sha256:a"]]),
    pushed: ["reg.test/api:1"],
  });
  expect(eventArguments("A", "B").slice(1, 5)).toEqual(["--since", "A", "--until", "B"]);
});

describe("pushes to look for", () => {
  const references = (given: Partial<JobFacts>): readonly string[] =>
    possiblePushes({ ...facts, ...given }).flatMap((push) => push.references);

  test("are the tags of builds that did not push, and the names that docker tag gave them", () => {
    const lines = [
      event("tag", "sha256:a", "reg.test/other:2"),
      event("tag", "sha256:b", "reg.test/b:1"),
      event("push", "reg.test/other:2"),
      event("push", "reg.test/b:1"),
    ];
    expect(references({})).toEqual(["reg.test/api:1"]);
    expect(references({ images: readEngineImages(lines.join("\n")) })).toEqual(["reg.test/api:1", "reg.test/other:2"]);
    expect(references({ images: undefined })).toEqual(["reg.test/api:1"]);
  });

  test("leave out builds that pushed by themselves, were reused, or are not known well enough", () => {
    expect(references({ notes: [{ ...note, isPushed: true }] })).toEqual([]);
    expect(references({ notes: [{ ...note, pending: null }] })).toEqual([]);
  });

  test("are of the last build of a name", () => {
    const later = { ...note, ids: ["sha256:b"] };
    const expected = [{ note: later, references: ["reg.test/api:1"] }];
    expect(possiblePushes({ ...facts, notes: [note, later] })).toEqual(expected);
  });
});

describe("what did not go through Slipway", () => {
  const unseen = readEngineImages(
    [
      event("create", "sha256:0123456789abcdef"),
      event("create", "sha256:c"),
      event("tag", "sha256:c", "legacy:latest"),
    ].join("\n"),
  );

  test("is nothing where every image is of a build that was seen, or the engine does not say", () => {
    expect(explainUncovered(facts)).toEqual([]);
    expect(explainUncovered({ ...facts, images: undefined })).toEqual([]);
  });

  test.each<[string, Partial<JobFacts>, string]>([
    [
      "by names, with all ways past it",
      {},
      "built without Slipway: legacy:latest: it may have been by Docker's classic builder (DOCKER_BUILDKIT=0), by a Compose with a builder of its own (before 2.37; COMPOSE_BAKE=true helps since 2.32)",
    ],
    [
      "where BuildKit is off, with that alone",
      { buildKit: "0" },
      "legacy:latest: by Docker's classic builder, since DOCKER_BUILDKIT is 0",
    ],
    ["with sudo, where that is not covered", { hasSudo: false }, 'under sudo (the input "sudo")'],
    ["with other jobs, where the engine has others", { isAlone: false }, "by another job of this machine"],
  ])("is said %s", (_name, given, expected) =>
    expect(explainUncovered({ ...facts, images: unseen, ...given }).join("\n")).toContain(expected),
  );

  test("is an image's id where it has no name", () => {
    const images = readEngineImages(event("create", "sha256:0123456789abcdef"));
    expect(explainUncovered({ ...facts, images })).toEqual([expect.stringContaining(": sha256:0123456789ab: it may")]);
  });

  test("is what came after another buildx was installed", () =>
    expect(explainUncovered({ ...facts, end: "replaced" })).toEqual([
      expect.stringContaining("put the setup step after"),
    ]));
});
