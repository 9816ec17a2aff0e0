import { describe, expect, it } from "vitest";
import { evaluateCondition, evaluateTemplate, evaluateText, templateParts } from "./template.ts";
import {
  type Evaluated,
  makeList,
  makeObject,
  makeText,
  makeValue,
  renderText,
  truthOf,
  unknown,
} from "./evaluated.ts";
import { fromData, toData } from "./json-values.ts";
import { successfulRun } from "./functions.ts";
import type { ExpressionScope } from "./evaluate.ts";

const scope: ExpressionScope = {
  contexts: new Map<string, Evaluated>([
    [
      "github",
      makeObject(
        {
          ref: makeValue("refs/heads/main"),
          event_name: makeValue("push"),
          repository: makeValue("Acme/shop"),
          event: makeObject({ number: makeValue(7) }),
        },
        "github",
      ),
    ],
    ["vars", makeObject({}, "vars")],
    ["env", makeObject({ EMPTY: makeValue(""), MADE: makeText(["v", { because: ["steps.tag"] }]) })],
    [
      "steps",
      makeObject({ meta: makeObject({ outputs: makeObject({ tags: makeValue("a\nb") }, "steps.meta.outputs") }) }),
    ],
    [
      "matrix",
      makeObject({
        list: makeList([makeObject({ name: makeValue("api") }), makeObject({ name: makeValue("web") })]),
        some: makeList([makeValue("a"), unknown("vars.B")]),
      }),
    ],
  ]),
};

/** Known values as data; others as `unknown:` and what they hang on, with their truth where it is known. */
function show(value: Evaluated): unknown {
  const data = toData(value);
  if (data !== undefined) return data;
  const truth = truthOf(value);
  return `${value.kind}: ${renderText(value)}${truth === undefined ? "" : ` (${truth})`}`;
}

describe("an expression", () => {
  it.each([
    ["1 == '1'", true],
    ["'' == 0", true],
    ["null == 0", true],
    ["null == ''", true],
    ["true == '1'", true],
    ["'0xff' == 255", true],
    ["'abc' == 0", false],
    ["'ABC' == 'abc'", true],
    ["'ß' == 'SS'", false],
    ["'b' > 'A'", true],
    ["'10' > 9", true],
    ["NaN == NaN", false],
    ["'it''s' == 'IT''S'", true],
    ["'a''b''c'", "a'b'c"],
    ["!'' && !0 && !null", true],
    ["'a' && 'b' || 'c'", "b"],
    ["'' || 0", 0],
    ["1 < 2 == true", true],
    ["false == 1 > 2", true],
    ["format('{0}', 1.10)", "1.1"],
    ["format('{0}', 1000000000000000)", "1E+15"],
    ["format('{0}', 0.00001)", "1E-05"],
    ["format('{0}', 0.0001)", "0.0001"],
    ["format('{{{0}}}-{1}-{0}', 'x', true)", "{x}-true-x"],
    ["contains('Hello World', 'WORLD')", true],
    ["contains(fromJSON('[\"a\", 1]'), '1')", true],
    ["contains(github.ref, 'heads') && startsWith(github.ref, 'REFS/')", true],
    ["endsWith(github.repository, 'shop')", true],
    ["join(matrix.list.*.name, ', ')", "api, web"],
    ["join(fromJSON('[1,null,true]'))", "1,,true"],
    ["join('a', '-')", "a"],
    ['toJSON(fromJSON(\'{"a":[1,{}],"b":[]}\'))', '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'],
    ["fromJSON('{\"A\": {\"b\": 3}}').a['B']", 3],
    ["matrix.list[1].name", "web"],
    ["matrix.list['1'].name", "web"],
    ["matrix.list[2].name", null],
    ["matrix.list[-1]", null],
    ["github.ref.x.y", null],
    ["case(false, 1, true, 2, 3)", 2],
    ["github.EVENT.Number", 7],
    ["steps.nosuch.outputs.x", null],
    ["true && github.ref_name == null", "unknown: ‹github.ref_name›"],
    ["!fromJSON('{}')", false],
    ["always() && !cancelled() && !failure() && success()", true],
  ])("%s is %j", (text, value) => expect(show(evaluateText(text, scope))).toEqual(value));

  it.each([
    ["vars.X", "unknown: ‹vars.X›"],
    ["vars['X-Y'].z", "unknown: ‹vars.X-Y.z›"],
    ["vars.X && false", "unknown: ‹vars.X› (false)"],
    ["vars.X == 'a' && false", false],
    ["vars.X == 'a' || true", true],
    ["vars.X || 'default'", "unknown: ‹vars.X› (true)"],
    ["vars.X && 'a' || 'b'", "unknown: ‹vars.X› (true)"],
    ["false && vars.X", false],
    ["!(vars.X && false)", true],
    ["vars.X == 'a' && vars.Y == 'b'", "unknown: ‹vars.X, vars.Y›"],
    ["format('x-{0}', vars.X)", "text: x-‹vars.X› (true)"],
    ["format('{0}{1}', vars.X, vars.Y)", "text: ‹vars.X›‹vars.Y›"],
    ["startsWith(format('x-{0}', vars.X), 'X')", true],
    ["startsWith(format('x-{0}', vars.X), 'y')", false],
    ["startsWith(format('x-{0}', vars.X), 'x-1')", "unknown: ‹vars.X›"],
    ["endsWith(format('{0}-dev', vars.X), 'x')", false],
    ["contains(format('x-{0}', vars.X), 'x-')", true],
    ["format('x-{0}', vars.X) == 'y-1'", false],
    ["format('x-{0}', vars.X) != 'y-1'", true],
    ["env.MADE == 'v1'", "unknown: ‹steps.tag›"],
    ["contains(matrix.some, 'A')", true],
    ["contains(matrix.some, 'c')", "unknown: ‹vars.B›"],
    ["join(matrix.some, '+')", "text: a+‹vars.B› (true)"],
    ["fromJSON(vars.X).y", "unknown: ‹vars.X.y›"],
    ["steps.meta.outputs.version", "unknown: ‹steps.meta.outputs.version›"],
    ["hashFiles('**/a.lock')", "text: ‹hashFiles('**/a.lock')›"],
    ["toJSON(matrix.some)", 'text: [\n  "a",\n  ‹vars.B›\n] (true)'],
    ["nosuch.x", "unknown: ‹nosuch, which is no context at this place›"],
    ["fromJSON('{')", 'unknown: ‹fromJSON of "{", which is not JSON›'],
    ["format('{1}', 1)", "unknown: ‹format('{1}'): {1} stands for no argument›"],
    ["nosuch()", 'unknown: ‹"nosuch()" is refused: GitHub has no function "nosuch"›'],
    ["'a", `unknown: ‹"'a" is refused: a text begins with ' and does not end; close it with '›`],
  ])("with unknowns, %s is %s", (text, value) => expect(show(evaluateText(text, scope))).toEqual(value));
});

