import { makeNodeHost } from "../../node-host.ts";
import { makeRunner } from "../runner.ts";
import { runBuildPush } from "./run-build-push.ts";

// A cancelled run receives SIGINT, and SIGTERM some seconds later. The first signal stops builds.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

process.exitCode = await runBuildPush(makeNodeHost({ signal: stop.signal }), ({ files }) => makeRunner(files.summary));
