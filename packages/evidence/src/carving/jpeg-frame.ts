/**
 * The segments of a JPEG that say how its scans must look (ITU-T T.81, B.2), lengths big-endian and
 * counting themselves:
 *
 * | marker | content |
 * | --- | --- |
 * | SOFn C0–CF | precision u8, height u16, width u16, components u8, each: id u8, sampling 2 × 4 bit, table u8 |
 * | DHT C4 | tables: class and number 2 × 4 bit, 16 counts of codes by length, that many symbols |
 * | DQT DB | tables: precision and number 2 × 4 bit, 64 values of 1 or 2 bytes |
 * | DRI DD | units between restart markers u16 |
 * | SOS DA | components u8, each: id u8, tables 2 × 4 bit; Ss u8, Se u8, Ah and Al 2 × 4 bit |
 */

/** What the segments so far have said. */
export interface JpegFrame {
  /** Marker of the frame header, 0 before it. */
  sof: number;
  height: number;
  /** 8 × 8 blocks of all components. */
  blocks: number;
  componentIds: readonly number[];
  /** Bit n for table n, and bit 4 + n for AC table n. */
  huffmanTables: number;
  quantisers: number;
  restartInterval: number;
  /** A DNL segment gave the height that the frame header left open. */
  heightGiven: boolean;
}

export function emptyFrame(): JpegFrame {
  return { sof: 0, height: 0, blocks: 0, componentIds: [], huffmanTables: 0, quantisers: 0, restartInterval: 0, heightGiven: false };
}

/** Most lines a frame can have; taken where the header leaves the height to a DNL segment. */
const MAX_LINES = 65_535;

const ARITHMETIC_FROM = 0xc9;
const LOSSLESS = 0xc3;
const PROGRESSIVE = 0xc2;

/** Frame types that are read: Huffman and arithmetic, sequential, progressive and lossless; not hierarchical ones. */
export function isFrameMarker(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xc3) || (marker >= 0xc9 && marker <= 0xcb);
}

/** Reads the content of a SOFn segment into the frame; false when it cannot be one. */
export function readFrameHeader(frame: JpegFrame, marker: number, content: Buffer): boolean {
  if (frame.sof !== 0 || content.length < 9) return false;
  const precision = content[0]!;
  const height = content.readUInt16BE(1);
  const width = content.readUInt16BE(3);
  const components = content[5]!;
  const isLossless = marker === LOSSLESS || marker === ARITHMETIC_FROM + 2;
  if (isLossless ? precision < 2 || precision > 16 : precision !== 8 && precision !== 12) return false;
  if (width === 0 || components < 1 || components > 4 || content.length !== 6 + 3 * components) return false;
  const ids: number[] = [];
  let across = 1;
  let down = 1;
  let blocksInUnit = 0;
  for (let i = 0; i < components; i++) {
    const [id, sampling, table] = [content[6 + i * 3]!, content[7 + i * 3]!, content[8 + i * 3]!];
    const [h, v] = [sampling >> 4, sampling & 15];
    if (h < 1 || h > 4 || v < 1 || v > 4 || table > 3 || ids.includes(id)) return false;
    ids.push(id);
    across = Math.max(across, h);
    down = Math.max(down, v);
    blocksInUnit += h * v;
  }
  frame.sof = marker;
  frame.height = height;
  frame.componentIds = ids;
  frame.blocks = Math.ceil(width / (8 * across)) * Math.ceil((height === 0 ? MAX_LINES : height) / (8 * down)) * blocksInUnit;
  return true;
}

/** Reads a DHT segment: exact length, numbers in range, and no more codes of a length than there can be. */
export function readHuffmanTables(frame: JpegFrame, content: Buffer): boolean {
  let at = 0;
  while (at < content.length) {
    if (at + 17 > content.length) return false;
    const head = content[at]!;
    if (head >> 4 > 1 || (head & 15) > 3) return false;
    let symbols = 0;
    let room = 1;
    for (let length = 1; length <= 16; length++) {
      const count = content[at + length]!;
      room = room * 2 - count;
      if (room < 0) return false;
      symbols += count;
    }
    if (symbols === 0 || symbols > 256) return false;
    frame.huffmanTables |= 1 << ((head >> 4) * 4 + (head & 15));
    at += 17 + symbols;
  }
  return at === content.length && at > 0;
}

/** Reads a DQT segment: exact length, numbers in range, no zero among the values. */
export function readQuantisers(frame: JpegFrame, content: Buffer): boolean {
  let at = 0;
  while (at < content.length) {
    const head = content[at]!;
    const width = (head >> 4) + 1;
    const end = at + 1 + 64 * width;
    if (width > 2 || (head & 15) > 3 || end > content.length) return false;
    for (let value = at + 1; value < end; value += width) if (content.readUIntBE(value, width) === 0) return false;
    frame.quantisers |= 1 << (head & 15);
    at = end;
  }
  return at > 0;
}

/** Checks a SOS segment against the frame and the tables there are; false when no scan can follow it. */
export function isScanHeader(frame: JpegFrame, content: Buffer): boolean {
  const components = content[0] ?? 0;
  if (frame.sof === 0 || components < 1 || components > frame.componentIds.length || content.length !== 4 + 2 * components) return false;
  const [first, last, approximation] = [content[1 + 2 * components]!, content[2 + 2 * components]!, content[3 + 2 * components]!];
  const isLossless = frame.sof === LOSSLESS || frame.sof === ARITHMETIC_FROM + 2;
  const isProgressive = frame.sof === PROGRESSIVE || frame.sof === ARITHMETIC_FROM + 1;
  const isArithmetic = frame.sof >= ARITHMETIC_FROM;
  // Cameras leave the band of a sequential scan at odd values; decoders ignore it there, and so must this.
  if (isProgressive && (first > last || last > 63 || (first === 0 && last !== 0) || approximation >> 4 > 13 || (approximation & 15) > 13)) return false;
  if (!isLossless && frame.quantisers === 0) return false;
  for (let i = 0; i < components; i++) {
    if (!frame.componentIds.includes(content[1 + 2 * i]!)) return false;
    const tables = content[2 + 2 * i]!;
    const [dc, ac] = [tables >> 4, tables & 15];
    if (dc > 3 || ac > 3) return false;
    if (isArithmetic) continue;
    const needsDc = isProgressive ? first === 0 && approximation >> 4 === 0 : true;
    const needsAc = isProgressive ? first > 0 : !isLossless;
    if (needsDc && (frame.huffmanTables & (1 << dc)) === 0) return false;
    if (needsAc && (frame.huffmanTables & (1 << (4 + ac))) === 0) return false;
  }
  return true;
}
