import { describe, expect, test } from "vitest";
import { readPublishers } from "../../publishers/read-publishers.ts";
import { unifiedDiff } from "../unified-diff.ts";
import { planInPlace } from "./plan-in-place.ts";

const pin = { repository: "acme/slipway", ref: "v1", commit: undefined };
const path = ".github/workflows/a.yml";

interface Changed {
  /** Lines that go and come, without those of the build. */
  readonly lines: readonly string[];
  readonly notes: readonly string[];
}

function changed(texts: Readonly<Record<string, string>>): Changed {
  const files = { paths: new Set(Object.keys(texts)), read: (file: string) => texts[file] };
  const plan = planInPlace(readPublishers(files, { repository: "acme/shop", trunk: "main" }), {
    pin,
    forks: false,
    read: files.read,
  });
  expect(plan.files.length).toBeGreaterThan(0);
  const lines = plan.files
    .flatMap(({ file, before, after }) => unifiedDiff(file, before, after).split("\n"))
    .filter((line) => /^[+-] /.test(line) && !/build-push/.test(line));
  const after = new Map(plan.files.map((each) => [each.file, each.after]));
  const again = { paths: files.paths, read: (file: string) => after.get(file) ?? files.read(file) };
  const publishers = readPublishers(again, { repository: "acme/shop", trunk: "main" });
  expect(planInPlace(publishers, { pin, forks: false, read: again.read }).files).toEqual([]);
  const usual = /organisation|keeps the signatures/;
  return { lines, notes: plan.notes.filter((note) => !usual.test(note)) };
}

const build = (id = "b", more = ""): string => `      - id: ${id}
        uses: docker/build-push-action@v6
${more}        with: { push: true, tags: ghcr.io/acme/${id}:1 }
`;
const job = (name: string, head: string, steps: string): string =>
  `  ${name}:\n${head}    runs-on: ubuntu-latest\n    steps:\n${steps}`;
const workflow = (...jobs: readonly string[]): string => `on: push\njobs:\n${jobs.join("")}`;
const handed = "    outputs:\n      digest: ${{ steps.b.outputs.digest }} # sha256\n";

describe("a step that signs what is built", () => {
  test.each<readonly [what: string, steps: string, lines: readonly string[]]>([
    [
      "by cosign is left out for a reused image, as one that attests is",
      "      - name: sign\n        run: cosign sign --yes ghcr.io/acme/b@${{ steps.b.outputs.digest }}\n      - uses: actions/attest@v3\n        with: { subject-digest: '${{ steps.b.outputs.digest }}' }\n",
      ["+        if: steps.b.outputs.reused != 'true'", "+        if: steps.b.outputs.reused != 'true'"],
    ],
    [
      "with the digest in a variable",
      "      - env: { D: '${{ steps.b.outputs.digest }}' }\n        run: |\n          set -eu\n          for tag in a b; do cosign sign \"ghcr.io/acme/b@$D\"; done\n",
      ["+        if: steps.b.outputs.reused != 'true'"],
    ],
    ["by a file's digest stays", "      - run: cosign sign-blob a.txt ${{ steps.b.outputs.digest }}\n", []],
    [
      "and something that is always built stays",
      "      - run: cosign sign a@${{ steps.b.outputs.digest }} c@${{ steps.other.outputs.digest }}\n",
      [],
    ],
    [
      "on fewer events than are built stays",
      "      - if: startsWith(github.ref, 'refs/tags/')\n        run: cosign sign a@${{ steps.b.outputs.digest }}\n",
      [],
    ],
  ])("%s", (_, steps, lines) => {
    expect(changed({ [path]: workflow(job("a", "", build() + steps)) })).toEqual({ lines, notes: [] });
  });

  test("of two builds is left out if both are reused", () => {
    const sign = "      - run: cosign sign a@${{ steps.b.outputs.digest }} c@${{ steps.c.outputs.digest }}\n";
    expect(changed({ [path]: workflow(job("a", "", build("b") + build("c") + sign)) }).lines).toEqual([
      "+        if: (steps.b.outputs.reused != 'true' || steps.c.outputs.reused != 'true')",
    ]);
  });

  test("and does more stays, and is named with what to write", () => {
    const sign = "      - run: |\n          cosign sign a@${{ steps.b.outputs.digest }}\n          ./notify.sh\n";
    expect(changed({ [path]: workflow(job("a", "", build() + sign)) })).toEqual({
      lines: [],
      notes: [
        `${path}:9:9: it signs or attests, and runs ./notify.sh too; put the signing under steps.b.outputs.reused != 'true' yourself`,
      ],
    });
  });

  test("under a condition that cannot be edited is named, and the build is changed all the same", () => {
    const condition = "        if: >-\n          github.ref == 'refs/heads/main'\n";
    const sign = `      - run: cosign sign a@\${{ steps.b.outputs.digest }}\n${condition}`;
    expect(changed({ [path]: workflow(job("a", "", build("b", condition) + sign)) })).toEqual({
      lines: [],
      notes: [
        `${path}:11:9: if: is a text of several lines, so add the condition steps.b.outputs.reused != 'true' yourself`,
      ],
    });
  });
});

