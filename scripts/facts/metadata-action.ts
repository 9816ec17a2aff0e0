/*
 * Writes what docker/metadata-action makes of a table of inputs and events:
 *   node scripts/facts/metadata-action.ts FILE     where FILE is the action's dist/index.cjs
 * GitHub's API is a server on loopback; the clock stands still.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { asFields, parseJson } from "../../src/formats/json.ts";
import { type Row, rows, runs } from "../../src/metadata-action/testing/rows.ts";

const action = process.argv[2];
if (action === undefined) throw new Error("name the action's dist/index.cjs");
const folder = mkdtempSync(join(tmpdir(), "metadata-facts-"));
const now = "2026-01-02T03:04:05.000Z";
const clock = `const D=Date;globalThis.Date=class extends D{constructor(...a){super(...(a.length?a:["${now}"]))}static now(){return D.parse("${now}")}}`;
const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  if (/\/commits\//.test(request.url ?? "")) {
    response.end(JSON.stringify({ commit: { committer: { date: "2025-12-31T23:30:00Z" } } }));
  } else {
    const repository = { name: "shop", html_url: "https://github.com/acme/shop", default_branch: "main" };
    response.end(JSON.stringify({ ...repository, description: "A shop", license: { spdx_id: "MIT" } }));
  }
});
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const address = server.address();
if (address === null || typeof address === "string") throw new Error("the server has no port");
const api = `http://127.0.0.1:${address.port}`;

const cases = rows.flatMap((row, index) => row.on.map((on) => ({ row, index, on })));
const facts: string[] = [];
const pairs = cases.map((_, at) => at).filter((at) => at % 2 === 0);
for (const at of pairs) facts.push(...(await Promise.all(cases.slice(at, at + 2).map(factOf))));
writeFileSync(
  join(import.meta.dirname, "../../src/metadata-action/testing/facts.json"),
  `[\n${facts.join(",\n")}\n]\n`,
);
server.close();
rmSync(folder, { recursive: true });
console.log(`${facts.length} facts`);

/** One line of JSON: row, run and outputs, or null where the action fails. */
async function factOf({ row, index, on }: { row: Row; index: number; on: string }): Promise<string> {
  const outputs = await runAction(row, on);
  const describes = ["labels", "annotations", "bake-target"].some((name) => name in row.inputs);
  const names = ["version", "tags", "tag-names", ...(describes ? ["labels", "annotations", "json"] : [])];
  const kept = outputs === undefined ? null : Object.fromEntries(names.map((name) => [name, outputs[name] ?? ""]));
  return `  ${JSON.stringify([index, on, kept])}`;
}

async function runAction(row: Row, on: string): Promise<Record<string, string> | undefined> {
  const run = runs[on];
  if (run === undefined) throw new RangeError(`there is no run ${on}`);
  const own = mkdtempSync(join(folder, "run-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(own, name), text);
    return join(own, name);
  };
  const env = {
    PATH: process.env["PATH"],
    HOME: own,
    RUNNER_TEMP: own,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(clock)}`,
    GITHUB_EVENT_PATH: file("event.json", JSON.stringify(run.payload)),
    GITHUB_OUTPUT: file("output", ""),
    GITHUB_ENV: file("env", ""),
    GITHUB_STATE: file("state", ""),
    GITHUB_STEP_SUMMARY: file("summary", ""),
    GITHUB_EVENT_NAME: run.event,
    GITHUB_REF: run.ref,
    GITHUB_SHA: run.sha,
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_API_URL: api,
    "INPUT_GITHUB-TOKEN": "none",
    INPUT_CONTEXT: "workflow",
    ...Object.fromEntries(Object.entries(row.inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ...row.env,
  };
  const failed = await new Promise<boolean>((done) => {
    execFile(process.execPath, [resolve(action ?? "")], { env, cwd: own }, (error) => done(error !== null));
  });
  return failed ? undefined : readOutputs(readFileSync(env.GITHUB_OUTPUT, "utf8"));
}

/** The lines of `GITHUB_OUTPUT`: `name<<mark`, the value, the mark. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name = "", , value = ""] of text.matchAll(/^([\w-]+)<<(\S+)\n([^]*?)\n?\2$/gm)) outputs[name] = value;
  const json = asFields(parseJson(outputs["json"] ?? ""));
  if (json !== undefined) outputs["json"] = JSON.stringify({ tags: json["tags"] });
  return outputs;
}
