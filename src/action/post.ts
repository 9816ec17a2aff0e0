import { makeNodeHost } from "../node-host.ts";
import { cleanUp } from "./clean-up.ts";
import { makeRunner } from "./runner.ts";

await cleanUp(makeNodeHost(), makeRunner(undefined));
