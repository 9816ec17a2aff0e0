import { faults, orderPlaced } from "@shop/events";
import { products } from "./products.js";

let last = 0;

/** An order, or what is wrong with it. */
export function placeOrder(wish) {
  const event = { ...wish, id: `order-${++last}` };
  const problems = faults(orderPlaced, event);
  if (problems.length > 0) return { status: 400, body: { problems } };
  if (!products.some(({ id }) => id === event.product)) return { status: 404, body: { problems: ["no such product"] } };
  return { status: 201, body: event };
}
