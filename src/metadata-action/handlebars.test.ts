import { describe, expect, it } from "vitest";
import { parseTemplate, renderTemplate } from "./handlebars.ts";

const values: Readonly<Record<string, string>> = { branch: "a&b", empty: "" };

function render(text: string): string | undefined {
  const template = parseTemplate(text);
  if (template === undefined) return "not read";
  return renderTemplate(template, (name, args) => (name === "date" ? args.join("|") : values[name]));
}

describe("a Handlebars template", () => {
  it.each([
    ["plain", "plain"],
    ["{{branch}}", "a&amp;b"],
    ["{{{branch}}}{{& branch}}", "a&ba&b"],
    ["x {{~ branch ~}} y", "xa&amp;by"],
    ["a{{! not seen }}b{{!-- nor this --}}", "ab"],
    ["{{nosuch}}-", "-"],
    ["{{nosuch 'a'}}", undefined],
    ["{{date 'YYYY' tz='Asia/Tokyo'}}", "&#x27;YYYY&#x27;|tz&#x3D;&#x27;Asia/Tokyo&#x27;"],
    ["{{#if branch}}x{{/if}}", "not read"],
    ["{{a.b}}", "not read"],
    ["{{date (x)}}", "not read"],
    ["{{branch", "not read"],
    ["\\{{branch}}", "not read"],
    ["{{{{raw}}}}", "not read"],
  ])("%s makes %s", (text, made) => expect(render(text)).toBe(made));
});
