import { expect, test } from "vitest";
import type { Diagnostic } from "../../errors.ts";
import { checkEnvironment } from "./check-environment.ts";
import type { ArgLayer } from "./layer.ts";

const token = `ghp_${"a1B2c3D4e5".repeat(3)}`;

function faultsIn(text: string, args: Readonly<Record<string, ArgLayer>> = {}): string[] {
  const faults: Diagnostic[] = [];
  checkEnvironment({ service: "api", file: "api/Dockerfile", text, args }, faults);
  return faults.map(({ file, line, message }) => `${file}:${line}: ${message.split(" is refused")[0] ?? ""}`);
}

test.each<[string, string, string[]]>([
  ["ENV with a token", `FROM a\nENV A=1 GH=${token}\n`, ['api/Dockerfile:2: ENV GH of "api"']],
  ["an arg's default", `FROM a\nARG GH=${token}\n`, ['api/Dockerfile:2: ARG GH of "api"']],
  ["an arg before the first stage", `ARG GH=${token}\nFROM a\n`, ['api/Dockerfile:1: ARG GH of "api"']],
  ["a private key", 'FROM a\nENV KEY="-----BEGIN RSA PRIVATE KEY-----"\n', ['api/Dockerfile:2: ENV KEY of "api"']],
  ["a placeholder of a secret's name", "FROM a\nENV SECRET_KEY=changeme DATABASE_URL=postgres://a:b@db/x\n", []],
  ["a variable that another names", "FROM a\nARG GH_TOKEN\nENV GH_TOKEN=$GH_TOKEN\n", []],
  ["a token that is in no variable", `FROM a\n# ${token}\n`, []],
  ["a Dockerfile with faults", `FROM a\nNOTHING ${token}\n`, []],
])("%s", (_, text, wanted) => {
  expect(faultsIn(text)).toEqual(wanted);
});

test("one that slipway.yaml allows, with a reason, stays", () => {
  const allowed = { GH: { allow: "an example of the documentation", at: { file: "slipway.yaml" } } };
  expect(faultsIn(`FROM a\nENV GH=${token}\n`, allowed)).toEqual([]);
});

test("the value is not in the message", () => {
  const faults: Diagnostic[] = [];
  checkEnvironment({ service: "api", file: "Dockerfile", text: `FROM a\nENV GH=${token}\n`, args: {} }, faults);
  expect(JSON.stringify(faults)).not.toContain(token);
});
