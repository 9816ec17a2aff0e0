import { describe, expect, test } from "vitest";
import { configurationError, SlipwayError, whileDoing } from "../errors.ts";
import { renderError } from "./render-error.ts";
import { makeStyle } from "./style.ts";

const plain = makeStyle(false);
const quiet = { verbose: false };

describe("an error", () => {
  test("says what was wrong and what to do next", () => {
    const error = new SlipwayError("credentials", 'pushing ghcr.io/acme/api: "denied"', {
      hint: "run docker login ghcr.io",
    });
    expect(renderError(error, plain, quiet)).toBe(
      'error: pushing ghcr.io/acme/api: "denied"\n hint: run docker login ghcr.io',
    );
  });

  test("shows every diagnostic once, a line each", () => {
    const error = configurationError(
      [
        { file: "slipway.yaml", line: 3, column: 5, message: 'unknown key "servces"' },
        { file: "slipway.yaml", message: "no services" },
      ],
      "see docs/reference",
    );
    expect(renderError(error, plain, quiet)).toBe(
      [
        'error: slipway.yaml:3:5: unknown key "servces"',
        "  slipway.yaml: no services",
        " hint: see docs/reference",
      ].join("\n"),
    );
  });

  test("tells its causes only when asked", () => {
    const cause = new Error("connect ECONNREFUSED 127.0.0.1:5000");
    const error = whileDoing("planning", new SlipwayError("unavailable", "ghcr.io did not answer", { cause }));
    expect(renderError(error, plain, quiet)).toBe("error: planning: ghcr.io did not answer");
    const verbose = renderError(error, plain, { verbose: true });
    expect(verbose).toContain(
      "\n  caused by: ghcr.io did not answer\n  caused by: connect ECONNREFUSED 127.0.0.1:5000\n",
    );
    expect(verbose).toContain("render-error.test.ts");
  });

  test("that nobody foresaw asks to be reported", () => {
    expect(renderError(new TypeError("x is undefined"), plain, quiet)).toBe(
      "error: x is undefined\n hint: this error is not expected; run the command again with --verbose and report the output",
    );
    expect(renderError("thrown text", plain, quiet)).toContain("error: thrown text");
  });

  test("whose causes go in a circle ends", () => {
    const first = new Error("first");
    const second = new Error("second", { cause: first });
    first.cause = second;
    expect(renderError(first, plain, { verbose: true })).toContain("caused by: second");
  });

  test("cannot steer the terminal", () => {
    const error = new SlipwayError("failed", "bad\u001b[2J name \u0007", { hint: "\u001b]0;x\u0007fix it" });
    expect(renderError(error, plain, quiet)).toBe("error: bad name \\x07\n hint: fix it");
  });

  test("is red, its hint cyan", () => {
    const error = new SlipwayError("failed", "broken", { hint: "mend it" });
    expect(renderError(error, makeStyle(true), quiet)).toBe(
      "\u001b[31merror:\u001b[39m broken\n\u001b[36m hint:\u001b[39m mend it",
    );
  });
});
