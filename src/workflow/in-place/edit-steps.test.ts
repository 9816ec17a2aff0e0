import { describe, expect, test } from "vitest";
import { editSteps } from "./edit-steps.ts";
import type { ActionPin, StepChange, StepPath } from "./step-change.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const byTag: ActionPin = { repository: "acme/slipway", ref: "v1", commit: undefined };
const byCommit: ActionPin = { ...byTag, commit: { id: commit, called: "v1.2.0" } };

function edit(text: string, changes: readonly StepChange[], pin = byTag): string {
  const edited = editSteps(text, changes, pin);
  return edited.kind === "edited" ? edited.text : `refused: ${edited.because}`;
}

const steps: StepPath = ["jobs", "a", "steps"];
const use = (index = 0): StepChange => ({ kind: "use", path: [...steps, index], action: "build-push" });
const setUp = (index = 0): StepChange => ({ kind: "set-up", path: [...steps, index] });
const condition = (index = 0): StepChange => ({
  kind: "condition",
  path: [...steps, index],
  condition: "steps.b.outputs.reused != 'true'",
});
const job = (lines: string): string => `jobs:\n  a:\n    steps:\n${lines}`;

describe("a step's action", () => {
  test.each<readonly [what: string, before: string, after: string]>([
    ["plain", "uses: docker/build-push-action@v6", "uses: acme/slipway/build-push@v1"],
    ["in single quotes", "uses: 'docker/build-push-action@v6'", "uses: 'acme/slipway/build-push@v1'"],
    ["in double quotes", 'uses: "docker/build-push-action@v6"', 'uses: "acme/slipway/build-push@v1"'],
    ["with a comment", "uses: docker/build-push-action@v6 # why", "uses: acme/slipway/build-push@v1 # why"],
    [
      "in a flow map",
      "{ uses: docker/build-push-action@v6, with: { push: true } }",
      "{ uses: acme/slipway/build-push@v1, with: { push: true } }",
    ],
    [
      "after other keys",
      "name: x\n        id: b # here\n        uses: docker/build-push-action@v6\n        with:\n          # kept\n          push:   true",
      "name: x\n        id: b # here\n        uses: acme/slipway/build-push@v1\n        with:\n          # kept\n          push:   true",
    ],
  ])("%s is changed, and nothing else", (_, before, after) => {
    expect(edit(job(`      - ${before}\n`), [use()])).toBe(job(`      - ${after}\n`));
  });

  test("pinned to a commit is pinned to a commit, with what that is called", () => {
    const pinned = job(`      - uses: docker/build-push-action@${commit.replaceAll("0", "f")} # v6.18.0\n`);
    expect(edit(pinned, [use()], byCommit)).toBe(job(`      - uses: acme/slipway/build-push@${commit} # v1.2.0\n`));
    const bare = job(`      - uses: docker/build-push-action@${commit}\n`);
    expect(edit(bare, [use()], byCommit)).toBe(job(`      - uses: acme/slipway/build-push@${commit} # v1.2.0\n`));
    const told = job(`      - uses: docker/build-push-action@${commit} # the fast one\n`);
    expect(edit(told, [use()], byCommit)).toBe(job(`      - uses: acme/slipway/build-push@${commit} # the fast one\n`));
  });

  test("in a file with Windows' line ends keeps them", () => {
    const text = job("      - uses: docker/build-push-action@v6\n      - run: x\n").replaceAll("\n", "\r\n");
    expect(edit(text, [use(), setUp(1)])).toBe(
      job("      - uses: acme/slipway/build-push@v1\n      - uses: acme/slipway/setup@v1\n      - run: x\n").replaceAll(
        "\n",
        "\r\n",
      ),
    );
  });

  test("under an alias stays, with the reason", () => {
    const text = `x: &build\n  - uses: docker/build-push-action@v6\n${job("      *build\n")}`;
    expect(edit(text, [use()])).toBe("refused: the step stands elsewhere in the file, under an anchor");
  });

  test("that an anchor gives to other jobs would change them, too, and stays", () => {
    const text = `${job("      - &build\n        uses: docker/build-push-action@v6\n")}  b:\n    steps:\n      - *build\n`;
    expect(edit(text, [use()])).toBe("refused: the changed file would not read as it should");
  });
});

