import { makeNodeHost } from "../../node-host.ts";
import { makeRunner } from "../runner.ts";
import { exportBuildRecord } from "./export-build-record.ts";

await exportBuildRecord(makeNodeHost(), makeRunner(undefined));
