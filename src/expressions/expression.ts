/** Scalar of GitHub's expressions; numbers are doubles. */
export type Scalar = null | boolean | number | string;

/** Operator of a comparison. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Parsed expression. `a.b` is an index by the literal text `b`; `*` selects every member. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Scalar }
  | { readonly kind: "context"; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression | "*" }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly of: readonly Expression[] }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Renders an expression as text that parses to the same expression. */
export function renderExpression(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return renderLiteral(expression.value);
    case "context":
      return expression.name;
    case "index":
      return `${renderIndexed(expression.of)}${renderIndex(expression.index)}`;
    case "call":
      return `${expression.name}(${expression.args.map(renderExpression).join(", ")})`;
    case "not":
      return `!${renderOperand(expression.of)}`;
    case "and":
      return expression.of.map(renderOperand).join(" && ");
    case "or":
      return expression.of.map(renderOperand).join(" || ");
    case "compare":
      return `${renderOperand(expression.left)} ${expression.operator} ${renderOperand(expression.right)}`;
  }
}

function renderLiteral(value: Scalar): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function renderOperand(expression: Expression): string {
  const isOpen = expression.kind === "and" || expression.kind === "or" || expression.kind === "compare";
  return isOpen ? `(${renderExpression(expression)})` : renderExpression(expression);
}

/** Renders the left side of an index. GitHub accepts contexts, calls, other indexes and groups there. */
function renderIndexed(expression: Expression): string {
  const isPlain = expression.kind === "context" || expression.kind === "call" || expression.kind === "index";
  return isPlain ? renderExpression(expression) : `(${renderExpression(expression)})`;
}

function renderIndex(index: Expression | "*"): string {
  if (index === "*") return ".*";
  const name = index.kind === "literal" && typeof index.value === "string" ? index.value : "";
  return /^[a-z_][\w-]*$/i.test(name) ? `.${name}` : `[${renderExpression(index)}]`;
}

/** Returns the functions that an expression calls, in order, by lower-case name. */
export function calledFunctions(expression: Expression): string[] {
  switch (expression.kind) {
    case "literal":
    case "context":
      return [];
    case "index":
      return [
        ...calledFunctions(expression.of),
        ...(expression.index === "*" ? [] : calledFunctions(expression.index)),
      ];
    case "call":
      return [expression.name.toLowerCase(), ...expression.args.flatMap(calledFunctions)];
    case "not":
      return calledFunctions(expression.of);
    case "and":
    case "or":
      return expression.of.flatMap(calledFunctions);
    case "compare":
      return [...calledFunctions(expression.left), ...calledFunctions(expression.right)];
  }
}
