import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type IncomingMessage, type RequestListener, createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { inspect, promisify } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FetchInit } from "../host.ts";
import { faultOfThrown } from "../registry/fault.ts";
import { makeFetch } from "./fetch.ts";

interface Served {
  readonly url: string;
  readonly port: number;
  readonly requests: IncomingMessage[];
  /** Connections that were opened so far. */
  connections(): number;
}

/** A server for `reg.test` with a certificate that everybody here trusts. */
async function serveTls(listener: RequestListener): Promise<Pick<Served, "port" | "connections">> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=reg.test", "-addext", "subjectAltName=DNS:reg.test", "-keyout", key, "-out", cert];
  execFileSync("openssl", [...args, ...subject], { stdio: "ignore" });
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, readFileSync(cert, "utf8")]);
  let connections = 0;
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener);
  server.on("secureConnection", () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    setDefaultCACertificates(before);
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** A server on loopback for one test. */
async function serve(listener: RequestListener): Promise<Served> {
  const requests: IncomingMessage[] = [];
  let connections = 0;
  const server = createServer((message, response) => {
    requests.push(message);
    listener(message, response);
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests, connections: () => connections };
}

const fetch = makeFetch({});
const get = async (url: string, init?: FetchInit): Promise<string> => (await fetch(url, init)).text();

describe("connections", () => {
  test("are kept over every method, and over answers without a body", async () => {
    const server = await serve(({ method, url }, response) => {
      if (url === "/none") response.writeHead(204).end();
      else response.writeHead(200, { "content-length": "3" }).end(method === "HEAD" ? undefined : "yes");
    });
    for (const method of ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "HEAD", "GET"]) {
      await get(`${server.url}/some`, { method, ...(method === "PUT" ? { body: new Uint8Array(70_000) } : {}) });
      await fetch(`${server.url}/none`, { method });
    }
    expect([server.requests.length, server.connections()]).toEqual([16, 1]);
  });

  test("that the server closed just now are not the fault of a request that only reads", async () => {
    const server = await serve(({ socket, method }, response) => {
      const served = server.requests.filter((each) => each.socket === socket).length;
      if (served > 1) socket.destroy();
      else response.end(method);
    });
    expect([await get(server.url), await get(server.url)]).toEqual(["GET", "GET"]);
    const error = await get(server.url, { method: "POST" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ECONNRESET" });
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "POST"]);
  });

  test("that are new and are closed without an answer are a fault", async () => {
    const server = await serve(({ socket }) => socket.destroy());
    await expect(get(server.url)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(server.requests).toHaveLength(1);
  });

  test("do not keep the process alive, open as they are", async () => {
    const server = await serve((_, response) => response.end("yes"));
    const script = `
      import { makeNodeHost } from ${JSON.stringify(join(import.meta.dirname, "../node-host.ts"))};
      const { fetch } = makeNodeHost();
      await Promise.all([1, 2, 3].map(async () => process.stdout.write(await (await fetch("${server.url}")).text())));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout).toBe("yesyesyes");
  });

  test("to where nobody listens say so", async () => {
    const server = await serve(() => undefined);
    await expect(get(`http://127.0.0.1:${server.port === 1 ? 2 : 1}`)).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a request", () => {
  test("says what it is told to, and else what fetch says", async () => {
    const server = await serve((_, response) => response.end());
    await get(`${server.url}/a?b=c#d`);
    await get(server.url, { method: "PUT", headers: { Accept: "a/b", "X-Own": " 1\n" }, body: "é" });
    const [plain, told] = server.requests;
    expect([plain?.method, plain?.url, plain?.headers]).toEqual([
      "GET",
      "/a?b=c",
      {
        accept: "*/*",
        "accept-encoding": "gzip, deflate",
        connection: "keep-alive",
        host: `127.0.0.1:${server.port}`,
        "user-agent": "slipway",
      },
    ]);
    expect(told?.headers).toMatchObject({ accept: "a/b", "x-own": "1", "content-length": "2" });
  });

  test.each(["before it is sent", "before its answer", "in its answer"])("ends when it is aborted %s", async (when) => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const server = await serve((_, response) => {
      if (when === "in its answer") response.write("begun");
      else stop.abort(reason);
    });
    if (when === "before it is sent") stop.abort(reason);
    const reading = fetch(server.url, { signal: stop.signal }).then(async ({ body }) => {
      for await (const _ of body ?? []) stop.abort(reason);
    });
    await expect(reading).rejects.toBe(reason);
  });

  test("listens to its signal no longer than it takes", async () => {
    const server = await serve((_, response) => response.end("yes"));
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args));
    for (let at = 0; at < 3; at += 1) await get(server.url, { signal });
    expect(listeners).toBe(0);
  });
});

describe("an answer", () => {
  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("that is compressed with %s is read as it was before", async (encoding, compress) => {
    const text = "yes, ".repeat(100_000);
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(compress(text));
    });
    expect([await get(server.url), await get(server.url)]).toEqual([text, text]);
    expect(server.connections()).toBe(1);
  });

  test("that breaks off is a fault, compressed or not", async () => {
    const server = await serve(({ url }, response) => {
      const bytes = gzipSync(new Uint8Array(1000));
      response.writeHead(200, { "content-length": "1000", ...(url === "/gzip" ? { "content-encoding": "gzip" } : {}) });
      response.write(bytes.subarray(0, 10), () => setImmediate(() => response.socket?.resetAndDestroy()));
    });
    await expect(get(server.url)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(get(`${server.url}/gzip`)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("joins lines of one name, and finds a name however it is written", async () => {
    const server = await serve((_, response) => response.writeHead(200, { Link: ["a", "b"], "X-Own": "c" }).end());
    const { headers } = await fetch(server.url);
    expect([headers.get("Link"), headers.get("x-own"), headers.get("none")]).toEqual(["a, b", "c", null]);
    expect(Object.fromEntries(headers)).toMatchObject({ link: "a, b", "x-own": "c" });
  });
});

describe("a redirect", () => {
  test("is followed, with credentials to its own server only", async () => {
    const other = await serve(({ headers }, response) => response.end(`other ${headers.authorization}`));
    const server = await serve(({ url, headers }, response) => {
      if (url === "/here") response.end(`here ${headers.authorization}`);
      else response.writeHead(302, { location: url === "/away" ? other.url : "/here" }).end("moved");
    });
    const init = { headers: { authorization: "me" } };
    expect(await get(`${server.url}/`, init)).toBe("here me");
    expect(await get(`${server.url}/away`, init)).toBe("other undefined");
    const followed = await fetch(`${server.url}/#part`, init);
    expect([followed.url, await followed.text()]).toEqual([`${server.url}/here`, "here me"]);
    const kept = await fetch(`${server.url}/`, { redirect: "manual" });
    expect([kept.status, await kept.text()]).toEqual([302, "moved"]);
    expect(server.connections()).toBe(1);
  });

  test.each([
    [301, "POST", "GET "],
    [302, "POST", "GET "],
    [303, "PUT", "GET "],
    [302, "PUT", "PUT body"],
    [307, "POST", "POST body"],
    [308, "POST", "POST body"],
  ])("%i of %s arrives as %s", async (status, method, arrives) => {
    const server = await serve(({ url }, response) => {
      const [message] = server.requests.slice(-1);
      if (url === "/") return response.writeHead(status, { location: "/there" }).end();
      let body = "";
      message?.on("data", (part: Buffer) => (body += part.toString()));
      return message?.on("end", () => response.end(`${message.method} ${body}`));
    });
    expect(await get(`${server.url}/`, { method, body: "body" })).toBe(arrives);
  });

  test("that goes round, or leads away from the web, is a fault", async () => {
    const server = await serve(({ url }, response) => {
      response.writeHead(302, { location: url === "/file" ? "file:///etc/passwd" : "/" }).end();
    });
    await expect(get(server.url)).rejects.toThrow("more than 20 redirects");
    await expect(get(`${server.url}/file`)).rejects.toThrow("a redirect leads to file:");
  });
});

describe("through a proxy", () => {
  /** A proxy on loopback that leads every host name to this port, and what it was asked for. */
  async function startProxy(port: number): Promise<{ readonly address: string; readonly asked: string[] }> {
    const asked: string[] = [];
    const note = ({ method = "", url = "", headers }: IncomingMessage): void => {
      const [, credentials = ""] = headers["proxy-authorization"]?.split(" ") ?? [];
      asked.push(`${method} ${url} ${Buffer.from(credentials, "base64").toString()}`);
    };
    const server = createServer((message, response) => {
      note(message);
      const { pathname } = new URL(message.url ?? "");
      const { method, headers } = message;
      const onward = request({ port, host: "127.0.0.1", path: pathname, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      message.pipe(onward);
    });
    server.on("connect", (message, socket) => {
      note(message);
      if (message.url?.startsWith("closed.test") === true) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const onward = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
      return onward.pipe(socket).pipe(onward);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return { address: `http://ada:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  test("plain requests are sent to it whole, over connections that are kept", async () => {
    const server = await serve(({ headers }, response) => response.end(`for ${headers.host}`));
    const proxy = await startProxy(server.port);
    const proxied = makeFetch({ http_proxy: proxy.address, NO_PROXY: "direct.test" });
    for (const host of ["reg.test", "other.test:5000"]) {
      expect(await (await proxied(`http://${host}/v2/`)).text()).toBe(`for ${host}`);
    }
    expect(await (await proxied(`${server.url}/v2/`)).text()).toBe(`for 127.0.0.1:${server.port}`);
    expect(proxy.asked).toEqual(["GET http://reg.test/v2/ ada:s3cret", "GET http://other.test:5000/v2/ ada:s3cret"]);
  });

  test("encrypted ones go through a tunnel to their server, which proves its name, over one connection", async () => {
    const { port, connections } = await serveTls((message, response) => response.end(`for ${message.headers.host}`));
    const proxy = await startProxy(port);
    const proxied = makeFetch({ HTTPS_PROXY: proxy.address });
    for (const path of ["a", "b"]) {
      expect(await (await proxied(`https://reg.test/${path}`)).text()).toBe("for reg.test");
    }
    expect(connections()).toBe(1);
    await expect(proxied("https://other.test/")).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(proxy.asked).toEqual(["CONNECT reg.test:443 ada:s3cret", "CONNECT other.test:443 ada:s3cret"]);
  });

  test("that opens no tunnel, the fault says what it answered, and never its password", async () => {
    const proxy = await startProxy(1);
    const error: unknown = await makeFetch({ HTTPS_PROXY: proxy.address })("https://closed.test/").catch(
      (thrown) => thrown,
    );
    expect(faultOfThrown(error)).toEqual({
      kind: "connection",
      what: "refused",
      detail: expect.stringMatching(/closed\.test:443 .*403 Forbidden/),
    });
    expect(inspect(error)).not.toContain("s3cret");
  });
});
