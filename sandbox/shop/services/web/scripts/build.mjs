// Checks the scripts, fills in settings, takes out comments and indentation, writes dist/.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const settings = { SITE_NAME: process.env.SITE_NAME ?? "Shop", API_BASE: process.env.API_BASE ?? "/api" };

mkdirSync("dist", { recursive: true });
for (const name of readdirSync("src")) {
  if (name.endsWith(".js")) execFileSync(process.execPath, ["--check", `src/${name}`], { stdio: "inherit" });
  const text = readFileSync(`src/${name}`, "utf8").replaceAll(/%([A-Z_]+)%/g, (whole, key) => settings[key] ?? whole);
  const lean = text.replaceAll(/^\s*(?:\/\/.*|\/\*.*\*\/)$/gm, "").replaceAll(/^\s+/gm, "");
  writeFileSync(`dist/${name}`, lean);
}
