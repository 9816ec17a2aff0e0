import { expect, test } from "vitest";
import type { Fetch } from "../host.ts";
import { digestOf } from "../model/digest.ts";
import { imageName } from "../testing/image-name.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeRegistry, type Registry } from "./registry.ts";
import { makeRegistryInMemory } from "./testing/registry-in-memory.ts";

const name = imageName("reg.test/shop/releases");
const content = new TextEncoder().encode("a record");

interface Observed {
  readonly registry: Registry;
  /** Methods and paths without queries, in order. */
  readonly asked: string[];
}

/** `answer`: answers a request in place of the registry; undefined: the registry answers. */
function makeClient(answer: (asked: string, requests: number) => Response | undefined = () => undefined): Observed {
  const memory = makeRegistryInMemory();
  const asked: string[] = [];
  const fetch: Fetch = async (url, init) => {
    const method = init?.method ?? "GET";
    asked.push(`${method} ${new URL(url).pathname.replace(/upload-\d+$/, "ID")}`);
    const same = asked.filter((each) => each.startsWith(method)).length;
    return answer(method, same) ?? memory.fetch(url, init);
  };
  return { registry: makeRegistry(makeTestHost({ fetch })), asked };
}

const path = "/v2/shop/releases/blobs/uploads/";

test("an upload that was opened ahead takes its content in one request", async () => {
  const { registry, asked } = makeClient();
  const upload = registry.openUpload(name);
  await upload.finish(content);
  await upload.close();
  expect(asked).toEqual([`POST ${path}`, `PUT ${path}ID`]);
  expect(await registry.hasBlob(name, digestOf(content))).toBe(true);
});

test("an upload that nobody used is cancelled", async () => {
  const { registry, asked } = makeClient();
  const upload = registry.openUpload(name);
  await upload.close();
  await upload.close();
  expect(asked).toEqual([`POST ${path}`, `DELETE ${path}ID`]);
});

test.each([
  ["forgot", 404],
  ["refuses", 400],
  ["denies", 403],
  ["has a fault with", 500],
])("another upload is started where the registry %s the one that was opened ahead", async (_, status) => {
  const { registry, asked } = makeClient((method, requests) =>
    method === "PUT" && requests === 1 ? new Response(null, { status }) : undefined,
  );
  await registry.openUpload(name).finish(content);
  expect(asked.filter((each) => each.startsWith("P"))).toEqual([
    `POST ${path}`,
    `PUT ${path}ID`,
    `POST ${path}`,
    `PUT ${path}ID`,
  ]);
  expect(await registry.hasBlob(name, digestOf(content))).toBe(true);
});

test("a fault of opening ahead is met again, and told, by who uses the upload, and by nobody else", async () => {
  const { registry, asked } = makeClient((method) =>
    method === "POST" ? new Response(null, { status: 403 }) : undefined,
  );
  await registry.openUpload(name).close();
  expect(asked).toEqual([`POST ${path}`]);
  await expect(registry.openUpload(name).finish(content)).rejects.toMatchObject({ code: "credentials" });
});

test("an opened upload that is used twice starts another one for the second content", async () => {
  const { registry, asked } = makeClient();
  const upload = registry.openUpload(name);
  await upload.finish(content);
  await upload.finish(new TextEncoder().encode("another record"));
  expect(asked).toEqual([`POST ${path}`, `PUT ${path}ID`, `POST ${path}`, `PUT ${path}ID`]);
});
