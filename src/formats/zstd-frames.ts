/** Bytes of one zstd frame, in order; `isLast`: the frame ends with them. */
export interface FramePart {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** What the next bytes are. */
type State = "magic" | "skip-size" | "skipped" | "descriptor" | "header" | "block" | "data" | "checksum";

/** Sizes of the frame header's dictionary id and content size, by their flags. */
const idBytes: readonly number[] = [0, 1, 2, 4];
const contentSizeBytes: readonly number[] = [0, 2, 4, 8];

/**
 * Splits zstd data that arrives in chunks into its frames, and drops the skippable ones. Node's decompressor ends with the first frame, and
 * layers have many (zstd:chunked, pzstd). Source: RFC 8878, 3.1.
 */
export class ZstdFrames {
  private state: State = "magic";
  /** Bytes of the current field: kept up to 8, the number that were read, and the number that it has. */
  private readonly field = new Uint8Array(8);
  private filled = 0;
  private length = 4;
  private hasChecksum = false;
  private isLastBlock = false;

  /** Reads on. Throws an error for bytes that begin no frame. */
  push(chunk: Uint8Array): FramePart[] {
    const parts: FramePart[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(this.length - this.filled, chunk.length - at);
      // Only the fields that are interpreted are kept; data is counted.
      if (this.length <= this.field.length) this.field.set(chunk.subarray(at, at + taken), this.filled);
      this.filled += taken;
      const isOutside = this.state === "magic" || this.state === "skip-size" || this.state === "skipped";
      at += taken;
      if (isOutside) start = at;
      while (this.filled === this.length) {
        const ended = this.next();
        if (ended === "frame") {
          parts.push({ bytes: chunk.subarray(start, at), isLast: true });
          start = at;
        }
        if (ended === "magic") parts.push({ bytes: this.field.slice(0, 4), isLast: false });
      }
    }
    const isInside = !["magic", "skip-size", "skipped"].includes(this.state);
    if (isInside && start < chunk.length) parts.push({ bytes: chunk.subarray(start), isLast: false });
    return parts;
  }

  /** Whether the data may end here. */
  isComplete(): boolean {
    return this.state === "magic" && this.filled === 0;
  }

  /** Interprets the field that is complete, and begins the next one. */
  private next(): "frame" | "magic" | undefined {
    const { state, field } = this;
    switch (state) {
      case "magic":
        return this.readMagic();
      case "skip-size":
        this.expect("skipped", littleEndian(field, 4));
        return undefined;
      case "skipped":
        this.expect("magic", 4);
        return undefined;
      case "descriptor":
        this.readDescriptor(field[0] ?? 0);
        return undefined;
      case "header":
        this.expect("block", 3);
        return undefined;
      case "block":
        this.readBlock(littleEndian(field, 3));
        return undefined;
      case "data":
        if (!this.isLastBlock) this.expect("block", 3);
        else if (this.hasChecksum) this.expect("checksum", 4);
        else return this.endFrame();
        return undefined;
      case "checksum":
        return this.endFrame();
    }
  }

  private readMagic(): "magic" | undefined {
    const magic = littleEndian(this.field, 4);
    if (magic === 0xfd2fb528) {
      this.expect("descriptor", 1);
      return "magic";
    }
    if (magic < 0x184d2a50 || magic > 0x184d2a5f) throw new Error(`zstd data has no frame that begins with ${magic}`);
    this.expect("skip-size", 4);
    return undefined;
  }

  private readDescriptor(flags: number): void {
    this.hasChecksum = (flags & 4) !== 0;
    const isSingleSegment = (flags & 32) !== 0;
    const contentSize = contentSizeBytes[flags >> 6] ?? 0;
    const size = (isSingleSegment ? 0 : 1) + (idBytes[flags & 3] ?? 0);
    this.expect("header", size + (contentSize === 0 && isSingleSegment ? 1 : contentSize));
  }

  private readBlock(header: number): void {
    this.isLastBlock = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    // A block of one repeated byte states how often it is repeated.
    this.expect("data", type === 1 ? 1 : header >> 3);
  }

  private endFrame(): "frame" {
    this.expect("magic", 4);
    return "frame";
  }

  private expect(state: State, length: number): void {
    this.state = state;
    this.length = length;
    this.filled = 0;
  }
}

function littleEndian(bytes: Uint8Array, count: number): number {
  let value = 0;
  for (let at = count - 1; at >= 0; at -= 1) value = value * 256 + (bytes[at] ?? 0);
  return value;
}
