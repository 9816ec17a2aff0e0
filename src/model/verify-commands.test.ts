import { expect, test } from "vitest";
import { type KeylessSigners, verifyCommands } from "./verify-commands.ts";

const image = "ghcr.io/acme/shop/api@sha256:1";
const signers: KeylessSigners = {
  repository: "https://github.com/acme/shop",
  issuer: "https://token.actions.githubusercontent.com",
  workflows: undefined,
  refs: ["refs/heads/main", "refs/tags/v*"],
  root: undefined,
  isKnownToCosign: true,
};

function pattern(changes: Partial<KeylessSigners> = {}): RegExp {
  const [command = ""] = verifyCommands(image, { ...signers, ...changes });
  return new RegExp(/--cert-identity-regex '(.*?)'/.exec(command)?.[1] ?? "");
}

const subject = "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main";
const listed = { workflows: [".github/workflows/release.yml", "acme/ci/.github/workflows/build.yml"] };

test.each<[string, Partial<KeylessSigners>, string, boolean]>([
  ["trunk", {}, subject, true],
  ["a version's tag", {}, subject.replace("heads/main", "tags/v1.3.0"), true],
  ["another branch", {}, subject.replace("main", "other"), false],
  ["a branch whose name begins alike", {}, `${subject}2`, false],
  ["another repository", {}, subject.replace("acme/shop", "eve/shop"), false],
  ["a host that differs where a dot is", {}, subject.replace("github.com", "githubxcom"), false],
  ["the workflow that is listed", listed, subject, true],
  ["a called workflow that is listed", listed, subject.replace("shop", "ci").replace("release", "build"), true],
  ["a workflow that is not listed", listed, subject.replace("release", "other"), false],
])("an image signed by %s: %s", (_, changes, signed, isMatched) => {
  expect(pattern(changes).test(signed)).toBe(isMatched);
});

test.each<[string, KeylessSigners | undefined, string[]]>([
  ["the public instance", signers, ["gh", "cosign", "slipway"]],
  ["GitHub's instance", { ...signers, isKnownToCosign: false }, ["gh", "slipway"]],
  [
    "an instance whose root is a file",
    { ...signers, isKnownToCosign: false, root: "root.json" },
    ["gh", "cosign", "slipway"],
  ],
  ["another server", { ...signers, repository: "https://github.acme.test/acme/shop" }, ["slipway"]],
  ["a key", undefined, ["slipway"]],
])("tools for %s", (_, given, tools) => {
  expect(verifyCommands(image, given).map((command) => command.split(" ")[0])).toEqual(tools);
});
