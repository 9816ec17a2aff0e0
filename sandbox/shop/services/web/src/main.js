import { revision } from "./revision.js";

// Filled in by scripts/build.mjs.
const base = "%API_BASE%";

const list = document.querySelector("#products");
const answer = await fetch(`${base}/products`);
for (const product of await answer.json()) {
  const item = document.createElement("li");
  item.textContent = `${product.name}: ${(product.price / 100).toFixed(2)}`;
  list.append(item);
}
document.querySelector("footer").textContent = `Revision ${revision}`;
