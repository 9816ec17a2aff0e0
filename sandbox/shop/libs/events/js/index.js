import { readFileSync } from "node:fs";

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"));

export const { revision } = read("revision.json");
export const orderPlaced = read("schema/order-placed.json");

const isType = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value),
};

/** What is wrong with an event, a line each. */
export function faults(schema, event) {
  const missing = schema.required.filter((name) => !(name in event)).map((name) => `${name} is missing`);
  const wrong = Object.entries(schema.properties)
    .filter(([name, { type }]) => name in event && !isType[type](event[name]))
    .map(([name, { type }]) => `${name} is no ${type}`);
  return [...missing, ...wrong];
}
