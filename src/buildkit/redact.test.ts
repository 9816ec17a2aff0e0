import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeRedact } from "./redact.ts";

describe("redaction", () => {
  const cases: readonly [name: string, secrets: readonly string[], text: string, expected: string][] = [
    ["hides a value wherever it is", ["hunter2"], "a hunter2 b=hunter2", "a *** b=***"],
    ["hides a value whose file ends with a newline", ["hunter2\n"], "hunter2", "***"],
    ["hides base64 of a value", ["hunter2"], "aHVudGVyMg==", "***"],
    ["hides base64 of a value with its newline", ["hunter2\n"], "aHVudGVyMgo=", "***"],
    ["hides a value in a URL's form", ["p@ss/word"], "q=p%40ss%2Fword", "q=***"],
    ["hides each line of a key", ["-----BEGIN\nMIIabc\n}\n"], "MIIabc }", "*** }"],
    ["hides the longer of two secrets whole", ["abc", "abcdef"], "abcdef", "***"],
    ["hides a short value", ["x1"], "is x1", "is ***"],
    ["hides credentials in a URL", [], "GET https://me:pw@host/v2/", "GET https://***@host/v2/"],
    ["hides a password that holds an @", [], "GET https://me:p@w@host/v2/", "GET https://***@host/v2/"],
    ["leaves an address in a path alone", [], "https://host/a@sha256:1", "https://host/a@sha256:1"],
    ["is not put off by an empty secret", ["", "\n"], "text", "text"],
  ];
  test.each(cases)("%s", (_name, secrets, text, expected) => {
    expect(makeRedact(secrets)(text)).toBe(expected);
  });

  test("leaves nothing of a secret in any text around it", () => {
    const secret = fc.string({ minLength: 8, unit: fc.constantFrom("A", "B", "C", "D", "%", "/", "+") });
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        expect(makeRedact([value])(`${before}${value}${after}`)).not.toContain(value);
      }),
    );
  });
});
