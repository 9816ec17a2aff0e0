import { lines, list, type Row } from "../row.ts";

const id = "0123456789abcdef0123456789abcdef01234567";

/** Readers of git's output and of file trees. */
export async function sourceRows(): Promise<readonly Row[]> {
  const [tree, status, listing, history, tags, settings, git, ident, spans, overlay, layers] = await Promise.all([
    import("../../../src/source/tree/tree.ts"),
    import("../../../src/source/tree/status.ts"),
    import("../../../src/source/git/listing.ts"),
    import("../../../src/source/git/history.ts"),
    import("../../../src/source/git/git-tags.ts"),
    import("../../../src/source/git/settings.ts"),
    import("../../../src/source/git/git.ts"),
    import("../../../src/source/checkout/checked-out.ts"),
    import("../../../src/formats/spans.ts"),
    import("../../../src/source/tree/submodules.ts"),
    import("../../../src/images/layer-files.ts"),
  ]);
  const says = (text: string | Buffer) => () => Promise.resolve(Buffer.from(text));

  /** A tree of submodules with two files each, whose git knows no attributes. */
  function treeOf(size: number): InstanceType<typeof tree.GitTree> {
    const prefixes = list(size, (index) => `m${index}/`);
    const paths = prefixes.flatMap((prefix) => [`${prefix}.gitattributes`, `${prefix}a`]).sort();
    const files = {
      text: "100644 blob 0123\t",
      paths,
      offsets: new Int32Array(paths.length),
      extras: [],
    };
    const run = () => Promise.resolve({ exitCode: 1, stdout: Buffer.alloc(0), stderr: "" });
    const repository = {
      objectFormat: "sha1",
      settings: new Map(),
      attributesFile: "/nothing",
      host: { env: {}, run },
    };
    const blobs = { read: () => Promise.resolve(Buffer.from("* eol=crlf\n")), fetch: () => Promise.resolve() };
    const part = { git: says(""), blobs, root: "/nothing", commit: "", isCheckedOut: true, changed: new Set() };
    const parts = ["", ...prefixes].map((prefix) => ({ ...part, prefix }));
    return new tree.GitTree(repository as never, "", files, parts as never);
  }

  return [
    [
      "git status: changed, untracked and unmerged paths",
      60,
      (size) => {
        const head = `# branch.oid ${id}\0# branch.head main\0`;
        const changed = (index: number): string =>
          `1 .M N... 100644 100644 100644 ${id} ${id} a/${index}\0? b ${index}\0u UU N... 1 1 1 1 ${id} ${id} ${id} c${index}\0`;
        const output = Buffer.from(head + list(size, changed).join(""));
        return () => status.parseStatus(output);
      },
    ],
    [
      "git status without an end of a record, and with empty ones",
      600,
      (size) => {
        const output = Buffer.from(`${"\0".repeat(size)}? ${"a ".repeat(size)}`);
        return () => status.parseStatus(output);
      },
    ],
    [
      "git's listing of a commit, names in any order and of any bytes",
      60,
      (size) => {
        const name = (index: number): string => `${(index * 7919) % size}/\u{1f600}é${index}`;
        const output = list(size, (index) => `100644 blob ${id}\t${name(index)}\0`).join("");
        return () => listing.listCommit(says(output), "HEAD", "m/");
      },
    ],
    [
      "git's listing of names that are no UTF-8",
      60,
      (size) => {
        const output = Buffer.concat(list(size, (index) => Buffer.from(`100644 blob ${id}\t\xff${index}\0`, "latin1")));
        return () => [listing.listCommit(says(output), "HEAD"), git.splitNames(output)];
      },
    ],
    [
      "git log of many commits with many files",
      60,
      (size) => {
        const commit = (index: number): string =>
          `\x1e${id}\x1fa\x1f1700000000\x1ffix: ${index}\x1dbody\x1d\x1f\0\na${index}\0b${index}\0`;
        const output = list(size, commit).join("") + list(size, (index) => `c${index}\0`).join("");
        return () => history.readCommits(says(output), [], []);
      },
    ],
    [
      "git's tags, and tags of tags",
      60,
      (size) => {
        const output = lines(size, (index) => `${id} refs/tags/v1.${index}.0\n${id} refs/tags/v1.${index}.0^{}`);
        return () => tags.readTagsAt(says(output), id);
      },
    ],
    [
      "git's settings",
      60,
      (size) => {
        const stdout = Buffer.from(list(size, (index) => `remote.r${index}.url\nhttps://a.test/${index}\0`).join(""));
        const host = { run: () => Promise.resolve({ exitCode: 0, stdout, stderr: "" }) };
        return () => settings.readSettings(host as never, ".");
      },
    ],
    [
      "a tree that many submodules are added to",
      60,
      (size) => {
        const output = list(size, (index) => `160000 commit ${id}\tm${index}\x00100644 blob ${id}\tn${index}\0`).join(
          "",
        );
        const part = { prefix: "", root: "/nothing", isCheckedOut: false, changed: new Set() };
        const reading = { repository: { root: "/nothing" }, withWorkingTree: false };
        return async () =>
          overlay.addSubmodules(reading as never, await listing.listCommit(says(output), "HEAD"), part as never);
      },
    ],
    [
      "keywords of a file, and its line ends",
      60,
      (size) => {
        const conversions = ["ident", "auto-crlf"];
        const texts = ["$Id:a$", "$Id$\n", "$Id:", "$Id: a b $", "\n"].map((text) => Buffer.from(text.repeat(size)));
        return () => texts.map((text) => ident.checkedOut(text, conversions, id));
      },
    ],
    [
      "parts between delimiters, of which few close",
      60,
      (size) => () =>
        [`${"${{".repeat(size)}${"{{a}}".repeat(size)}`, `${"${{ a }}".repeat(size)}${"{{".repeat(size)}`].map((text) =>
          spans.maskSpans(text, [spans.expressionDelimiters, ["{{", "}}"]]),
        ),
    ],
    [
      "the files of a layer, each with records of its own",
      12,
      (size) => {
        const entry = (type: string, content: string): Buffer => {
          const header = Buffer.alloc(512);
          header.write(`f${type}`, 0);
          header.write(content.length.toString(8), 124);
          header.write(type, 156);
          return Buffer.concat([header, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, "\0"))]);
        };
        const pax = (index: number): string => {
          const record = ` SCHILY.xattr.user.a${index}=b\n`;
          return `${record.length + 2}${record}`;
        };
        const tar = Buffer.concat([
          ...list(size, (index) => Buffer.concat([entry("x", pax(index)), entry("L", `a${index}`)])),
          ...list(size, (index) => Buffer.concat([entry("x", pax(index)), entry("0", `b${index}`)])),
        ]);
        return () => layers.readLayerFiles(tar);
      },
    ],
    [
      "files of many submodules",
      60,
      (size) => {
        const tree = treeOf(size);
        return () => tree.paths.map((path) => tree.partOf(path));
      },
    ],
    [
      "attributes of many submodules",
      12,
      (size) => {
        const tree = treeOf(size);
        const entries = [...tree.under(".")];
        return () => tree.conversions.of(entries);
      },
    ],
  ];
}
