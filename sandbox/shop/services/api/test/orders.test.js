import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOrder } from "../src/orders.js";

test("an order of a product that is there is placed", () => {
  assert.equal(placeOrder({ product: "buoy", quantity: 2 }).status, 201);
});

test("an order without a quantity is refused", () => {
  assert.deepEqual(placeOrder({ product: "buoy" }).body, { problems: ["quantity is missing"] });
});
