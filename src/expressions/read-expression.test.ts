import { describe, expect, it } from "vitest";
import { readExpression } from "./read-expression.ts";

function fault(text: string): unknown {
  const read = readExpression(text);
  return read.kind === "fault" ? [read.message, read.at] : "none";
}

describe("the reader of expressions", () => {
  it.each([
    ["", ["the text ends where a value belongs", 0]],
    ["a &&", ["the text ends where a value belongs", 4]],
    ["(a", ['the text ends where ")" belongs', 2]],
    ["a b", ['"b" stands where an operator or the end belongs', 2]],
    ["a = b", ['"=" is no part of an expression', 2]],
    ["a & b", ['"&" is no part of an expression', 2]],
    ['a == "b"', ['""b"" is no name', 5]],
    ["1x", ['"1x" is no number', 0]],
    ["a.", ["the text ends where the name of a member belongs", 2]],
    ["a.'b'", ["\"'b'\" stands where the name of a member belongs", 2]],
    ["'a'.b", ['".b" is no number', 3]],
    ["contains('a')", ["contains takes 2 arguments, and has 1", 0]],
    ["format()", ["format takes 1 to 255 arguments, and has 0", 0]],
    ["case(true, 1, false, 2)", ["case takes pairs and a last value, and has 4 arguments", 0]],
    ["join(a,)", ['")" stands where a value belongs', 7]],
    ["toLower('A')", ['GitHub has no function "toLower"', 0]],
  ])("says where %j has its fault", (text, wanted) => expect(fault(text)).toEqual(wanted));

  it.each(["a.b-c_d", "a[0].*.b", "a.true", "!!a", "a.b == .5", "((a))", "success('x')", "-1 == +1e3"])(
    "reads %j",
    (text) => expect(fault(text)).toBe("none"),
  );

  it.each([
    ["a long text", "a".repeat(21_001), /has 21001 characters; GitHub reads 21000/],
    ["groups", "(".repeat(600), /more than 500 groups/],
    ["negations", "!".repeat(20_000), /more than 500 groups/],
    ["comparisons in a row", `1${"==1".repeat(6000)}`, /more than 50 levels/],
    ["members in a row", `a${".b".repeat(6000)}`, /more than 50 levels/],
    ["calls", `${"join(".repeat(60)}1${")".repeat(60)}`, /more than 50 levels/],
  ])("refuses too much: %s", (_, text, message) => expect(String(fault(text))).toMatch(message));

  it("takes what GitHub takes: long chains of one operator, and groups", () => {
    expect(fault(`a${"&&a".repeat(6000)}`)).toBe("none");
    expect(fault(`${"(".repeat(400)}a${")".repeat(400)}`)).toBe("none");
  });
});
