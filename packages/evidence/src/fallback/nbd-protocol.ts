/**
 * The part of the NBD protocol that a read-only client needs (NetworkBlockDevice/nbd, doc/proto.md),
 * big-endian:
 *
 * | message          | fields                                                              |
 * | ---------------- | ------------------------------------------------------------------- |
 * | greeting         | `NBDMAGIC`, `IHAVEOPT`, u16 flags (1 fixed newstyle, 2 no zeroes)    |
 * | client flags     | u32 (the same bits)                                                  |
 * | option           | `IHAVEOPT`, u32 1 (export name), u32 length 0                        |
 * | export           | u64 size, u16 transmission flags                                     |
 * | request          | u32 0x25609513, u16 0, u16 type (0 read, 2 end), u64 handle, u64 offset, u32 length |
 * | reply            | u32 0x67446698, u32 error, u64 handle, data when error is 0          |
 */
export const GREETING_BYTES = 18;
export const EXPORT_BYTES = 10;
export const REPLY_BYTES = 16;
const OPTION_MAGIC = 'IHAVEOPT';
const REQUEST_MAGIC = 0x2560_9513;
const REPLY_MAGIC = 0x6744_6698;
const FIXED_NEWSTYLE = 1;
const NO_ZEROES = 2;
/** Bit 1 of the transmission flags. */
const READ_ONLY = 2;

/** True for the greeting of a server that we can talk to. */
export function isGreeting(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 16) === `NBDMAGIC${OPTION_MAGIC}` && (bytes.readUInt16BE(16) & (FIXED_NEWSTYLE | NO_ZEROES)) === (FIXED_NEWSTYLE | NO_ZEROES);
}

/** Client flags and the choice of the unnamed export. */
export function chooseExport(): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(FIXED_NEWSTYLE | NO_ZEROES, 0);
  bytes.write(OPTION_MAGIC, 4, 'latin1');
  bytes.writeUInt32BE(1, 12);
  return bytes;
}

export function parseExport(bytes: Buffer): { sizeBytes: number; isReadOnly: boolean } {
  return { sizeBytes: Number(bytes.readBigUInt64BE(0)), isReadOnly: (bytes.readUInt16BE(8) & READ_ONLY) !== 0 };
}

export function readRequest(handle: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(REQUEST_MAGIC, 0);
  bytes.writeBigUInt64BE(BigInt(handle), 8);
  bytes.writeBigUInt64BE(BigInt(offset), 16);
  bytes.writeUInt32BE(length, 24);
  return bytes;
}

/** The reply's error number; null when it is no answer to this request. */
export function parseReply(bytes: Buffer, handle: number): { error: number } | null {
  if (bytes.readUInt32BE(0) !== REPLY_MAGIC || bytes.readBigUInt64BE(8) !== BigInt(handle)) return null;
  return { error: bytes.readUInt32BE(4) };
}
