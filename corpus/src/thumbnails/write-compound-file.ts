/**
 * Writes a compound file (MS-CFB, version 3): header, directory, small sectors' table and content, streams, table of
 * sectors. See packages/evidence/src/containers/thumbnails/compound-file.ts for the layout.
 */
export interface CompoundPart {
  readonly name: string;
  readonly content: Uint8Array;
}

const SECTOR = 512;
const SMALL = 64;
const SMALL_BELOW = 4096;
const END = 0xfffffffe;
const FREE = 0xffffffff;

/** @param interleave streams take turns sector by sector, so that none lies in one piece */
export function writeCompoundFile(parts: readonly CompoundPart[], interleave = false): Buffer {
  const sectors: Buffer[] = [];
  const next: number[] = [];
  const put = (bytes: Uint8Array): number => {
    const sector = Buffer.alloc(SECTOR);
    sector.set(bytes);
    sectors.push(sector);
    next.push(END);
    return sectors.length - 1;
  };
  /** Writes contents as chains, one after the other or in turn; returns their first sectors. */
  const putChains = (contents: readonly Uint8Array[], inTurn: boolean): number[] => {
    const firsts = contents.map(() => END);
    const lasts = contents.map(() => END);
    const add = (which: number, n: number): void => {
      const place = put(contents[which]!.subarray(n * SECTOR, (n + 1) * SECTOR));
      if (firsts[which] === END) firsts[which] = place;
      else next[lasts[which]!] = place;
      lasts[which] = place;
    };
    const counts = contents.map((one) => Math.ceil(one.length / SECTOR));
    if (inTurn) for (let n = 0; n < Math.max(0, ...counts); n++) counts.forEach((count, which) => n < count && add(which, n));
    else counts.forEach((count, which) => Array.from({ length: count }, (_, n) => add(which, n)));
    return firsts;
  };
  const directory = Buffer.alloc(Math.ceil((parts.length + 1) / 4) * SECTOR);
  putChains([directory], false);
  const isSmall = ({ content }: CompoundPart): boolean => content.length < SMALL_BELOW;
  const smallNext: number[] = [];
  const smallFirst = new Map<CompoundPart, number>();
  const smallContent: Buffer[] = [];
  for (const part of parts.filter(isSmall)) {
    const count = Math.ceil(part.content.length / SMALL);
    smallFirst.set(part, count === 0 ? END : smallNext.length);
    for (let n = 0; n < count; n++) smallNext.push(n + 1 < count ? smallNext.length + 1 : END);
    const padded = Buffer.alloc(count * SMALL);
    padded.set(part.content);
    smallContent.push(padded);
  }
  const smallTable = Buffer.alloc(Math.ceil(smallNext.length / 128) * SECTOR, 0xff);
  smallNext.forEach((value, i) => smallTable.writeUInt32LE(value, i * 4));
  const small = Buffer.concat(smallContent);
  const [smallTableAt = END, smallAt = END] = putChains([smallTable, small], false);
  const large = parts.filter((part) => !isSmall(part));
  const largeFirsts = putChains(large.map(({ content }) => content), interleave);
  entry(directory, 0, 'Root Entry', 5, smallAt, small.length);
  parts.forEach((part, i) => entry(directory, i + 1, part.name, 2, isSmall(part) ? smallFirst.get(part)! : largeFirsts[large.indexOf(part)]!, part.content.length));
  for (let n = 0; n * SECTOR < directory.length; n++) directory.copy(sectors[n]!, 0, n * SECTOR, (n + 1) * SECTOR);
  let tables = 1;
  while (tables * 128 < sectors.length + tables) tables += 1;
  if (tables > 109) throw new RangeError('this writer makes compound files of up to 7 MB');
  const header = Buffer.alloc(SECTOR);
  header.set(Buffer.from('d0cf11e0a1b11ae1', 'hex'));
  for (const [at, value] of [[0x18, 0x3e], [0x1a, 3], [0x1c, 0xfffe], [0x1e, 9], [0x20, 6]] as const) header.writeUInt16LE(value, at);
  for (const [at, value] of [[0x2c, tables], [0x30, 0], [0x38, SMALL_BELOW], [0x3c, smallTableAt], [0x40, smallTable.length / SECTOR], [0x44, END], [0x48, 0]] as const) header.writeUInt32LE(value, at);
  header.fill(0xff, 0x4c);
  const table = Buffer.alloc(tables * SECTOR, 0xff);
  next.forEach((value, i) => table.writeUInt32LE(value, i * 4));
  for (let n = 0; n < tables; n++) {
    header.writeUInt32LE(next.length + n, 0x4c + 4 * n);
    table.writeUInt32LE(0xfffffffd, (next.length + n) * 4);
  }
  return Buffer.concat([header, ...sectors, table]);
}

function entry(directory: Buffer, place: number, name: string, kind: number, first: number, length: number): void {
  const at = place * 128;
  directory.write(name, at, 62, 'utf16le');
  directory.writeUInt16LE(name.length * 2 + 2, at + 64);
  directory[at + 66] = kind;
  for (const offset of [68, 72, 76]) directory.writeUInt32LE(FREE, at + offset);
  directory.writeUInt32LE(first, at + 116);
  directory.writeUInt32LE(length, at + 120);
}
