import { expect, test } from "vitest";
import { parse } from "yaml";
import { actionCommands, actionInputs, actionOutputs, matrixOutput } from "./action-contract.ts";
import { planWorkflow } from "./plan-workflow.ts";
import { renderWorkflow } from "./render-workflow.ts";
import { makeFacts, service } from "./testing/facts.ts";

const texts = [
  renderWorkflow(planWorkflow(makeFacts())),
  renderWorkflow(planWorkflow(makeFacts({ jobs: "single" }))),
  renderWorkflow(
    planWorkflow(makeFacts({ services: Array.from({ length: 600 }, (_, index) => service(`s${index}`)) })),
  ),
];

test("the workflow uses every command of the action, and no other", () => {
  const used = texts.flatMap((text) => [...text.matchAll(/^ +command: (\w+)$/gm)].map(([, command]) => command));
  expect(new Set(used)).toEqual(new Set(actionCommands));
});

test("the workflow reads only outputs that the action has", () => {
  const read = texts.flatMap((text) =>
    [...text.matchAll(/steps\.\w+\.outputs\.([\w-]+)/g)].map(([, name = ""]) => name),
  );
  const known = new Set([...Object.keys(actionOutputs), matrixOutput(2), matrixOutput(3)]);
  expect(read.filter((name) => !known.has(name))).toEqual([]);
  expect(new Set(read)).toEqual(known);
});

test("only `command` must be given", () => {
  const required = Object.entries(actionInputs).filter(([, input]) => input.required);
  expect(required.map(([name]) => name)).toEqual(["command"]);
  expect(parse(actionInputs.runners.fallback)).toHaveProperty(["linux/amd64"], "ubuntu-24.04");
});
