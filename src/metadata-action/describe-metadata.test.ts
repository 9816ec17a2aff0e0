import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Evaluated,
  makeObject,
  makeText,
  makeValue,
  renderText,
  type TextPart,
  textPartsOf,
  unknown,
} from "../expressions/evaluated.ts";
import { fromData } from "../expressions/json-values.ts";
import { evaluateText } from "../expressions/template.ts";
import { describeMetadata, type Metadata } from "./describe-metadata.ts";
import { rows, type RunFacts, runs } from "./testing/rows.ts";

type Outputs = Readonly<Record<string, string>>;
type Fact = readonly [row: number, run: string, outputs: Outputs | null];

const facts = JSON.parse(readFileSync(join(import.meta.dirname, "testing/facts.json"), "utf8")) as readonly Fact[];

/** The context of a run; what GitHub's API tells the action is part of it here. */
function githubOf({ event, ref, sha, payload }: RunFacts, hidden: readonly string[] = []): Evaluated {
  const data = fromData(payload);
  if (data?.kind !== "object") throw new TypeError("a payload is an object");
  const repository = fromData({ name: "shop", html_url: "https://github.com/acme/shop", default_branch: "main" });
  const more = { description: "A shop", license: { spdx_id: "MIT" } };
  const whole = repository?.kind === "object" ? [...repository.members.values()] : [];
  const members = [...data.members.values()].map(({ name, value }) => [name, value] as const);
  return makeObject({
    event_name: makeValue(event),
    ref: makeValue(ref),
    sha: hidden.includes("sha") ? unknown("github.sha") : makeValue(sha),
    event: makeObject([
      ...members,
      [
        "repository",
        makeObject([
          ...whole.map(({ name, value }) => [name, value] as const),
          ["description", makeValue(more.description)],
          ["license", fromData(more.license)],
        ]),
      ],
    ]),
  });
}

function valuesOf(texts: Readonly<Record<string, string>> = {}): Map<string, Evaluated> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, makeValue(text)]));
}

/** Whether a text can be this one. */
function admits(parts: readonly TextPart[], text: string): boolean {
  const pattern = (all: readonly TextPart[]): string =>
    all
      .map((part) =>
        typeof part === "string"
          ? part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (each) => `\\${each}`)
          : part.maybe === undefined
            ? "[^]*"
            : `(?:${pattern(part.maybe)})?`,
      )
      .join("");
  return new RegExp(`^${pattern(parts)}$`).test(text);
}

/** The outputs that are not what the action made; `known`: nothing but times may be unknown. */
function wrongOutputs(made: Metadata, outputs: Outputs | null, known: boolean): string[] {
  if (outputs === null) return made.fault === undefined && known ? ["no fault was found"] : [];
  if (made.fault !== undefined) return [`fault: ${made.fault}`];
  return Object.entries(outputs).flatMap(([name, text]) => {
    const output = made.outputs.get(name) ?? makeValue(null);
    if (name === "json") return [];
    const isRight = admits(textPartsOf(output), text);
    const isKnown = output.kind === "value" || !known || /labels|annotations/.test(name);
    return isRight && isKnown ? [] : [`${name}: ${renderText(output)} for ${text}`];
  });
}

/** Tags that the action made and that are not described, and the other way round; a line of an unknown kind may stand anywhere. */
function contradictions({ tags, outputs }: Metadata, made: Outputs): string[] {
  const separator = made["tags"]?.includes("\n") === true ? "\n" : /[\n,]/;
  const lines = (made["tags"] ?? "").split(separator).filter((line) => line !== "");
  const fits = (line: string): boolean => tags.some(({ text }) => admits(textPartsOf(text), line));
  const isMade = (text: Evaluated): boolean => lines.some((line) => admits(textPartsOf(text), line));
  const version = outputs.get("version") ?? makeValue(null);
  return [
    ...lines.filter((line) => !fits(line)).map((line) => `${line} is not described`),
    ...tags
      .filter(({ text, because }) => because.length === 0 && !isMade(text))
      .map(({ text }) => `${renderText(text)} is not made`),
    ...(admits(textPartsOf(version), made["version"] ?? "") ? [] : [`the version ${renderText(version)}`]),
  ];
}

