import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { everyCommand, leafCommands, pathOf } from "./command-tree.ts";
import { makeProgram, runCli } from "./program.ts";

// Messages and hints name command lines. Those in the sources are read here, and must parse as people would type them.

interface SourceLine {
  readonly at: string;
  readonly text: string;
}

const source = resolve(import.meta.dirname, "..");
const program = makeProgram(makeTestHost(), () => undefined);
const commands = everyCommand(program).flatMap((command) => [pathOf(command), ...command.aliases()]);

/** Lines of the program's sources, without comments; what a template fills in is `x`. */
function readSources(under: string): SourceLine[] {
  return readdirSync(join(source, under), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.split("/").includes("testing"))
    .sort()
    .flatMap((path) =>
      readFileSync(join(source, under, path), "utf8")
        .split("\n")
        .map((line, at) => ({ at: `${join(under, path)}:${at + 1}`, text: fillTemplates(line) }))
        .filter(({ text }) => !/^\s*(?:\/\/|\/\*|\*)/.test(text)),
    );
}

function fillTemplates(line: string): string {
  let text = "";
  let depth = 0;
  for (let at = 0; at < line.length; at += 1) {
    if (line.startsWith("${", at)) {
      if (depth === 0) text += "x";
      depth += 1;
      at += 1;
    } else if (depth > 0) {
      if (line[at] === "{") depth += 1;
      if (line[at] === "}") depth -= 1;
    } else text += line[at];
  }
  return text;
}

/** Each `slipway COMMAND …` of a line, up to where the sentence goes on. */
function commandLinesIn({ at, text }: SourceLine): SourceLine[] {
  return [...text.matchAll(/(\\`)?\bslipway ((?:[a-z]+)[^"`\\;:,)|\n]*)/g)].flatMap(([, tick, line = ""]) => {
    const words = line.trim().split(/\s+/);
    const [first = ""] = words;
    if (!commands.some((command) => command === first || command.startsWith(`${first} `))) return [];
    // Without backticks a sentence may go on behind the command.
    const end =
      tick === undefined ? words.findIndex((word) => ["which", "writes", "again", "to", "it"].includes(word)) : -1;
    return [{ at, text: words.slice(0, end < 0 ? words.length : end).join(" ") }];
  });
}

const named = [
  ...new Map(
    readSources("")
      .flatMap(commandLinesIn)
      .map((each) => [each.text, each]),
  ).values(),
];

describe("command lines that messages and hints name", () => {
  test("are found in the sources", () => {
    expect(named.length).toBeGreaterThan(15);
    expect(named.map(({ text }) => text)).toContain("abandon x");
  });

  // Without git they come as far as the repository, which is past everything that could be wrong with the words.
  test.each(named)("$at: slipway $text is understood", async ({ text }) => {
    const noGit = (): Promise<never> => Promise.reject(new SlipwayError("repository", "no git here"));
    const host = makeTestHost({ cwd: tmpdir(), run: noGit, attach: noGit });
    await runCli(host, text.split(" "));
    expect(host.printed.stderr).toContain("no git here");
  });

  test("say whose option it is where several commands may end with the message", () => {
    const shared = ["records", "images", "registry"].flatMap(readSources);
    const optionsOf = leafCommands(program).map(({ options }) => options.map(({ long }) => long));
    const ours = new Set(optionsOf.flat().filter((option) => !optionsOf.every((options) => options.includes(option))));
    const bare = shared
      .filter(({ text }) => /hint|message|because/i.test(text) || /^\s*["`]/.test(text))
      .map(({ at, text }) => ({ at, text: text.replaceAll(/(?:slipway|git|docker) [^"`\\;,)]*/g, "") }))
      .filter(({ text }) => [...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].some(([option]) => ours.has(option)));
    expect(bare).toEqual([]);
  });
});
