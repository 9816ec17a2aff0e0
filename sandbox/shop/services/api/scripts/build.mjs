// Checks every source file and puts it into dist/.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";

for (const name of readdirSync("src")) execFileSync(process.execPath, ["--check", `src/${name}`], { stdio: "inherit" });
cpSync("src", "dist", { recursive: true });
