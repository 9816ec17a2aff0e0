import { expressionDelimiters, replaceSpans } from "../../formats/spans.ts";
import { type YamlMap, yamlText } from "../../formats/yaml-data.ts";
import { type Draft, refuse, titleOf } from "./draft.ts";
import type { SourceStep } from "./source.ts";
import { loginOf } from "./step-kinds.ts";

const understood = new Set(["registry", "username", "password", "logout", "ecr", "scope"]);

/** Reads a login. A login with more than a host, a user and a password stays a step. */
export function addLogin(draft: Draft, step: SourceStep, inputs: YamlMap | undefined): void {
  if (inputs === undefined) return keepLogin(draft, step);
  const login = loginOf(inputs);
  if (login === undefined) {
    draft.replaced.add("the login to GitHub's registry: each job logs in with its own token");
    return;
  }
  const hasOthers =
    Object.keys(inputs).some((key) => !understood.has(key)) || "scope" in inputs || inputs["ecr"] === "true";
  const isPlain =
    !hasOthers &&
    !login.host.includes("$") &&
    login.user !== "" &&
    !/[\s$]/.test(login.host + replaceSpans(login.user, [expressionDelimiters], () => ""));
  const before = draft.registries.get(login.host);
  if (before !== undefined && (before.user !== login.user || before.password !== login.password)) {
    refuse(draft, step.line, `a second login to ${login.host} with other secrets: use the same for all builds`);
  }
  if (isPlain) {
    draft.registries.set(login.host, login);
    draft.replaced.add(`the login to ${login.host}: a line of Slipway's input "registries"`);
  } else keepLogin(draft, step);
}

function keepLogin(draft: Draft, step: SourceStep): void {
  if (step.text === "" || step.text.includes("matrix.")) {
    const because = step.text === "" ? "the file uses YAML aliases" : "it depends on the matrix";
    return refuse(draft, step.line, `the login "${titleOf(step)}", since ${because}: write it out`);
  }
  draft.logins.set(step.text, { id: yamlText(step.value["id"]), text: step.text });
}
