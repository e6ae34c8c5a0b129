/** A TAR of ustar headers (layout in packages/evidence/src/containers/tar/tar-header.ts), names and types as given. */
export interface TarEntryToWrite {
  readonly name: string | Buffer;
  readonly content?: Buffer;
  /** `0` file (default), `1` hard link, `2` symbolic link, `3` character device, `5` directory, `L` GNU long name, `x` PAX. */
  readonly type?: string;
  readonly link?: string;
  readonly statedSize?: number;
  /** The name itself is written in base 256 length fields when the size asks for it. */
  readonly base256?: boolean;
}

const BLOCK = 512;

export function writeTar(entries: readonly TarEntryToWrite[], endBlocks = 2): Buffer {
  return Buffer.concat([...entries.map(writeEntry), Buffer.alloc(endBlocks * BLOCK)]);
}

function writeEntry({ name, content = Buffer.alloc(0), type = '0', link = '', statedSize, base256 }: TarEntryToWrite): Buffer {
  const header = Buffer.alloc(BLOCK);
  Buffer.from(name).copy(header, 0, 0, 100);
  header.write('0000644\0', 100, 'latin1');
  const size = statedSize ?? content.length;
  if (base256 === true) {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  } else {
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  }
  header.write('14000000000\0', 136, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}
