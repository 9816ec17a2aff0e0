import { expect, test } from "vitest";
import { renderCsv } from "./csv.ts";

test.each<[(string | number | null)[], string]>([
  [["a", 1, null, ""], "a,1,,"],
  [["a,b", 'say "x"', "two\nlines"], '"a,b","say ""x""","two\nlines"'],
  [["=1+1", "+x", "-x", "@x"], "'=1+1,'+x,'-x,'@x"],
  [[-1, 0.5], "-1,0.5"],
])("%j is one row of CSV that no spreadsheet takes for a formula", (row, text) => {
  expect(renderCsv([row])).toBe(`${text}\r\n`);
});
