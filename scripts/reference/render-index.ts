import { documents } from "./render-schema.ts";

/** The index of `docs/reference`. */
export function renderIndex(): string {
  return `# Reference

Generated from the program: \`npm run docs\` writes everything here anew, and a test compares.

- [cli.md](cli.md): every command, argument, option and default; exit codes; JSON; environment
- [configuration.md](configuration.md): every key of \`slipway.yaml\`, and what is found without one
- [action.md](action.md): every input and output of the GitHub Action, and which runs are released
- [slipway.schema.json](slipway.schema.json): JSON Schema of \`slipway.yaml\`, for editors

## JSON documents

JSON Schema, draft 2020-12. Later versions may add fields; none is removed or changes its meaning within a \`version\`.

| schema | of what |
|---|---|
${documents.map(({ name, about }) => `| [${name}.schema.json](${name}.schema.json) | ${about} |`).join("\n")}
`;
}
