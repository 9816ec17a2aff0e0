import { describe, expect, test } from "vitest";
import type { ShellText } from "../shell/expand-word.ts";
import { readProgramCommand } from "./program-command.ts";

function read(line: string): ReturnType<typeof readProgramCommand> {
  const words = line.split(" ").map((word): ShellText => ({ text: word, unknown: word.match(/\$\w+/g) ?? [] }));
  return readProgramCommand({ words, input: undefined });
}

const texts = (...all: readonly string[]): object[] => all.map((text) => ({ text }));

describe("a command", () => {
  test.each<readonly [line: string, command: object]>([
    ["docker build -t a:1 --tag=b . --push", { kind: "build", how: "docker", tags: texts("a:1", "b"), pushes: true }],
    ["docker --debug buildx build -qt a:1 --load .", { kind: "build", tags: texts("a:1"), pushes: false }],
    ["docker buildx build -o type=registry,name=a:1 .", { kind: "build", tags: texts("a:1"), pushes: true }],
    [
      "docker buildx build --output=type=image,name=a,push-by-digest=true,push=true .",
      { tags: texts("a@‹digest›"), pushes: true },
    ],
    [
      "docker buildx build -t reg.test:5000/a:1 -o type=image,push-by-digest=true,push=true .",
      { tags: texts("reg.test:5000/a@‹digest›"), pushes: true },
    ],
    ["docker buildx build --push=$PUSH -t a .", { pushes: { because: ["$PUSH"] } }],
    ["docker buildx build --push=T -t a .", { pushes: true }],
    ["docker buildx build --push=yes -t a .", { pushes: { because: ['"yes" counts as true'] } }],
    ["docker buildx build --push=tRue -t a .", { pushes: { because: ['"tRue" counts as true'] } }],
    ["docker buildx build -o type=image,push=no -t a .", { pushes: { because: ['"no" counts as true'] } }],
    ["docker build $ARGS -t a .", { tags: texts("a"), pushes: { because: ["$ARGS"] } }],
    ["docker build -f $FILE -t a .", { pushes: false }],
    ["sudo -E docker image build -t a .", { kind: "build", tags: texts("a") }],
    ["env A=b timeout 10m docker push a:1", { kind: "push", images: texts("a:1"), allTags: false }],
    ["$DRY docker push -a a", { kind: "push", images: texts("a"), allTags: true }],
    ["docker tag a b", { kind: "tag", from: { text: "a" }, to: { text: "b" } }],
    [
      "docker buildx bake -f x.hcl --set *.output=type=registry web",
      { kind: "bake", files: texts("x.hcl"), targets: texts("web"), pushes: true },
    ],
    [
      "docker compose -f a.yml build --push web",
      { kind: "compose", builds: true, pushes: true, files: texts("a.yml"), services: texts("web") },
    ],
    ["docker-compose push", { kind: "compose", builds: false, pushes: true }],
    ["docker buildx imagetools create -t a:1 b c", { kind: "merge", tags: texts("a:1") }],
    ["docker manifest push --purge a:1", { kind: "merge", tags: texts("a:1") }],
    ["docker login ghcr.io", { kind: "login" }],
    ["podman push a docker://b:1", { kind: "push", how: "podman", images: texts("b:1") }],
    ["skopeo copy --all docker://a docker://b:1", { kind: "merge", how: "copy", tags: texts("b:1") }],
    ["crane tag ghcr.io/a/b:1 2", { kind: "merge", tags: texts("ghcr.io/a/b:2") }],
    [
      "docker run -v x:/w gcr.io/kaniko-project/executor --destination a:1",
      { kind: "build", how: "kaniko", tags: texts("a:1"), pushes: true },
    ],
    ["make -C api push TAG=1", { kind: "make", folder: { text: "api" }, targets: texts("push") }],
    ["./build.sh a", { kind: "script", path: { text: "./build.sh" }, args: texts("a"), isSourced: false }],
    ["bash -e build.sh", { kind: "script", path: { text: "build.sh" } }],
    ["npm run docker:push", { kind: "package-script", name: { text: "docker:push" } }],
    ["ko build ./cmd", { kind: "opaque", how: "ko", isSure: true }],
    ["./gradlew jib", { kind: "opaque", how: "jib", isSure: true }],
    ["npx nx run-many -t container", { kind: "opaque", how: "task-runner", isSure: false }],
    ["earthly --push +image", { kind: "opaque", how: "other-builder", isSure: true }],
  ])("%s is read", (line, command) => expect(read(line)).toMatchObject(command));

  test.each([
    "docker ps",
    "docker compose up -d",
    "echo docker push a",
    "npm ci",
    "nx lint",
    "docker buildx ls",
    "docker buildx imagetools inspect a",
  ])("%s has nothing to do with an image that is pushed", (line) => expect(read(line)).toBeUndefined());
});
