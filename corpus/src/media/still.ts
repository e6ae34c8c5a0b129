/**
 * A file with the box structure of a HEIC or AVIF still (ISO/IEC 23008-12): `ftyp`, `meta` (`hdlr`, `pitm`,
 * `iinf`, `iloc`, `iprp`) and `mdat` with noise where the coded picture would be. No decoder shows it; it
 * stands for a still whose structure is to be walked.
 */
import { makeRandom } from '../random.ts';
import { ascii, box, fullBox, mediaHead, u16, u32 } from './box.ts';

/** @param dataBytes length of the noise, in two extents */
export function makeStill(brand: 'heic' | 'avif', seed: number, dataBytes: number): Buffer {
  const data = Buffer.alloc(dataBytes);
  makeRandom(seed).fill(data);
  const type = box('ftyp', ascii(brand), u32(0), ascii(brand === 'heic' ? 'mif1heic' : 'avifmif1miaf'));
  const head = mediaHead('short', dataBytes);
  const metaBytes = metaBox(brand, 0, dataBytes).length;
  return Buffer.concat([type, metaBox(brand, type.length + metaBytes + head.length, dataBytes), head, data]);
}

function metaBox(brand: 'heic' | 'avif', dataAt: number, dataBytes: number): Buffer {
  const half = dataBytes >> 1;
  return fullBox(
    'meta',
    0,
    fullBox('hdlr', 0, u32(0), ascii('pict'), u32(0, 0, 0), ascii('\0')),
    fullBox('pitm', 0, u16(1)),
    // Bytes of offset and length 4 each, base and index 0; one item of two extents.
    fullBox('iloc', 0x01000000, Buffer.from([0x44, 0x00]), u16(1, 1, 0, 0, 2), u32(dataAt, half, dataAt + half, dataBytes - half)),
    fullBox('iinf', 0, u16(1), fullBox('infe', 0x02000000, u16(1, 0), ascii(brand === 'heic' ? 'hvc1' : 'av01'), ascii('\0'))),
    box('iprp', box('ipco', fullBox('ispe', 0, u32(640, 480))), fullBox('ipma', 0, u32(1), u16(1), Buffer.from([1, 0x81]))),
  );
}
