import fc from "fast-check";
import type { Comparison, Expression, Scalar } from "../expression.ts";
import type { YamlValue } from "../../formats/yaml-data.ts";

/** Data of the contexts in generated expressions; tests make each unknown, as a whole or in part. */
export const madeContexts: Readonly<Record<string, { readonly [name: string]: YamlValue }>> = {
  github: {
    ref: "refs/heads/main",
    event: { number: 7, draft: false, labels: [{ name: "A" }, { name: "b", id: 1 }, null], base: null },
  },
  env: { A: "", B: "x", N: "10" },
  matrix: { os: ["linux", "mac"], on: true, deep: { "a-b": [[1, 2], [3]] } },
};

const names = ["github", "env", "matrix", "ref", "event", "labels", "name", "A", "b", "N", "os", "deep", "a-b", "none"];
const scalars: readonly Scalar[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  10,
  "",
  "a",
  "B",
  "x",
  "10",
  "it's",
  "refs/",
  "{0}",
  "[1,2]",
];
const comparisons: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">="];

const literal: fc.Arbitrary<Expression> = fc.constantFrom(...scalars).map((value) => ({ kind: "literal", value }));
const context: fc.Arbitrary<Expression> = fc
  .constantFrom(...Object.keys(madeContexts))
  .map((name) => ({ kind: "context", name }));

/** Generates expressions of any depth that GitHub accepts. */
export const madeExpression: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => {
  const call = (name: string, most: number, least = most): fc.Arbitrary<Expression> =>
    fc.array(tie("tree"), { minLength: least, maxLength: most }).map((args) => ({ kind: "call", name, args }));
  const text = (value: string): Expression => ({ kind: "literal", value });
  const index = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...names).map(text) },
    fc.constant("*" as const),
    fc.nat(2).map((value): Expression => ({ kind: "literal", value })),
    tie("tree"),
  );
  return {
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      literal,
      context,
      fc.record({ kind: fc.constant("index" as const), of: fc.oneof(context, tie("tree")), index }),
      fc.record({ kind: fc.constant("not" as const), of: tie("tree") }),
      fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        of: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant("compare" as const),
        operator: fc.constantFrom(...comparisons),
        left: tie("tree"),
        right: tie("tree"),
      }),
      call("contains", 2),
      call("startsWith", 2),
      call("endsWith", 2),
      call("join", 2, 1),
      call("toJSON", 1),
      fc
        .tuple(fc.constantFrom("{0}", "a{0}b{1}", "{{{0}}}", "{1}-{1}"), tie("tree"), tie("tree"))
        .map(([template, ...args]): Expression => ({ kind: "call", name: "format", args: [text(template), ...args] })),
      // Texts with an unknown part, if a context is hidden.
      fc
        .tuple(
          fc.constantFrom("startsWith", "endsWith", "contains"),
          fc.constantFrom("{0}", "a{0}", "{0}b", "a{0}b{1}"),
          fc.record({
            kind: fc.constant("index" as const),
            of: context,
            index: fc.constantFrom("B", "os", "ref").map(text),
          }),
          fc.constantFrom("a", "b", "ax", "xb", "Ab", "axbyb", "alinux", ""),
        )
        .map(([name, template, part, affix]): Expression => ({
          kind: "call",
          name,
          args: [{ kind: "call", name: "format", args: [text(template), part, text("y")] }, text(affix)],
        })),
      fc
        .constantFrom("[1,2]", '["linux"]', '{"name":"a"}', '"A"', "null")
        .map((json): Expression => ({ kind: "call", name: "fromJSON", args: [text(json)] })),
    ),
  };
}).tree;
