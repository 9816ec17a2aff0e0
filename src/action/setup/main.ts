import { fileURLToPath } from "node:url";
import { readRun } from "../../github/run.ts";
import { makeNodeHost } from "../../node-host.ts";
import { makeRunner } from "../runner.ts";
import { runSetup } from "./run-setup.ts";

const host = makeNodeHost();
const run = await readRun(host.env);
const program = fileURLToPath(new URL("stand-in.js", import.meta.url));
const programs = { node: process.execPath, program };
const runner = makeRunner(run.ci.files.summary);
process.exitCode = await runSetup({ host, runner, run, programs, platform: process.platform });
