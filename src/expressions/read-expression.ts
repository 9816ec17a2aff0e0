import type { Comparison, Expression } from "./expression.ts";
import { argumentCounts } from "./function-names.ts";
import { ExpressionFault, readTokens, type Sign, type Token } from "./tokens.ts";

/** Parsed expression, or the fault of the text, with its index in the text. */
export type ReadExpression =
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "fault"; readonly message: string; readonly at: number };

/** Limit of an expression's length. Source: GitHub's runner, `ExpressionConstants.MaxLength`. */
const mostCharacters = 21_000;
/** Limit of the tree's depth. Source: GitHub's runner, `ExpressionConstants.MaxDepth`. */
const mostLevels = 50;
/** Limit of nested groups. They add no level to the tree, but the parser calls itself for each. */
const mostGroups = 500;

/** Parses one of GitHub's expressions, without the `${{ }}` around it. Source: GitHub's runner, `ExpressionParser`. */
export function readExpression(text: string): ReadExpression {
  try {
    if (text.length > mostCharacters) {
      throw new ExpressionFault(
        `the expression has ${text.length} characters; GitHub reads ${mostCharacters}: shorten it`,
        mostCharacters,
      );
    }
    return { kind: "expression", expression: parse(text, readTokens(text)) };
  } catch (error) {
    if (error instanceof ExpressionFault) return { kind: "fault", message: error.message, at: error.at };
    throw error;
  }
}

function parse(text: string, tokens: readonly Token[]): Expression {
  const parser = new Parser(text, tokens);
  const expression = parser.readOr();
  parser.expectEnd();
  return expression;
}

/** Parser over the tokens; tracks the depth of the parsed parts. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #levels = new WeakMap<Expression, number>();
  #next = 0;
  #nested = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  readOr(): Expression {
    const of = [this.#readAnd()];
    while (this.#take("||")) of.push(this.#readAnd());
    return this.#joined("or", of);
  }

  #readAnd(): Expression {
    const of = [this.#readComparison(["==", "!="])];
    while (this.#take("&&")) of.push(this.#readComparison(["==", "!="]));
    return this.#joined("and", of);
  }

  /** Parses comparisons; `==` and `!=` bind less tightly than `<` and its like. */
  #readComparison(operators: readonly Comparison[]): Expression {
    const readSide = (): Expression =>
      operators.includes("==") ? this.#readComparison(["<", "<=", ">", ">="]) : this.#readNot();
    let left = readSide();
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token?.kind !== "compare" || !operators.includes(token.operator)) return left;
      this.#next += 1;
      const right = readSide();
      left = this.#made({ kind: "compare", operator: token.operator, left, right }, [left, right]);
    }
  }

  #readNot(): Expression {
    if (!this.#take("!")) return this.#readIndexed();
    const of = this.#inside(() => this.#readNot());
    return this.#made({ kind: "not", of }, [of]);
  }

  #readIndexed(): Expression {
    const token = this.#tokens[this.#next];
    let of = this.#readPrimary();
    if (token?.kind === "literal") return of;
    for (;;) {
      if (this.#take(".")) {
        const index = this.#take("*") ? "*" : this.#readMember();
        of = this.#made({ kind: "index", of, index }, [of]);
      } else if (this.#take("[")) {
        const index = this.#take("*") ? "*" : this.#inside(() => this.readOr());
        this.#expect("]");
        of = this.#made({ kind: "index", of, index }, index === "*" ? [of] : [of, index]);
      } else return of;
    }
  }

  #readMember(): Expression {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "name") throw this.#unexpected("the name of a member");
    this.#next += 1;
    return { kind: "literal", value: token.text };
  }

  #readPrimary(): Expression {
    const token = this.#tokens[this.#next];
    if (token?.kind === "literal") {
      this.#next += 1;
      return { kind: "literal", value: token.value };
    }
    if (token?.kind === "name") {
      this.#next += 1;
      return this.#take("(") ? this.#readCall(token.text, token.at) : { kind: "context", name: token.text };
    }
    if (!this.#take("(")) throw this.#unexpected("a value");
    const expression = this.#inside(() => this.readOr());
    this.#expect(")");
    return expression;
  }

  #readCall(name: string, at: number): Expression {
    const args: Expression[] = [];
    if (!this.#take(")")) {
      do args.push(this.#inside(() => this.readOr()));
      while (this.#take(","));
      this.#expect(")");
    }
    const counts = argumentCounts(name);
    if (counts === undefined) throw new ExpressionFault(`GitHub has no function "${name}"`, at);
    const [least, most] = counts;
    if (args.length < least || args.length > most) {
      const wanted = least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`;
      throw new ExpressionFault(`${name} takes ${wanted} arguments, and has ${args.length}`, at);
    }
    if (name.toLowerCase() === "case" && args.length % 2 === 0) {
      throw new ExpressionFault(`case takes pairs and a last value, and has ${args.length} arguments`, at);
    }
    return this.#made({ kind: "call", name, args }, args);
  }

  #joined(kind: "and" | "or", of: readonly Expression[]): Expression {
    const [first] = of;
    if (first !== undefined && of.length === 1) return first;
    // GitHub joins `(a && b) && c` to one list, too.
    const flat = of.flatMap((each) => (each.kind === kind ? each.of : [each]));
    return this.#made({ kind, of: flat }, flat);
  }

  #made(expression: Expression, parts: readonly Expression[]): Expression {
    const level = 1 + parts.reduce((most, each) => Math.max(most, this.#levels.get(each) ?? 1), 0);
    if (level > mostLevels) {
      throw new ExpressionFault(`the expression has more than ${mostLevels} levels; GitHub reads no more`, this.#at());
    }
    this.#levels.set(expression, level);
    return expression;
  }

  #inside(read: () => Expression): Expression {
    this.#nested += 1;
    if (this.#nested > mostGroups) {
      throw new ExpressionFault(`more than ${mostGroups} groups stand in one another; write fewer`, this.#at());
    }
    const expression = read();
    this.#nested -= 1;
    return expression;
  }

  #take(sign: Sign): boolean {
    const token = this.#tokens[this.#next];
    const isThere = token?.kind === "sign" && token.text === sign;
    if (isThere) this.#next += 1;
    return isThere;
  }

  #expect(sign: Sign): void {
    if (!this.#take(sign)) throw this.#unexpected(`"${sign}"`);
  }

  expectEnd(): void {
    if (this.#next < this.#tokens.length) throw this.#unexpected("an operator or the end");
  }

  #at(): number {
    return this.#tokens[this.#next]?.at ?? this.#text.length;
  }

  #unexpected(wanted: string): ExpressionFault {
    const at = this.#at();
    const found = this.#next < this.#tokens.length ? `"${this.#text.slice(at, at + 20)}" stands` : "the text ends";
    return new ExpressionFault(`${found} where ${wanted} belongs`, at);
  }
}
