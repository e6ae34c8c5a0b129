/** $AttrDef: 160 bytes each: name in 128 bytes UTF-16, type, display rule, collation, flags u32 each, least and most size u64. */
const DEFINITIONS: readonly [name: string, type: number, flags: number, leastBytes: number, mostBytes: number][] = [
  ['$STANDARD_INFORMATION', 0x10, 0x40, 48, 72],
  ['$ATTRIBUTE_LIST', 0x20, 0x80, 0, -1],
  ['$FILE_NAME', 0x30, 0x42, 68, 578],
  ['$OBJECT_ID', 0x40, 0x40, 0, 256],
  ['$SECURITY_DESCRIPTOR', 0x50, 0x80, 0, -1],
  ['$VOLUME_NAME', 0x60, 0x40, 2, 256],
  ['$VOLUME_INFORMATION', 0x70, 0x40, 12, 12],
  ['$DATA', 0x80, 0, 0, -1],
  ['$INDEX_ROOT', 0x90, 0x40, 0, -1],
  ['$INDEX_ALLOCATION', 0xa0, 0x80, 0, -1],
  ['$BITMAP', 0xb0, 0x80, 0, -1],
  ['$REPARSE_POINT', 0xc0, 0x80, 0, 16384],
  ['$EA_INFORMATION', 0xd0, 0x40, 8, 8],
  ['$EA', 0xe0, 0, 0, 65536],
  ['$LOGGED_UTILITY_STREAM', 0x100, 0x80, 0, 65536],
];

const DEFINITION_BYTES = 160;

/** Content of $AttrDef, ended by one empty definition. */
export function attributeDefinitionFile(): Buffer {
  const bytes = Buffer.alloc((DEFINITIONS.length + 1) * DEFINITION_BYTES);
  for (const [position, [name, type, flags, leastBytes, mostBytes]] of DEFINITIONS.entries()) {
    const at = position * DEFINITION_BYTES;
    bytes.write(name, at, 'utf16le');
    bytes.writeUInt32LE(type, at + 128);
    bytes.writeUInt32LE(flags, at + 140);
    bytes.writeBigInt64LE(BigInt(leastBytes), at + 144);
    bytes.writeBigInt64LE(BigInt(mostBytes), at + 152);
  }
  return bytes;
}
