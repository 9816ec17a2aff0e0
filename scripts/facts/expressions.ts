/*
 * Writes what GitHub's own package makes of a table of expressions:
 *   node scripts/facts/expressions.ts FOLDER     where FOLDER holds the unpacked npm package @actions/expressions
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { renderExpression } from "../../src/expressions/expression.ts";
import { madeContexts, madeExpression } from "../../src/expressions/testing/made-expressions.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder of @actions/expressions");
const theirs = await import(pathToFileURL(resolve(folder, "dist/index.js")).href);
const { reviver } = await import(pathToFileURL(resolve(folder, "dist/data/reviver.js")).href);
const { replacer } = await import(pathToFileURL(resolve(folder, "dist/data/replacer.js")).href);
const contexts = JSON.parse(JSON.stringify(madeContexts), reviver);

const written = [
  "'a' == 'A'",
  "1 == '1'",
  "'' == 0",
  "null == ''",
  "true == 1",
  "'true' == true",
  "'abc' > 'ABB'",
  "null < 1",
  "NaN != NaN",
  "github.event == github.event",
  "github.event == 0",
  "matrix.os == 'Array'",
  "!matrix.none",
  "!matrix.os",
  "0 || '' || null",
  "1 && 'x' || 'y'",
  "'' && 'x' || 'y'",
  "1 < 2 == 2 > 1",
  "true && false || true && !false",
  "0x1F",
  ".5e1",
  "+3",
  "format('{0} {1} {2} {3}', true, null, 1.50, 'x')",
  "format('{{}}')",
  "format('{0}', github.event)",
  "contains('abc', 'B')",
  "contains('a10', 10)",
  "contains(matrix.os, 'LINUX')",
  "contains(github.event.labels.*.name, 'a')",
  "startsWith('Refs/x', 'refs/')",
  "startsWith(10, 1)",
  "endsWith('x.Y', '.y')",
  "endsWith(null, '')",
  "join(matrix.os)",
  "join(matrix.os, ' ')",
  "join('x', ',')",
  "join(github.event, ',')",
  "join(matrix.deep.*, '+')",
  "toJSON(github.event)",
  "toJSON('x\"y')",
  "fromJSON('[1,[2]]')[1][0]",
  "fromJSON('true') && 'yes'",
  "github.event.labels[0].name",
  "github.event.labels.*.id",
  "github.event.labels[5]",
  "github['REF']",
  "matrix.deep['a-b'][0][1]",
  "matrix.deep.*.*",
  "matrix.deep.a-b[1.9]",
  "github.*.number",
  "env.N > 9",
  "env.A == env.none",
  "case(false, 'a', true, 'b', 'c')",
  "case(false, 'a', 'c')",
] as const;
const made = fc.sample(madeExpression, { numRuns: 1200, seed: 20 }).map(renderExpression);
const facts: [expression: string, result: string | null][] = [];
for (const text of new Set([...written, ...made])) {
  // More would say nothing new.
  if (text.length > 160 || facts.length >= 400) continue;
  facts.push([text, resultOf(text)]);
}
const path = join(import.meta.dirname, "../../src/expressions/testing/facts.json");
writeFileSync(path, `[\n${facts.map((fact) => `  ${JSON.stringify(fact)}`).join(",\n")}\n]\n`);
console.log(`${facts.length} facts`);

/** As JSON; null where the package refuses the expression. */
function resultOf(text: string): string | null {
  try {
    const { tokens } = new theirs.Lexer(text).lex();
    const tree = new theirs.Parser(tokens, Object.keys(madeContexts), []).parse();
    return JSON.stringify(new theirs.Evaluator(tree, contexts).evaluate(), replacer);
  } catch {
    return null;
  }
}
