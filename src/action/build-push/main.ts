import { makeNodeHost } from "../../node-host.ts";
import { makeRunner } from "../runner.ts";
import { runBuildPush } from "./run-build-push.ts";

// A run that is cancelled gets SIGINT, and SIGTERM some seconds later: builds are stopped by the first.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

process.exitCode = await runBuildPush(makeNodeHost({ signal: stop.signal }), ({ files }) => makeRunner(files.summary));
