import { makeNodeHost } from "../node-host.ts";
import { runAction } from "./run-action.ts";
import { makeRunner } from "./runner.ts";

// A cancelled run receives SIGINT, and SIGTERM some seconds later. The first signal stops builds.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

process.exitCode = await runAction(makeNodeHost({ signal: stop.signal }), ({ files }) => makeRunner(files.summary));
