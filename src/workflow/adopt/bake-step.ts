import { type YamlMap, inputLines, yamlText } from "../../formats/yaml-data.ts";
import { type Draft, refuse } from "./draft.ts";
import type { SourceStep } from "./source.ts";

const known = new Set(
  "files targets set push source workdir pull no-cache builder provenance sbom load github-token".split(" "),
);

/** Reads a step of docker/bake-action. Services, images and tags come from the bake file itself. */
export function addBake(draft: Draft, step: SourceStep, inputs: YamlMap): void {
  draft.bakes = true;
  const problem = (message: string): void => refuse(draft, step.line, message);
  if (!draft.options.readsBake) {
    const files = [...draft.options.files.paths].filter((path) =>
      /^docker-bake(?:\.override)?\.(?:hcl|json)$/.test(path),
    );
    problem(
      files.length === 0
        ? "docker/bake-action, since no bake file is at the repository's root: name it under `from` in slipway.yaml"
        : `docker/bake-action, since docker buildx is not here to read ${files.join(", ")}: install it, and run init again`,
    );
  }
  for (const key of Object.keys(inputs))
    if (!known.has(key)) problem(`the input "${key}" of bake: write it into the bake file`);
  for (const key of ["no-cache", "sbom"] as const)
    if (!["", "false"].includes(yamlText(inputs[key])))
      problem(`the input "${key}" of bake, which Slipway does not have`);
  const targets = inputLines(inputs["targets"], "commas");
  if (targets.some((target) => target !== "default"))
    problem(`targets "${targets.join(", ")}": name them under bakeTargets in slipway.yaml`);
  for (const line of inputLines(inputs["set"])) {
    if (!/^[^=]*\.(?:cache-(?:from|to)|output|attest|provenance)\b/.test(line))
      problem(`set "${line}": write it into the bake file`);
  }
  if (/steps\.[^.\s]+\.outputs\.bake-file/.test(yamlText(inputs["files"])))
    problem("the bake file that docker/metadata-action makes: write tags into the bake file or slipway.yaml");
  draft.replaced.add("docker/bake-action's caches, outputs and attestations: Slipway has its own");
}
