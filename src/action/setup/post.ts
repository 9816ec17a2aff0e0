import { readRun } from "../../github/run.ts";
import { makeNodeHost } from "../../node-host.ts";
import { makeRunner } from "../runner.ts";
import { runPost } from "./run-post.ts";

const host = makeNodeHost();
const run = await readRun(host.env);
await runPost({ host, runner: makeRunner(run.ci.files.summary) });
