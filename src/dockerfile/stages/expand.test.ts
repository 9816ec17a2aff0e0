import { describe, expect, it } from "vitest";
import { expandWord, heredocsOfLine } from "./expand.ts";

const values = new Map([
  ["X", "a/b.c/ab*b"],
  ["EMPTY", ""],
  ["é", "accent"],
]);
const variables = (name: string): string | undefined => values.get(name);

describe("a word", () => {
  it.each([
    ["$X", "a/b.c/ab*b"],
    ["${X}", "a/b.c/ab*b"],
    ["$UNSET|${UNSET}", "|"],
    ["$é", "accent"],
    ["$1$@", ""],
    ["$", "$"],
    ["${UNSET:-d}", "d"],
    ["${EMPTY:-d}", "d"],
    ["${EMPTY-d}", ""],
    ["${UNSET-${X}}", "a/b.c/ab*b"],
    ["${X:+set}${EMPTY:+set}${UNSET:+set}", "set"],
    ["${EMPTY+set}${UNSET+set}", "set"],
    ["${X:?no}", "a/b.c/ab*b"],
    ["${X#*/}", "b.c/ab*b"],
    ["${X##*/}", "ab*b"],
    ["${X%/*}", "a/b.c"],
    ["${X%%/*}", "a"],
    ["${X%%.*}", "a/b"],
    ["${X#nothing}", "a/b.c/ab*b"],
    ["${X/b/-}", "a/-.c/ab*b"],
    ["${X//b/-}", "a/-.c/a-*-"],
    ["${X//\\*/-}", "a/b.c/ab-b"],
    ["${X/\\//-}", "a-b.c/ab*b"],
    ["'$X'", "$X"],
    ['"$X"', "a/b.c/ab*b"],
    ['"\\$X \\" \\n"', '$X " \\n'],
    ["\\$X", "$X"],
    ["a\\ b", "a b"],
    ["<<", "<<"],
  ])("%j expands to %j", (word, expanded) => {
    expect(expandWord(word, variables, "\\")).toBe(expanded);
  });

  it("keeps backslashes where the escape character is a backtick", () => {
    expect(expandWord("C:\\$EMPTY`$X", variables, "`")).toBe("C:\\$X");
  });

  it.each([
    ["${X", '"}" is missing'],
    ["${", '"}" is missing'],
    ["${}", "bad substitution"],
    ["${:x}", "bad substitution"],
    ["${X^}", '"^" is no modifier of ${X}'],
    ["${X:#a}", '":#" is no modifier of ${X}'],
    ["${UNSET:?set it}", "UNSET: set it"],
    ["${UNSET?}", "UNSET: must be set"],
    ["'open", "a single quote is not closed"],
    ['"open', "a double quote is not closed"],
  ])("%j is a fault", (word, message) => {
    expect(() => expandWord(word, variables, "\\")).toThrow(message);
  });
});

describe("here-documents of a line", () => {
  it.each([
    ["RUN <<EOF", [{ name: "EOF", chomp: false, expand: true }]],
    [
      "COPY <<-'A' 3<<\"B\" /x",
      [
        { name: "A", chomp: true, expand: false },
        { name: "B", chomp: false, expand: false },
      ],
    ],
    ["RUN cat << EOF", [{ name: "EOF", chomp: false, expand: true }]],
    ["RUN echo '<<EOF'", []],
    ["RUN a<<EOF", []],
    ["RUN <<A<<B", []],
    ["RUN 'open <<EOF", []],
  ])("%j", (line, expected) => {
    expect(heredocsOfLine(line)).toEqual(expected);
  });
});