describe("a step of its own", () => {
  test.each<readonly [what: string, before: string, after: string]>([
    ["before a script", "      - run: x\n", "      - uses: acme/slipway/setup@v1\n      - run: x\n"],
    [
      "before the comments of a script",
      "      - uses: a/b@v1\n\n      # Builds.\n      # Both.\n      - name: x\n        run: x\n",
      "      - uses: a/b@v1\n\n      - uses: acme/slipway/setup@v1\n      # Builds.\n      # Both.\n      - name: x\n        run: x\n",
    ],
    ["as far in as the list", "    - run: x\n", "    - uses: acme/slipway/setup@v1\n    - run: x\n"],
    ["with the list's own gap", "      -   run: x\n", "      -   uses: acme/slipway/setup@v1\n      -   run: x\n"],
  ])("stands %s", (_, before, after) => {
    const index = before.includes("a/b") ? 1 : 0;
    expect(edit(job(before), [setUp(index)])).toBe(job(after));
  });

  test("stands in a list in brackets", () => {
    expect(edit("jobs: { a: { steps: [{ run: x }] } }\n", [setUp()])).toBe(
      "jobs: { a: { steps: [{ uses: acme/slipway/setup@v1 }, { run: x }] } }\n",
    );
  });
});

describe("a condition", () => {
  const mine = "steps.b.outputs.reused != 'true'";
  test.each<readonly [what: string, before: string, after: string]>([
    ["where there is none", "- uses: a/b@v1\n", `- uses: a/b@v1\n        if: ${mine}\n`],
    [
      "below the name of the step",
      "- name: sign # here\n        # why\n        uses: a/b@v1\n",
      `- name: sign # here\n        if: ${mine}\n        # why\n        uses: a/b@v1\n`,
    ],
    ["at the end of a file without a line end", "- uses: a/b@v1", `- uses: a/b@v1\n        if: ${mine}`],
    ["below an empty name", "- name:\n        uses: a/b@v1\n", `- name:\n        if: ${mine}\n        uses: a/b@v1\n`],
    [
      "above a script that the step begins with",
      "- run: |\n          x\n          y\n",
      `- if: ${mine}\n        run: |\n          x\n          y\n`,
    ],
    ["joined to one", "- uses: a/b@v1\n        if: x || y\n", `- uses: a/b@v1\n        if: (x || y) && ${mine}\n`],
    [
      "joined to one in braces",
      "- if: ${{ x }}\n        uses: a/b@v1\n",
      `- if: \${{ (x) && ${mine} }}\n        uses: a/b@v1\n`,
    ],
    [
      "joined to one in double quotes",
      '- if: "x"\n        uses: a/b@v1\n',
      `- if: "(x) && ${mine}"\n        uses: a/b@v1\n`,
    ],
    [
      "joined to one in single quotes",
      "- if: 'x'\n        uses: a/b@v1\n",
      `- if: '(x) && ${mine.replaceAll("'", "''")}'\n        uses: a/b@v1\n`,
    ],
  ])("is added %s", (_, before, after) => {
    expect(edit(job(`      ${before}`), [condition()])).toBe(job(`      ${after}`));
  });

  test("is refused in a text of several lines", () => {
    expect(edit(job("      - if: |\n          x\n        uses: a/b@v1\n"), [condition()])).toMatch(/^refused: if:/);
  });
});

test("several changes of one file leave each other's places alone", () => {
  const before = job(
    "      - id: b\n        uses: docker/build-push-action@v6\n      - run: docker build .\n      - uses: actions/attest@v2\n",
  );
  expect(edit(before, [use(0), condition(2), setUp(1)])).toBe(
    job(
      "      - id: b\n        uses: acme/slipway/build-push@v1\n      - uses: acme/slipway/setup@v1\n      - run: docker build .\n" +
        "      - uses: actions/attest@v2\n        if: steps.b.outputs.reused != 'true'\n",
    ),
  );
});
