// Writes events to the file named on the command line until it is killed; says so once a hundred are written.
import { makeTestHost } from "../../testing/test-host.ts";
import { makeEventFile } from "../event-file.ts";

const file = makeEventFile(process.argv[2] ?? "", makeTestHost());
for (let count = 0; ; count++) {
  file.emit({ kind: "warning", message: "x".repeat(count % 5000) });
  if (count === 100) process.stdout.write("written\n");
}
