import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  unknownReasons,
  type Evaluated,
  makeList,
  makeObject,
  makeText,
  makeValue,
  renderText,
  type TextPart,
  truthOf,
  unknown,
} from "./evaluated.ts";
import { evaluate } from "./evaluate.ts";
import { type Expression, renderExpression } from "./expression.ts";
import type { YamlValue } from "../formats/yaml-data.ts";
import { fromData, toData } from "./json-values.ts";
import { readExpression } from "./read-expression.ts";
import { evaluateText } from "./template.ts";
import { madeContexts, madeExpression } from "./testing/made-expressions.ts";

const numRuns = Number(process.env["SLIPWAY_CASES"] ?? (process.env["SLIPWAY_NIGHTLY"] === "1" ? 20_000 : 300));
const contexts = new Map(Object.entries(madeContexts).map(([name, data]) => [name, valueOf(data)]));

function valueOf(data: YamlValue): Evaluated {
  const value = fromData(data);
  if (value === undefined) throw new RangeError("the data is nested too deep");
  return value;
}

describe("GitHub's own package", () => {
  const facts = JSON.parse(readFileSync(join(import.meta.dirname, "testing/facts.json"), "utf8")) as [
    string,
    string | null,
  ][];

  it("makes of 400 expressions what is made here", () => {
    const wrong = facts.filter(([text, result]) => {
      const data = toData(evaluateText(text, { contexts }));
      return (data === undefined ? null : JSON.stringify(data)) !== result;
    });
    expect(facts.length).toBe(400);
    expect(wrong).toEqual([]);
  });
});

describe("a made expression", () => {
  it("reads back as the same value, and prints the same", () => {
    fc.assert(
      fc.property(madeExpression, (expression) => {
        const text = renderExpression(expression);
        const read = readExpression(text);
        // Made trees may be deeper than GitHub reads.
        fc.pre(read.kind === "expression");
        expect(renderExpression(readAgain(read.expression))).toBe(renderExpression(read.expression));
        expect(evaluate(read.expression, { contexts })).toEqual(evaluate(expression, { contexts }));
      }),
      { numRuns },
    );
  });

  it("says nothing of an unknown that a value in its place contradicts", () => {
    fc.assert(
      fc.property(madeExpression, fc.array(fc.nat(5), { minLength: 24, maxLength: 24 }), (expression, choices) => {
        const partly = evaluate(expression, { contexts: hidden(choices) });
        const fully = evaluate(expression, { contexts: replaced(choices) });
        expect(contradiction(partly, fully), renderExpression(expression)).toBeUndefined();
      }),
      { numRuns: numRuns * 4 },
    );
  });
});

describe("a text that is known in part", () => {
  const few = fc.string({ unit: fc.constantFrom("x", "y"), maxLength: 3 });
  const questions = ["startsWith(text, wanted)", "endsWith(text, wanted)", "contains(text, wanted)", "text == wanted"];
  it("is looked into as far as it is known, and no further", () => {
    fc.assert(
      fc.property(fc.array(fc.option(few), { maxLength: 4 }), few, few, (parts, wanted, other) => {
        const known = makeText(parts.map((part) => part ?? { because: ["hidden"] }));
        const whole = makeText(parts.map((part) => part ?? other));
        for (const question of questions) {
          const ask = (text: Evaluated): Evaluated =>
            evaluateText(question, {
              contexts: new Map([
                ["text", text],
                ["wanted", makeValue(wanted)],
              ]),
            });
          expect(
            contradiction(ask(known), ask(whole)),
            `${question} of ${renderText(known)}, ${wanted}`,
          ).toBeUndefined();
        }
      }),
      { numRuns: numRuns * 4 },
    );
  });
});

function readAgain(expression: Expression): Expression {
  const read = readExpression(renderExpression(expression));
  if (read.kind === "fault") throw new Error(read.message);
  return read.expression;
}

/** What stands in the place of an unknown. */
const replacements: readonly YamlValue[] = ["", "linux", null, false, true, ["a"], { name: "A" }, 10, "x"];

/** The contexts with unknowns where the choices say so. */
function hidden(choices: readonly number[]): Map<string, Evaluated> {
  return changed(choices, () => unknown("hidden"));
}

/** The same places, with a value each. */
function replaced(choices: readonly number[]): Map<string, Evaluated> {
  let next = 0;
  return changed(choices, () => valueOf(replacements[(next++ * 7 + (choices[0] ?? 0)) % replacements.length] ?? null));
}

function changed(choices: readonly number[], make: () => Evaluated): Map<string, Evaluated> {
  let place = 0;
  const walk = (data: YamlValue): Evaluated => {
    place += 1;
    if (choices[place % choices.length] === 0) return make();
    if (Array.isArray(data)) return makeList(data.map((each: YamlValue) => walk(each)));
    if (typeof data !== "object" || data === null) return valueOf(data);
    return makeObject(Object.entries(data).map(([name, each]) => [name, walk(each ?? null)] as const));
  };
  return new Map(Object.entries(madeContexts).map(([name, data]) => [name, walk(data)]));
}

/** What a value shows to be wrong of what was known without it. */
function contradiction(partly: Evaluated, fully: Evaluated): string | undefined {
  // An expression that is refused has no value that could contradict.
  if (fully.kind === "unknown") return undefined;
  switch (partly.kind) {
    case "unknown":
      if (unknownReasons(partly).length === 0) return "an unknown that hangs on nothing";
      if (partly.truth !== undefined && truthOf(fully) !== partly.truth) return `it was ${partly.truth}`;
      return partly.isBoolean === true && typeof toData(fully) !== "boolean" ? "it was true or false" : undefined;
    case "text":
      return fully.kind === "value" && typeof fully.value === "string" && fits(partly.parts, fully.value)
        ? undefined
        : `${JSON.stringify(partly.parts)} was ${JSON.stringify(toData(fully))}`;
    case "value":
      return fully.kind === "value" && Object.is(fully.value, partly.value)
        ? undefined
        : `it was ${String(partly.value)}`;
    case "array":
      if (fully.kind !== "array" || fully.items.length !== partly.items.length)
        return "it was a list of another length";
      return partly.items
        .map((item, index) => contradiction(item, fully.items[index] ?? unknown("none")))
        .find(Boolean);
    case "object":
      if (fully.kind !== "object" || fully.members.size !== partly.members.size) return "it had other members";
      return [...partly.members]
        .map(([name, member]) => contradiction(member.value, fully.members.get(name)?.value ?? unknown("none")))
        .find(Boolean);
  }
}

function fits(parts: readonly TextPart[], text: string): boolean {
  const escape = (part: string): string => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const pattern = parts.map((part) => (typeof part === "string" ? escape(part) : "[^]*")).join("");
  return new RegExp(`^${pattern}$`).test(text);
}
