import { note, stop, tellCommand } from "./demo-commands.ts";
import { type GitHub, startGitHub } from "./github/index.ts";
import { ensureGh } from "./github/tools.ts";
import type { Shop } from "./index.ts";
import { mustRun } from "./processes.ts";

const repository = "acme/shop";

/** GitHub as the demo uses it: the shop's repository, and the releases that become of it. */
export interface DemoGitHub {
  /** Setup of a person who gave Slipway a token. */
  readonly env: Readonly<Record<string, string>>;
  /** Shows the list of releases, then one of them, as the real `gh` sees it; says so where there is no `gh`. */
  show(tag: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts GitHub on loopback with the shop in it. */
export async function startDemoGitHub(shop: Shop): Promise<DemoGitHub> {
  const github = await startGitHub({ repository, git: shop.folder });
  const address = `${github.serverUrl}/${repository}.git`;
  await mustRun("giving the shop its remote", "git", ["-C", shop.folder, "remote", "add", "origin", address]);
  const token = github.token("everything");
  return {
    env: { GITHUB_API_URL: github.apiUrl, GITHUB_SERVER_URL: github.serverUrl, GH_TOKEN: token },
    show: (tag) => showRelease(github, token, tag),
    close: () => github.close(),
  };
}

async function showRelease(github: GitHub, token: string, tag: string): Promise<void> {
  const gh = await ensureGh(note);
  if (gh === undefined) {
    note("`gh` cannot be had here (it comes from PyPI); the releases, as the API has them:");
    for (const { html_url: url } of (await github.state()).releases) note(String(url));
    return;
  }
  const env = { ...process.env, ...github.ghEnv(token), GH_CONFIG_DIR: "/nonexistent" };
  for (const args of [
    ["release", "list"],
    ["release", "view", tag],
  ]) {
    tellCommand(`gh ${args.join(" ")}`);
    process.stdout.write(await mustRun("showing the release", gh, args, { env, signal: stop.signal }));
  }
}
