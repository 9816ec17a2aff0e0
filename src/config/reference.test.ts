import { expect, test } from "vitest";
import { renderReference, renderSchema } from "./testing/render-reference.ts";

test("the JSON Schema in docs/reference is what the code says", async () => {
  await expect(renderSchema()).toMatchFileSnapshot("../../docs/reference/slipway.schema.json");
});

test("the page in docs/reference says every key, as the code has it", async () => {
  await expect(renderReference()).toMatchFileSnapshot("../../docs/reference/configuration.md");
});