describe("a text with expressions", () => {
  it.each([
    ["a${{ 'b' }}c", "abc"],
    ["${{ 1 }}", 1],
    ["${{ '}}' }}x", "}}x"],
    ["v${{ null }}${{ true }}", "vtrue"],
    ["${{ vars.A }}/b", "text: ‹vars.A›/b (true)"],
    ["${{ not closed", "${{ not closed"],
    ["", ""],
  ])("%j is %j", (text, value) => expect(show(evaluateTemplate(text, scope))).toEqual(value));

  it("has its parts at their places", () => {
    expect(templateParts("a${{ b }}c")).toEqual([
      { kind: "plain", text: "a", at: 0 },
      { kind: "expression", text: " b ", at: 4 },
      { kind: "plain", text: "c", at: 9 },
    ]);
  });
});

describe("a condition", () => {
  const failed: ExpressionScope = {
    ...scope,
    status: { ...successfulRun, success: makeValue(false), failure: makeValue(true) },
  };
  const open: ExpressionScope = {
    ...scope,
    status: { ...successfulRun, success: unknown("jobs.test", { isBoolean: true }) },
  };
  it.each([
    ["", scope, true],
    ["", failed, false],
    ["github.ref == 'refs/heads/main'", scope, true],
    ["${{ github.ref == 'refs/heads/main' }}", scope, true],
    ["github.event_name == 'push'", failed, false],
    ["always()", failed, true],
    ["failure()", failed, true],
    ["${{ github.event_name == 'pull_request' }} && true", scope, true],
    ["! ${{ true }}", scope, true],
    ["vars.X", scope, ["vars.X"]],
    ["vars.X && github.event_name == 'pull_request'", scope, false],
    ["github.event_name == 'push'", open, ["jobs.test"]],
    ["github.event_name == 'release'", open, false],
    ["vars.X", open, ["jobs.test", "vars.X"]],
    ["a b", scope, ['"a b" is refused: "b" stands where an operator or the end belongs']],
  ])("%j holds: %#", (text, within, holds) => {
    const condition = evaluateCondition(text, within);
    expect(typeof condition === "boolean" ? condition : condition.because).toEqual(holds);
  });
});

describe("data", () => {
  it("that is nested too deep is no value", () => {
    expect(fromData(JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`))).toBeUndefined();
  });
});
