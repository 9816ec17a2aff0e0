// The floor, in a process of its own, so that its code is as cold as Slipway's: reads what to ask from a file, prints the time.
import { readFileSync } from "node:fs";
import { type FloorRelease, releaseBare } from "./lookups.ts";

const [file = "", at = "64"] = process.argv.slice(2);
const release = JSON.parse(readFileSync(file, "utf8"), (_key, value: unknown) =>
  typeof value === "object" && value !== null && "base64" in value
    ? Buffer.from(String(value.base64), "base64")
    : value,
) as FloorRelease;
process.stdout.write(JSON.stringify(await releaseBare(release, at === "1" ? 1 : 64)));
