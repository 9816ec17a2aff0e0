import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shellText, type ShellText } from "./expand-word.ts";
import { followScript } from "./follow-script.ts";
import { parseScript } from "./parse-script.ts";
import type { RunCommand } from "./script-state.ts";

function follow(script: string, variables: Readonly<Record<string, string>> = {}): readonly RunCommand[] {
  return followScript(parseScript(script), script, {
    variables: new Map(Object.entries(variables).map(([name, value]) => [name, shellText(value)])),
    args: [],
    folder: shellText("."),
    evaluate: (inside, raw): ShellText => (inside === "known" ? shellText("yes") : { text: raw, unknown: [inside] }),
  });
}

/** A line a command: what it runs, then what it hangs on. */
function lines(script: string, variables: Readonly<Record<string, string>> = {}): string[] {
  return follow(script, variables).map(({ words, conditions, folder }) => {
    const where = folder.text === "." ? "" : `(${folder.text}) `;
    const when = conditions.map((each) => ` if ${each}`).join("");
    return `${where}${words.map(({ text, unknown }) => (unknown.length === 0 && /\s|^$/.test(text) ? `"${text}"` : text)).join(" ")}${when}`;
  });
}

describe("a shell script", () => {
  test.each<readonly [what: string, script: string, commands: readonly string[]]>([
    ["words and quotes", `docker build -t "a b" 'c d'e f\\ g ""`, ['docker build -t "a b" "c de" "f g" ""']],
    ["continued lines", "docker build \\\n  -t a \\\n  .", ["docker build -t a ."]],
    ["separators", "a; b && c | d & e", ["a", "b", "c", "d", "e"]],
    ["comments", "# a\nb # c\nd#e", ["b", "d#e"]],
    ["a variable of the script", 'TAG=1\nIMAGE="acme/api:$TAG"\ndocker push ${IMAGE}', ["docker push acme/api:1"]],
    ["a variable that is not known", "docker push acme/api:$TAG", ["docker push acme/api:$TAG"]],
    ["a list in a variable", 'X="-t a -t b"; docker build $X "$X"', ['docker build -t a -t b "-t a -t b"']],
    ["an expression", "docker push 'a:${{ known }}' ${{ x.y }}", ["docker push a:yes ${{ x.y }}"]],
    ["a fallback", "docker push a:${TAG:-latest}", ["docker push a:${TAG:-latest}"]],
    [
      "a substitution",
      "docker push a:$(git rev-parse HEAD)",
      ["git rev-parse HEAD", "docker push a:$(git rev-parse HEAD)"],
    ],
    [
      "lower case",
      "R=Acme/Api; docker push $(echo $R | tr '[:upper:]' '[:lower:]')",
      ["echo Acme/Api", "tr [:upper:] [:lower:]", "docker push acme/api"],
    ],
    [
      "a field",
      'V=1.2.3; a $(echo $V | tr -d .) $(echo "$V" | cut -d. -f1) $(echo $V | cut -c1-3) $(echo $V | tr . -)',
      [
        "echo 1.2.3",
        "tr -d .",
        "echo 1.2.3",
        "cut -d. -f1",
        "echo 1.2.3",
        "cut -c1-3",
        "echo 1.2.3",
        "tr . -",
        "a 123 1 1.2 1-2-3",
      ],
    ],
    ["a loop over words", "for x in a b; do\n docker push acme/$x\ndone", ["docker push acme/a", "docker push acme/b"]],
    ["a loop over files", "for f in *.tar; do load $f; done", ["load ${f}"]],
    ["a function", "push() { docker push acme/$1; }\npush a\npush b", ["docker push acme/a", "docker push acme/b"]],
    ["a function that calls itself", "f() { f; a; }; f", Array.from({ length: 20 }, () => "a")],
    [
      "a folder",
      "cd api && docker build .\n(cd ../web; docker build .)\ndocker build .",
      ["(api) docker build .", "(web) docker build .", "(api) docker build ."],
    ],
    ["a condition", 'if [ "$A" = x ]; then a; else b; fi; c', ['a if [ "$A" = x ]', 'b if not [ "$A" = x ]', "c"]],
    ["a condition that ends it", "if [ -z $A ]; then exit 0; fi; docker push a", ["docker push a if not [ -z $A ]"]],
    ["the way on after a command", "make && docker push a", ["make", "docker push a"]],
    [
      "the way on after a failure",
      "docker pull a || docker build .",
      ["docker pull a", "docker build . if not docker pull a"],
    ],
    ["a case", 'case "$1" in\n  build|b) a ;;\n  *) c ;;\nesac', ["c"]],
    ["a while", "while read -r x; do docker push $x; done < list", ["docker push ${x} if read -r x"]],
    ["a here-document", "cat > f <<'EOF'\ndocker push no\nEOF\na", ["cat", "a"]],
    ["a here-document without tabs", "\tcat <<-EOF\n\tx\n\tEOF\na", ["cat", "a"]],
    ["a group", "{ a; b; } > log 2>&1", ["a", "b"]],
    ["an array", 'ARGS=(--push -t "x")\ndocker build "${ARGS[@]}" .', ["docker build --push -t x ."]],
    [
      "an array that grows",
      'A=(-t a)\nA+=(-t b)\nif [ $P ]; then A+=(--push); fi\nbuild "${A[@]}"',
      ["build -t a -t b ${A[@]}"],
    ],
    [
      "a loop over its arguments",
      "set() { while [ $# -gt 0 ]; do case $1 in -v) V=$2; shift 2;; *) shift;; esac; done; }\nset -x -v 3\na $V",
      ["a 3"],
    ],
    ["a function that returns", "f() { if [ -z x ]; then a; fi; return; b; }; f; c", ["c"]],
    ["a loop that is left", "for x in 1 2 3; do if [ $x = 2 ]; then break; fi; a $x; done; b", ["a 1", "b"]],
    ["a failure", "if [ $X ]; then exit 1; fi; a", ["a"]],
    ["arithmetic", "(( x++ )); sleep $((2 * 3))", ["sleep $((2 * 3))"]],
    ["a variable of one command", "DOCKER_BUILDKIT=1 docker build .", ["docker build ."]],
    ["what nothing closes", "a 'b\nc", ['a "b\nc"']],
    ["an end without its beginning", "done; a; fi\nb) }", ["a", "b"]],
  ])("with %s", (_, script, commands) => expect(lines(script)).toEqual(commands));

  test.each<readonly [condition: string, runs: boolean]>([
    ['[ "$A" = "x" ]', true],
    ['[ "$A" != "x" ]', false],
    ['[[ "$A" == x* && -n $A ]]', true],
    ['test -z "$A"', false],
    ["! [ $A = y ]", true],
    ['[ "$A" = y ] || [ "$A" = x ]', true],
    ['[[ "$A" =~ ^(x|y)$ ]]', true],
    ['[[ ! "$A" =~ (X|Y) ]]', true],
    ['[[ "$A" =~ ^[a-c]+$ || "$A" =~ y ]]', false],
    ['[[ $A == x ]] && [[ ! $A =~ "x" ]]', false],
  ])("decides %s", (condition, runs) => {
    expect(lines(`if ${condition}; then a; fi; b`, { A: "x" })).toEqual(runs ? ["a", "b"] : ["b"]);
  });

  test.each<readonly [expansion: string, value: string]>([
    ["${A#refs/tags/}", "v1.2.3-rc"],
    ["${A##*/}", "v1.2.3-rc"],
    ["${A%-*}", "refs/tags/v1.2.3"],
    ["${A%%/*}", "refs"],
    ["${A//\\//-}", "refs-tags-v1.2.3-rc"],
    ["${A/refs\\/tags\\//}", "v1.2.3-rc"],
    ["${A/tags/x}", "refs/x/v1.2.3-rc"],
    ["${A:0:4}", "refs"],
    ["${A^^}", "REFS/TAGS/V1.2.3-RC"],
    ["${A:-x}", "refs/tags/v1.2.3-rc"],
    ["${E:-x}", "x"],
    ["${E-x}b", "b"],
    ["${A-x}", "refs/tags/v1.2.3-rc"],
    ["${B#x}", "${B#x}"],
    ["b${A:+-set}", "b-set"],
    ["b${E:+-set}", "b"],
    ["b${E+-set}", "b-set"],
  ])("expands %s", (expansion, value) => {
    expect(lines(`a ${expansion}`, { A: "refs/tags/v1.2.3-rc", E: "" })).toEqual([`a ${value}`]);
  });

  test.each([['[[ "$A" =~ ^\\d+$ ]]'], ['[[ "$A" =~ [[:digit:]] ]]'], ['[[ "$A" =~ ^$B ]]'], ['[[ "$B" =~ x ]]']])(
    "does not decide %s",
    (condition) => {
      expect(lines(`if ${condition}; then a; fi`, { A: "x" })).toEqual([`a if ${condition}`]);
    },
  );

  test("names the files to which a group of commands writes", () => {
    const script =
      'F=out\n{ echo a; if [ $X ]; then echo b; fi; } >> "$F"\nfor x in 1; do echo c$(git log) > d; done > e\necho f';
    expect(follow(script).map(({ words, writes }) => [words[1]?.text, ...writes.map(({ text }) => text)])).toEqual([
      ["a", "out"],
      ["b", "out"],
      ["log"],
      ["c$(git log)", "d", "e"],
      ["f"],
    ]);
  });

  test("splits lines of a text into words", () => {
    expect(lines("T=$(echo -n \"a\nb\" | tr '\\n' ' ')\nfor x in $T; do push $x; done").slice(-2)).toEqual([
      "push a",
      "push b",
    ]);
  });

  test("sets a variable differently on two ways: it is unknown after them", () => {
    const script = "T=a\nif [ $X = 1 ]; then T=b; fi\ndocker push r:$T";
    expect(follow(script)).toMatchObject([{ words: [{}, {}, { text: "r:${T}", unknown: ["${T}"] }], conditions: [] }]);
    expect(lines(script, { X: "2" })).toEqual(["docker push r:a"]);
  });

  test("of any text is read to its end", () => {
    const piece = fc.constantFrom(
      ..."if,then,fi,for,x,in,do,done,case,esac,(,),{,},$(,`,',\",${,${{,}},;,;;,&&,||,|,<,<<E,E,\n,\\, ,#,[[,]],((,))".split(
        ",",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const script = `${pieces.join(" ")}\n`;
        expect(follow(script).length).toBeLessThan(3000);
      }),
      { numRuns: Number(process.env["SLIPWAY_CASES"] ?? 200) },
    );
  });
});
