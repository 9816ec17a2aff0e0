import { describe, expect, it } from "vitest";
import { fillIn, matrixOf } from "./expressions.ts";

const contexts = {
  env: { IMAGE: "shop", TOKEN: "t-${{ secrets.TOKEN }}" },
  matrix: { "target.name": "api", "target.deep.tag": "1", os: "linux" },
  repository: "acme/shop",
};

describe("a text of a workflow that is adopted", () => {
  it.each([
    ["${{env.IMAGE}}-${{ matrix.target.name }}", "shop-api"],
    ["${{ matrix.target.deep.tag }}${{ matrix.none }}", "1"],
    ["${{ github.repository_owner }}/${{ github.event.repository.name }}", "acme/shop"],
    ["${{ format('{0}:{1}', env.IMAGE, matrix.os) }}", "shop:linux"],
    ["${{ matrix.os == 'linux' && 'l' || 'o' }}", "l"],
    ["${{ env.TOKEN }}", "t-${{ secrets.TOKEN }}"],
    ["${{ env.TOKEN == 'x' && 'a' || 'b' }}", "b"],
    ["${{ env.TOKEN == 't-x' && 'a' || 'b' }}", "${{ env.TOKEN == 't-x' && 'a' || 'b' }}"],
    ["${{  secrets.A }} ${{ github.sha}}", "${{ secrets.A }} ${{ github.sha }}"],
    ["${{ env.OTHER }}", "${{ env.OTHER }}"],
    ["${{ not an expression", "${{ not an expression"],
  ])("%s is %s", (text, filled) => expect(fillIn(text, contexts)).toBe(filled));

  it("leaves a matrix alone where there is none", () => {
    expect(fillIn("${{ matrix.os }}", { ...contexts, matrix: {} })).toBe("${{ matrix.os }}");
  });

  it("has the rows of a matrix as written, members of objects by path", () => {
    expect(matrixOf({ matrix: { t: [{ n: "a", m: { x: 1 } }], v: ["${{ vars.V }}"] } })).toEqual([
      { "t.n": "a", "t.m.x": "1", v: "${{ vars.V }}" },
    ]);
  });
});
