import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { revision as eventsRevision } from "@shop/events";
import { placeOrder } from "./orders.js";
import { products } from "./products.js";
import { revision } from "./revision.js";

const port = Number(process.env.PORT ?? 3000);

async function answer(request) {
  switch (`${request.method} ${request.url}`) {
    case "GET /healthz":
      return { status: 200, body: { service: "api", revision, events: eventsRevision } };
    case "GET /products":
      return { status: 200, body: products };
    case "POST /orders":
      return placeOrder(await json(request));
    default:
      return { status: 404, body: { problems: ["not here"] } };
  }
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch((error) => ({ status: 400, body: { problems: [error.message] } }));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
});

server.listen(port, () => console.log(`api listens on ${port}`));
process.once("SIGTERM", () => server.close());
