import { expect, test } from "vitest";
import { type BakeArguments, readBakeArguments } from "./bake-arguments.ts";

const none: BakeArguments = {
  flags: [],
  words: [],
  builder: undefined,
  readsInput: false,
  remote: undefined,
  reports: { metadataFile: undefined, progress: "auto" },
  unknown: undefined,
};

test.each<[string, Partial<BakeArguments>]>([
  ["", {}],
  ["api web", { words: ["api", "web"] }],
  [
    "-f a.hcl --file=b.hcl -fc.hcl --set *.args.A=1 --push api",
    { flags: ["-f", "a.hcl", "--file=b.hcl", "-fc.hcl", "--set", "*.args.A=1", "--push"], words: ["api"] },
  ],
  ["--builder a --builder=b", { flags: ["--builder", "a", "--builder=b"], builder: "b" }],
  // As Compose starts it.
  [
    "--file - --progress rawjson --metadata-file /tmp/m.json --allow fs.read=/app --progress=quiet",
    {
      flags: ["--file", "-", "--allow", "fs.read=/app"],
      readsInput: true,
      reports: { metadataFile: "/tmp/m.json", progress: "quiet" },
    },
  ],
  [
    "https://github.com/acme/shop.git api",
    { words: ["https://github.com/acme/shop.git", "api"], remote: "https://github.com/acme/shop.git" },
  ],
  ["--provenance mode=max -- --odd", { flags: ["--provenance", "mode=max"], words: ["--odd"] }],
  ["--teleport api", { words: ["api"], unknown: "--teleport" }],
  ["--set", { unknown: "--set" }],
])("bake %s", (line, expected) =>
  expect(readBakeArguments(line === "" ? [] : line.split(" "), {})).toEqual({ ...none, ...expected }),
);

test("the variable says how progress is shown where no flag does", () => {
  expect(readBakeArguments([], { BUILDKIT_PROGRESS: "plain" }).reports.progress).toBe("plain");
  expect(readBakeArguments(["--progress", "tty"], { BUILDKIT_PROGRESS: "plain" }).reports.progress).toBe("tty");
});
