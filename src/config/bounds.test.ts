import { describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { Steps } from "../model/steps.ts";
import { parseEnvFile } from "./sources/env-file.ts";
import { interpolate, interpolateAt } from "./sources/interpolate.ts";
import { parseComposeDocuments } from "./sources/compose-node.ts";
import { originOf } from "./sources/compose-documents.ts";
import { faultsOf } from "./testing/repository.ts";
import type { Faults } from "./written/place.ts";
import { scanDockerfile } from "./sources/scan-dockerfile.ts";
import { parseYamlFile } from "./written/yaml-file.ts";

const unset = (): undefined => undefined;

function messageOf(work: () => unknown): string {
  try {
    work();
    return "";
  } catch (error) {
    return error instanceof SlipwayError && error.code === "configuration" ? error.message : String(error);
  }
}

function yamlFaults(text: string): string[] {
  const faults: Faults = [];
  parseYamlFile("compose.yaml", text, faults);
  return faults.map(({ line, message }) => `${line}: ${message}`);
}

describe("filling in variables", () => {
  test.each<[string, (steps: Steps, size: number) => void]>([
    ["variables", (steps, size) => void interpolate("$A ".repeat(size), () => "abc", steps)],
    ["braces that nothing closes", (steps, size) => void interpolate("${A".repeat(size), unset, steps)],
    ["defaults side by side", (steps, size) => void interpolate("${A:-b}".repeat(size), unset, steps)],
    ["an .env file", (steps, size) => void parseEnvFile(".env", "A=\"b\" # c\nB='x\n'\n".repeat(size), unset, steps)],
  ])("takes twice the steps for twice the input: %s", (_, work) => {
    const [once, twice] = [100, 200].map((size) => {
      const steps = new Steps(Number.POSITIVE_INFINITY);
      work(steps, size);
      return steps.taken;
    });
    expect(once).toBeGreaterThan(0);
    expect((twice ?? 0) / (once ?? 0)).toBeLessThan(2.1);
  });

  test("refuses defaults that are 3,000 deep, and reads 200", () => {
    const nested = (depth: number): string => `${"${A:-".repeat(depth)}x${"}".repeat(depth)}`;
    expect(interpolate(nested(3000), unset).fault).toBe("defaults are more than 200 deep in each other");
    expect(interpolate(nested(200), unset)).toMatchObject({ text: "x", fault: undefined });
  });

  test("ends at its limit, with the place", () => {
    const at = { file: "compose.yaml", line: 3, column: 7 };
    expect(messageOf(() => interpolateAt(at, "$A$A", () => "a".repeat(100), new Steps(150)))).toBe(
      'compose.yaml:3:7: to fill in the variables up to "$A$A" takes more than 150 steps: make the files simpler',
    );
  });

  test("ends where the values of an .env file double, with the line", () => {
    const text = `A=0123456789\n${"A=$A$A\n".repeat(40)}`;
    expect(messageOf(() => parseEnvFile("api/.env", text, unset))).toMatch(/^api\/\.env:19:1: /);
  });

  test("counts lines of an .env file past values of several lines", () => {
    const text = "A='1\n2'\n\nB=$C$C\n";
    const values = (name: string): string | undefined => (name === "C" ? "c".repeat(100) : undefined);
    expect(messageOf(() => parseEnvFile(".env", text, values, new Steps(150)))).toMatch(/^\.env:4:1: /);
  });
});

describe("a YAML file", () => {
  test.each([
    ["lists in lists", "a:\n" + "[".repeat(3000), "2: values are more than 200 deep in each other"],
    ["blocks in blocks", `a: 1\n${"- ".repeat(3000)}b`, "2: values are more than 200 deep in each other"],
    ["many aliases", `a: &a 1\nb: [${"*a,".repeat(1001)}]`, "2: the file has more than 1000 aliases"],
    ["many values", `a: 1\nb: [${"1,".repeat(50_000)}]`, "2: the file has more than 50000 values"],
    ["much text", `a: "${"b".repeat(2_097_152)}"`, "1: the file has more than 2,097,152 characters"],
  ])("is refused with the line: %s", (_, text, fault) => {
    expect(yamlFaults(text)).toEqual([fault]);
  });

  test("has every repeated key told where it is", () => {
    expect(yamlFaults("a: 1\nb: { c: 1, c: 2 }\na: 2\n")).toEqual([
      "2: Map keys must be unique",
      "3: Map keys must be unique",
    ]);
  });

  test("of Compose is refused where its aliases multiply", () => {
    const faults: Faults = [];
    const lines = Array.from(
      { length: 9 },
      (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(10)}]`,
    );
    const reading = {
      files: expect.anything(),
      env: unset,
      faults,
      warnings: new Set<string>(),
      steps: new Steps(1000),
    };
    parseComposeDocuments("compose.yaml", `a0: &a0 [x]\n${lines.join("\n")}`, originOf(".", reading), faults);
    expect(faults.map(({ message }) => message)).toEqual(["aliases make more than 100000 values of this file"]);
  });
});

describe("Compose files that name each other", () => {
  const readAll =
    "to read the files that include or extend each other takes more than 4,194,304 steps: make the files simpler";
  const service = "{ build: ., image: a.io/b }";
  const range = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

  test("are read a thousand times at most, however few they are: included", async () => {
    const files = Object.fromEntries(
      range(12).map((level) => [`c${level}.yaml`, `include: [c${level + 1}.yaml, c${level + 1}.yaml]\n`]),
    );
    const compose = "include: [c0.yaml]\nservices: {}\n";
    expect(await faultsOf({ files: { ...files, "c12.yaml": "services: {}\n", "compose.yaml": compose } })).toEqual([
      expect.stringMatching(`^c\\d+\\.yaml:1: ${readAll}$`),
    ]);
  });

  test("are read once each, however many services extend one of theirs", async () => {
    const services = range(1100).map((index) => `  s${index}: { extends: { file: base.yaml, service: base } }\n`);
    const files = {
      Dockerfile: "FROM scratch\n",
      "base.yaml": `services: { base: ${service} }\n`,
      "compose.yaml": `services:\n${services.join("")}`,
    };
    expect(await faultsOf({ files })).toEqual(["no error, but s0"]);
  });

  test("are refused with the line where each service in a row adds to what the one before it holds", async () => {
    const own = "build: { args: [A, B, C, D] }";
    const chain = range(1500).map((index) => `  s${index}: { extends: s${index + 1}, ${own} }\n`);
    const compose = `services:\n${chain.join("")}  s1500: ${service}\n`;
    const [fault = "", ...more] = await faultsOf({
      files: { Dockerfile: "FROM scratch\n", "compose.yaml": compose },
    });
    expect(more).toEqual([]);
    expect(fault).toMatch(
      /^compose\.yaml:\d+:\d+: to merge services with those that they extend takes more than 4,194,304 steps: make the files simpler$/,
    );
  });

  test("have four million characters together at most", async () => {
    const text = `services: { s: ${service} }\n#${"a".repeat(500_000)}\n`;
    const files = Object.fromEntries(range(9).map((index) => [`c${index}.yaml`, text]));
    const compose = `include: [${Object.keys(files).join(", ")}]\n`;
    const faults = await faultsOf({ files: { Dockerfile: "FROM scratch\n", ...files, "compose.yaml": compose } });
    expect(faults).toEqual([expect.stringMatching(`^c[78]\\.yaml:1: ${readAll}`)]);
  });
});

describe("the light scan of a Dockerfile", () => {
  test("reads lines that go on", () => {
    expect(scanDockerfile(`FROM a\nCOPY x \\\n${"b \\\n".repeat(20_000)}/d`).sources).toEqual(["x", "b"]);
  });

  test("takes no args for an image that hold each other many times over", () => {
    const args = Array.from({ length: 12 }, (_, index) => `ARG A${index + 1}=${`$A${index}`.repeat(10)}`);
    const { stages } = scanDockerfile(`ARG A0=abcdefghij\n${args.join("\n")}\nFROM $A1\nFROM $A12`);
    expect(stages.flatMap(({ uses }) => uses)).toEqual(["abcdefghij".repeat(10)]);
  });
});
