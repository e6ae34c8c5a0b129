import { crc32 } from 'node:zlib';
import type { MalformedCase, MalformedOutcome, MalformedSeeds, SeedName } from './malformed-case.ts';

const EXTREMES = [0xffffffff, 0x80000000, 0x7fffffff, 0x40000000, 0x00ffffff] as const;

/** Files of zeros, of one byte, and sound ones whose beginning is wiped or that stand behind something else. */
export function wipedCases(seeds: MalformedSeeds): MalformedCase[] {
  const cases: MalformedCase[] = [];
  for (let length = 0; length < 40; length++) cases.push({ name: `${length ** 2} zero bytes`, bytes: Buffer.alloc(length ** 2), expected: 'picture-unknown' });
  for (let value = 0x10; value <= 0xff; value += 0x11) cases.push({ name: `1,000 bytes of ${value.toString(16)}`, bytes: Buffer.alloc(1000, value), expected: 'picture-unknown' });
  for (const [name, bytes] of Object.entries(seeds) as [SeedName, Buffer][]) {
    for (const length of [1, 2, 4, 8, 12, 16, 64, 512]) {
      // Of ISO files the type stands at 4, of the others at 0.
      if (name === 'avif' && length < 8) continue;
      const wiped = Buffer.from(bytes);
      wiped.fill(0, 0, length);
      cases.push({ name: `${name} with its first ${length} bytes wiped`, bytes: wiped, expected: 'picture-unknown' });
    }
    for (const [what, front] of FRONTS) cases.push({ name: `${name} behind ${what}`, bytes: Buffer.concat([front, bytes]), expected: 'picture-unknown' });
    for (const [what, tail] of [...TAILS, ['another picture', seeds.jpeg], ['itself', bytes]] as const) {
      cases.push({ name: `${name} before ${what}`, bytes: Buffer.concat([bytes, tail]), expected: 'whole' });
    }
  }
  return cases;
}

const FRONTS: readonly (readonly [string, Buffer])[] = [
  ['a page of HTML', Buffer.from('<!doctype html><title>Spielplan</title>')],
  ['a PDF header', Buffer.from('%PDF-1.4\n')],
  ['an empty ZIP', Buffer.from('504b0506000000000000000000000000000000000000', 'hex')],
  ['a line end', Buffer.from('\n')],
];

const TAILS: readonly (readonly [string, Buffer])[] = [
  ['an empty ZIP', Buffer.from('504b0506000000000000000000000000000000000000', 'hex')],
  ['a script', Buffer.from('<script>alert("Tor")</script>')],
  ['a PDF', Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF')],
  ['64 KiB of zeros', Buffer.alloc(65_536)],
];

/** Headers that state sides far beyond their files, or none. */
export function sideCases(seeds: MalformedSeeds): MalformedCase[] {
  const cases: MalformedCase[] = [];
  const add = (name: SeedName, what: string, expected: MalformedOutcome, change: (bytes: Buffer) => void): void => {
    const bytes = Buffer.from(seeds[name]);
    change(bytes);
    cases.push({ name: `${name} that states ${what}`, bytes, expected });
  };
  const png = (bytes: Buffer, width: number, height: number): void => {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  };
  for (const value of EXTREMES) {
    add('png', `a width of ${value}`, value > 0xffffff ? 'picture-undecodable' : 'picture-pixels', (bytes) => png(bytes, value, 80));
    add('png', `a height of ${value}`, value > 0xffffff ? 'picture-undecodable' : 'picture-pixels', (bytes) => png(bytes, 96, value));
    add('bmp', `a width of ${value}`, value > 0x7fffffff ? 'picture-undecodable' : 'picture-pixels', (bytes) => bytes.writeUInt32LE(value, 18));
    add('bmp', `a height of ${value}`, value === 0xffffffff ? 'whole' : 'picture-pixels', (bytes) => bytes.writeUInt32LE(value, 22));
  }
  for (const [width, height] of [[0, 80], [96, 0], [0, 0]] as const) {
    add('png', `${width} × ${height} pixels`, 'picture-undecodable', (bytes) => png(bytes, width, height));
    add('bmp', `${width} × ${height} pixels`, 'picture-undecodable', (bytes) => {
      bytes.writeUInt32LE(width, 18);
      bytes.writeUInt32LE(height, 22);
    });
  }
  add('png', '30,000 × 30,000 pixels', 'picture-pixels', (bytes) => png(bytes, 30_000, 30_000));
  const frame = seeds.jpeg.indexOf(Buffer.from('ffc0', 'hex')) + 5;
  add('jpeg', '65,500 × 65,500 pixels', 'picture-pixels', (bytes) => bytes.writeUInt32BE(0xffdcffdc, frame));
  add('jpeg', 'no width', 'picture-undecodable', (bytes) => bytes.writeUInt16BE(0, frame + 2));
  for (const bits of [0, 2, 3, 5, 7, 9, 15, 23, 31, 64, 0xffff]) add('bmp', `${bits} bits a pixel`, 'picture-undecodable', (bytes) => bytes.writeUInt16LE(bits, 28));
  for (const kind of [1, 2, 7, 11, 0xffffffff]) add('bmp', `the compression ${kind}`, 'picture-undecodable', (bytes) => bytes.writeUInt32LE(kind, 30));
  add('bmp', 'pixels at its end', 'picture-undecodable', (bytes) => bytes.writeUInt32LE(bytes.length, 10));
  add('bmp', 'pixels beyond its end', 'picture-undecodable', (bytes) => bytes.writeUInt32LE(0xffffffff, 10));
  return cases;
}
