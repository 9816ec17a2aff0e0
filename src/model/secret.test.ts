import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

const secret = new Secret("ghs_0123456789");

test.each<[how: string, print: () => string]>([
  ["a text", () => secret.toString()],
  ["a sum of texts", () => "token " + String(secret)],
  ["a JSON document", () => JSON.stringify({ tokens: [secret] })],
  ["the console", () => inspect({ tokens: [secret] }, { depth: 9, showHidden: true })],
  ["a list of its fields", () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
  ["a copy", () => inspect(Object.assign({}, secret))],
  [
    "an error",
    () => String(new Error("refused", { cause: secret })) + inspect(new Error("refused", { cause: secret })),
  ],
])("a secret is not in %s", (_, print) => {
  expect(print()).not.toContain("ghs_");
});

test("a secret is revealed to whoever asks for it by name", () => {
  expect(secret.reveal()).toBe("ghs_0123456789");
});