describe("a job that signs what another job builds", () => {
  const sign = "      - run: cosign sign a@${{ needs.a.outputs.digest }}\n";
  test.each<readonly [what: string, jobs: readonly string[], lines: readonly string[]]>([
    [
      "is handed whether the image is reused",
      [job("a", handed, build()), job("s", "    needs: a\n", sign)],
      ["+      reused: ${{ steps.b.outputs.reused }}", "+        if: needs.a.outputs.reused != 'true'"],
    ],
    [
      "by a variable of the job",
      [
        job("a", handed, build()),
        job("s", "    needs: a\n    env: { D: '${{ needs.a.outputs.digest }}' }\n", "      - run: cosign sign a@$D\n"),
      ],
      ["+      reused: ${{ steps.b.outputs.reused }}", "+        if: needs.a.outputs.reused != 'true'"],
    ],
    [
      "of outputs in braces, one of which is called reused",
      [
        job("a", "    outputs: { b-digest: '${{ steps.b.outputs.digest }}', b-reused: no }\n", build()),
        job("s", "    needs: [a]\n", sign.replace("outputs.digest", "outputs.b-digest")),
      ],
      [
        "-    outputs: { b-digest: '${{ steps.b.outputs.digest }}', b-reused: no }",
        "+    outputs: { b-digest: '${{ steps.b.outputs.digest }}', b-reused-b: \"${{ steps.b.outputs.reused }}\", b-reused: no }",
        "+        if: needs.a.outputs.b-reused-b != 'true'",
      ],
    ],
    [
      "by a called workflow is left out as a whole",
      [
        job("a", handed, build()),
        "  s:\n    needs: a\n    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@v2.1.0\n    with:\n      digest: ${{ needs.a.outputs.digest }}\n",
      ],
      ["+      reused: ${{ steps.b.outputs.reused }}", "+    if: needs.a.outputs.reused != 'true'"],
    ],
    [
      "on fewer events than are built stays",
      [job("a", handed, build()), job("s", "    needs: a\n    if: github.ref_type == 'tag'\n", sign)],
      [],
    ],
  ])("%s", (_, jobs, lines) => expect(changed({ [path]: workflow(...jobs) })).toEqual({ lines, notes: [] }));

  test("in another file is named with what to write", () => {
    const called = ".github/workflows/image.yml";
    const image = `on:\n  workflow_call:\n    outputs:\n      digest: { value: "\${{ jobs.a.outputs.digest }}" }\njobs:\n${job("a", handed, build())}`;
    const caller = workflow(`  a:\n    uses: ./${called}\n`, job("s", "    needs: a\n", sign));
    expect(changed({ [called]: image, [path]: caller })).toEqual({
      lines: [],
      notes: [
        `${path}:9:9: it signs or attests to digest of ${called}; a reused image is signed already. Hand steps.b.outputs.reused on beside digest, and add an if: that it is not 'true'`,
      ],
    });
  });
});
