import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Random } from "../property/random.ts";
import { type Answer, comparable, ownAnswer, type Question, someQuestion } from "./cases.ts";

interface Fact {
  readonly question: Question;
  readonly answer: Answer;
}

const factsFile = "facts.jsonl";
const factCount = 400;
const count = Number(process.env["SLIPWAY_CASES"] ?? 0);
const firstSeed = Number(process.env["SLIPWAY_SEED"] ?? Date.now() % 1_000_000_000);

test("ignore files, COPY patterns and shell patterns mean what they mean to BuildKit", () => {
  const lines = readFileSync(join(import.meta.dirname, factsFile), "utf8")
    .trimEnd()
    .split("\n");
  const facts = lines.map((line): Fact => JSON.parse(line));
  expect(facts.length).toBe(factCount);
  expect(differencesOf(facts)).toEqual([]);
});

// `SLIPWAY_CASES=60000 vitest run --project unit test/beside-go`; with `-u` it writes the facts of the test above.
test("as many random patterns as are asked for mean what they mean to Go and BuildKit's own packages", async (context) => {
  if (count === 0) return context.skip("SLIPWAY_CASES says how many");
  if (spawnSync("go", ["version"]).status !== 0) return context.skip("there is no Go");
  const folder = mkdtempSync(join(tmpdir(), "slipway-go-"));
  try {
    const program = join(folder, "patterns");
    const built = spawnSync("go", ["build", "-o", program, "."], { cwd: import.meta.dirname, encoding: "utf8" });
    expect(built.stderr + String(built.error ?? "")).not.toContain("rror");
    const kept = askGo(program, seedsFrom(1, factCount));
    await expect(kept.map((fact) => `${JSON.stringify(fact)}\n`).join("")).toMatchFileSnapshot(factsFile);
    expect(differencesOf(askGo(program, seedsFrom(firstSeed, count))), `SLIPWAY_SEED=${firstSeed}`).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function seedsFrom(first: number, length: number): number[] {
  return Array.from({ length }, (_, index) => first + index);
}

function askGo(program: string, seeds: readonly number[]): Fact[] {
  const questions = seeds.map((seed) => someQuestion(new Random(seed)));
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
  const { status, stdout, stderr } = spawnSync(program, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const answers = stdout
    .trimEnd()
    .split("\n")
    .map((line): Answer => JSON.parse(line));
  return questions.map((question, index) => ({ question, answer: answers[index] ?? {} }));
}

function differencesOf(facts: readonly Fact[]): { fact: Fact; own: Answer }[] {
  return facts
    .map((fact) => ({ fact, own: comparable(ownAnswer(fact.question)) }))
    .filter(({ fact, own }) => JSON.stringify(own) !== JSON.stringify(comparable(fact.answer)))
    .slice(0, 5);
}
