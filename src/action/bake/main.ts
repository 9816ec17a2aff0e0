import { makeNodeHost } from "../../node-host.ts";
import { makeRunner } from "../runner.ts";
import { runBake } from "./run-bake.ts";

// A run that is cancelled gets SIGINT, and SIGTERM some seconds later: builds are stopped by the first.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

process.exitCode = await runBake(makeNodeHost({ signal: stop.signal }), ({ files }) => makeRunner(files.summary));