describe("docker/metadata-action", () => {
  it("makes of a table of inputs and events what is described here", () => {
    expect(facts.length).toBeGreaterThan(200);
    const wrong = facts.flatMap(([index, on, outputs]) => {
      const row = rows[index];
      const run = runs[on];
      if (row === undefined || run === undefined) return [`row ${index} is not there`];
      const made = describeMetadata({ inputs: valuesOf(row.inputs), env: valuesOf(row.env), github: githubOf(run) });
      const isDated = /\{\{\s*(?:commit_)?date/.test(row.inputs["tags"] ?? "");
      return wrongOutputs(made, outputs, !isDated).map((each) => `${JSON.stringify(row.inputs)} on ${on}: ${each}`);
    });
    expect(wrong).toEqual([]);
  });

  it("makes nothing that contradicts what is known with parts of the inputs hidden", () => {
    const wrong = facts.flatMap(([index, on, outputs]) => {
      const row = rows[index];
      const run = runs[on];
      if (row === undefined || run === undefined || outputs === null) return [];
      // Each value of an attribute in turn.
      const tags = row.inputs["tags"] ?? "";
      return [...tags.matchAll(/=([^,={}\n"]+)/g)].slice(0, 6).flatMap(({ 0: whole, 1: value = "", index: at }) => {
        const parts = [tags.slice(0, at + 1), { because: ["hidden"] }, tags.slice(at + whole.length)];
        const inputs = valuesOf(row.inputs).set("tags", makeText(parts));
        const made = describeMetadata({ inputs, env: valuesOf(row.env), github: githubOf(run, ["sha"]) });
        return contradictions(made, outputs).map(
          (each) => `${JSON.stringify(tags)} on ${on} without ${value}: ${each}`,
        );
      });
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ["type=raw,value=a\ntype=raw,value=‹x›", "main", ["a", "‹x› if x"]],
    ["type=raw,value=latest,enable=‹x›\ntype=sha", "main", ["latest if x", "sha-0123456"]],
    ["type=semver,pattern={{version}},value=‹x›", "main", ["‹x (version)› if x", "latest if x"]],
    ["type=semver,pattern={{major}}.{{minor}}", "v1.2.3", ["1.2", "latest"]],
    ["type=ref,event=branch,suffix=-‹x›", "main", ["main-‹x›"]],
    ["‹x›", "main", ["‹x› if x", "latest if x"]],
    ["type=raw,value={{date 'YYYYMMDD'}}", "main", ["‹date 'YYYYMMDD'›"]],
    ["type=raw,value={{#if x}}a{{/if}}b", "main", ["‹{{#if x}}a{{/if}}b› if {{#if x}}a{{/if}}b"]],
    ["type=edge,branch=‹x›", "main", ["edge if x"]],
    ["type=match,pattern=‹x›,group=1", "v1.2.3", ["‹x, pattern=‹x›› if x, pattern=‹x›", "latest if x, pattern=‹x›"]],
  ])("with the tags %j on %s names what they hang on", (tags, on, wanted) => {
    const run = runs[on];
    if (run === undefined) throw new RangeError(`there is no run ${on}`);
    const parts = tags.split(/(‹x›)/).map((part): TextPart => (part === "‹x›" ? { because: ["x"] } : part));
    const inputs = new Map<string, Evaluated>([["tags", makeText(parts)]]);
    const made = describeMetadata({ inputs, env: new Map(), github: githubOf(run) });
    const shown = made.tags.map(({ text, because }) =>
      because.length === 0 ? renderText(text) : `${renderText(text)} if ${because.join(", ")}`,
    );
    expect(shown).toEqual(wanted);
  });

  it("gives JSON whose known members can be read though its time is not known", () => {
    const run = runs["v1.2.3"];
    if (run === undefined) throw new RangeError("the run is not there");
    const inputs = valuesOf({ images: "acme/a\nacme/b", tags: "type=ref,event=tag" });
    const { outputs } = describeMetadata({ inputs, env: new Map(), github: githubOf(run) });
    const contexts = new Map([["json", outputs.get("json") ?? makeValue(null)]]);
    const ask = (text: string): string => renderText(evaluateText(text, { contexts }));
    expect(ask("join(fromJSON(json).tags, ' ')")).toBe("acme/a:v1.2.3 acme/a:latest acme/b:v1.2.3 acme/b:latest");
    expect(ask("fromJSON(json).labels['org.opencontainers.image.version']")).toBe("v1.2.3");
    expect(ask("fromJSON(json).labels['org.opencontainers.image.created']")).toBe("‹the time of the run›");
  });
});
