import { describe, expect, test } from "vitest";
import { renderTar, type TarFile } from "../formats/tar-archive.ts";
import { describeFiles } from "./describe-files.ts";
import { FileLedger } from "./file-ledger.ts";
import { findLeftovers } from "./leftovers.ts";
import { TarEntries, type TarEntry } from "./tar-entries.ts";

const text = new TextEncoder();

function file(path: string, size: number): TarFile {
  return { path, content: new Uint8Array(size) };
}

function folder(path: string): TarFile {
  return { path: `${path}/`, kind: "folder" };
}

function entriesOf(tar: Uint8Array, chunkBytes = tar.length): TarEntry[] {
  const reader = new TarEntries();
  const entries: TarEntry[] = [];
  for (let at = 0; at < tar.length; at += chunkBytes) {
    entries.push(...reader.push(tar.subarray(at, at + chunkBytes)));
  }
  reader.end();
  return entries;
}

function follow(layers: readonly (readonly TarFile[])[]): FileLedger {
  const ledger = new FileLedger();
  for (const [at, files] of layers.entries()) {
    ledger.begin(at);
    for (const entry of entriesOf(renderTar(files))) ledger.add(entry);
    ledger.end();
  }
  return ledger;
}

/** A block with these texts at these places, and the sum that fits. */
function headerWith(fields: readonly (readonly [text: string, at: number])[]): Buffer {
  const header = Buffer.from(renderTar([file("a", 0)]).subarray(0, 512));
  for (const [value, at] of fields) header.write(value, at, "latin1");
  header.write(" ".repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

describe("the entries of a tar", () => {
  const tar = renderTar([
    folder("./bin"),
    file("./bin/a", 700),
    { path: "bin/b", kind: "hard-link", target: "./bin/a" },
    { path: "bin/c", kind: "symbolic-link", target: "a" },
    file("/../etc/./x", 1),
  ]);
  const entries = [
    { path: ["bin"], kind: "folder", size: 0, target: undefined },
    { path: ["bin", "a"], kind: "file", size: 700, target: undefined },
    { path: ["bin", "b"], kind: "hard-link", size: 0, target: ["bin", "a"] },
    { path: ["bin", "c"], kind: "other", size: 0, target: undefined },
    { path: ["etc", "x"], kind: "file", size: 1, target: undefined },
  ];

  test.each([tar.length, 1, 511, 512, 513, 1000])("are the same in chunks of %d bytes", (size) => {
    expect(entriesOf(tar, size)).toEqual(entries);
  });

  test("have the long names and sizes of pax records and of GNU tar", () => {
    const long = "n".repeat(200);
    const record = (key: string, value: string): string => {
      const rest = ` ${key}=${value}\n`;
      return `${rest.length + 3}${rest}`;
    };
    const pax = Buffer.alloc(512);
    const written = pax.write(record("path", long) + "12 size=600\n");
    const paxHeader = headerWith([
      ["x", 156],
      [`${written.toString(8).padStart(11, "0")}\0`, 124],
    ]);
    const gnu = Buffer.alloc(512);
    gnu.write(`${long}!\0`);
    const gnuHeader = headerWith([
      ["L", 156],
      [`${(202).toString(8).padStart(11, "0")}\0`, 124],
    ]);
    const bytes = Buffer.concat([paxHeader, pax, headerWith([]), Buffer.alloc(1024), gnuHeader, gnu, headerWith([])]);
    expect(entriesOf(bytes).map(({ path, size }) => [path[0], size])).toEqual([
      [long, 600],
      [`${long}!`, 0],
    ]);
  });

  test.each<[string, Uint8Array, string]>([
    ["a text", text.encode("hello ".repeat(200)), "at byte 0 there is no header of a tar"],
    [
      "bytes after an entry",
      Buffer.concat([renderTar([file("a", 1)]).subarray(0, 1024), Buffer.alloc(512, 7)]),
      "at byte 1024 there is no header of a tar",
    ],
    ["a tar that is cut off", renderTar([file("a", 2000)]).subarray(0, 1500), "it ends within an entry, at byte 1500"],
    ["a header that is cut off", renderTar([file("a", 0)]).subarray(0, 100), "it ends within an entry, at byte 100"],
    ["nothing", new Uint8Array(), "it is empty"],
    ["a size below 0", headerWith([["-0000000001\0", 124]]), "at byte 0 an entry has no valid size"],
    [
      "a name of 2 GB",
      headerWith([
        ["L", 156],
        ["17777777777\0", 124],
      ]),
      "at byte 0 the name of an entry has 2147483647 bytes",
    ],
  ])("are not read from %s", (_, bytes, fault) => {
    expect(() => entriesOf(bytes)).toThrow(fault);
  });

  test("take no more memory for a file of 2 GB than for a small one", () => {
    const size = 2 * 1024 ** 3;
    const reader = new TarEntries();
    const first = reader.push(
      headerWith([
        ["large", 0],
        [`${size.toString(8)}\0`, 124],
      ]),
    );
    const chunk = new Uint8Array(1024 * 1024);
    const before = process.memoryUsage();
    for (let at = 0; at < size; at += chunk.length) reader.push(chunk);
    const after = process.memoryUsage();
    reader.end();
    expect(first).toMatchObject([{ size }]);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(chunk.length);
  });
});

describe("wasted bytes", () => {
  test.each<[string, (readonly TarFile[])[], (readonly [string, number, string, number])[]]>([
    [
      "are those of a file that a later layer overwrites",
      [[file("a", 5)], [file("a", 3)]],
      [["a", 5, "overwritten", 0]],
    ],
    [
      "are those of a file that a later layer deletes",
      [[file("d/a", 5), file("d/b", 1)], [file("d/.wh.a", 0)]],
      [["d/a", 5, "deleted", 0]],
    ],
    [
      "are those of a folder that a later layer deletes",
      [[file("d/e/a", 5), file("d/b", 1)], [file(".wh.d", 0)]],
      [
        ["d/e/a", 5, "deleted", 0],
        ["d/b", 1, "deleted", 0],
      ],
    ],
    [
      "are those of a folder that a later layer makes opaque, whatever comes first",
      [[file("d/a", 5)], [file("d/b", 2), file("d/.wh..wh..opq", 0)]],
      [["d/a", 5, "deleted", 0]],
    ],
    ["are those of a folder that becomes a file", [[file("d/a", 5)], [file("d", 1)]], [["d/a", 5, "deleted", 0]]],
    ["are those of a file that becomes a folder", [[file("d", 5)], [file("d/a", 1)]], [["d", 5, "overwritten", 0]]],
    ["are not those of a file that its own layer hides", [[file("a", 5), file(".wh.a", 0)]], []],
    ["are not those of a link", [[{ path: "a", kind: "symbolic-link", target: "b" }], [file(".wh.a", 0)]], []],
    [
      "are not those of a file that another name still has",
      [[file("a", 5), { path: "b", kind: "hard-link", target: "a" }], [file(".wh.a", 0)]],
      [],
    ],
    [
      "are those of a file once all its names are gone",
      [[file("a", 5), { path: "b", kind: "hard-link", target: "a" }], [file(".wh.a", 0)], [file("b", 1)]],
      [["a", 5, "overwritten", 0]],
    ],
    ["are not those of a folder that changes", [[folder("d"), file("d/a", 5)], [folder("d")]], []],
    [
      "are not counted for a whiteout of nothing",
      [[file("a", 5)], [file(".wh.b", 0), file("x/.wh.y", 0), file("x/.wh..wh..opq", 0)]],
      [],
    ],
  ])("%s", (_, layers, wasted) => {
    const found = follow(layers).wastedFiles();
    expect(found.map(({ path, size, how, layer }) => [path, size, how, layer])).toEqual(wasted);
  });

  test("are never those of a file that a container sees", () => {
    const ledger = follow([[file("a", 5), file("b", 7)], [file("a", 3), file(".wh.b", 0)], [file("b", 9)]]);
    expect([...ledger.visibleFiles()].map(({ path, size, layer }) => [path, size, layer])).toEqual([
      ["b", 9, 2],
      ["a", 3, 1],
    ]);
    expect(ledger.wastedFiles().map(({ path, size, by }) => [path, size, by])).toEqual([
      ["b", 7, 1],
      ["a", 5, 1],
    ]);
  });
});

describe("what package managers leave", () => {
  test.each([
    ["var/lib/apt/lists/deb.debian.org_dists_InRelease", "apt"],
    ["var/cache/apt/archives/curl.deb", "apt"],
    ["root/.npm/_cacache/content-v2/x", "npm"],
    ["home/node/.npm/_cacache/x", "npm"],
    ["root/.cache/pip/http/a", "pip"],
    ["usr/local/share/.cache/yarn/v6/a", "yarn"],
    ["root/.local/share/pnpm/store/v3/a", "pnpm"],
    ["var/lib/apt/lists", undefined],
    ["var/lib/apt/listsandmore/a", undefined],
    ["srv/root/.npm/_cacache/a", undefined],
    ["a", undefined],
  ])("%s", (path, manager) => {
    expect(findLeftovers([{ path, size: 1, layer: 0 }])[0]?.manager).toBe(manager);
  });

  test("is counted by manager and layer, and in own layers only", () => {
    const apt = (name: string, size: number): TarFile => file(`var/lib/apt/lists/${name}`, size);
    const ledger = follow([[apt("base", 100)], [apt("a", 5), apt("b", 6)], [file("root/.cache/pip/x", 50)]]);
    expect(describeFiles(ledger, new Set([1, 2]), []).leftovers).toEqual([
      { manager: "pip", layer: 2, bytes: 50, files: 1, advice: expect.any(String) },
      { manager: "apt", layer: 1, bytes: 11, files: 2, advice: expect.any(String) },
    ]);
  });
});

test("paths are shown as UTF-8, and dive's figure only where every layer was read", () => {
  const ledger = follow([[file("caf\u00e9", 5)], [file("caf\u00e9", 5)]]);
  expect(describeFiles(ledger, new Set(), [])).toMatchObject({
    wastedBytes: 5,
    diveEfficiency: 0.5,
    largest: [{ path: "/caf\u00e9", size: 5, layer: 1 }],
  });
  const unread = [{ layer: 0, because: "x", isFault: false }];
  expect(describeFiles(ledger, new Set(), unread).diveEfficiency).toBeNull();
});
