/**
 * $Secure: one security descriptor, shared by every file.
 *
 * $SDS entry: hash u32, identifier u32, offset in the stream u64, length with this head u32, descriptor.
 * The stream repeats each 256 KiB at once behind it. $SDH orders by hash and identifier, $SII by identifier;
 * both are view indexes whose entries hold the data's offset and length u16 each, 4 bytes, entry length u16,
 * key length u16, flags u16, 2 bytes, key, data (the $SDS head).
 */
import { ATTRIBUTE, residentAttribute, type Attribute } from './attribute.ts';
import { SECURITY_ID } from './file-name.ts';

const SDS_MIRROR_OFFSET = 0x40000;
const SDS_HEAD_BYTES = 20;

/** Self-relative descriptor: owner and group Administrators, full access for Everyone. */
function securityDescriptor(): Buffer {
  const administrators = Buffer.from('01020000000000052000000020020000', 'hex');
  const everyone = Buffer.from('010100000000000100000000', 'hex');
  const access = Buffer.concat([Buffer.from('0003', 'hex'), Buffer.from([8 + everyone.length, 0]), Buffer.from('ff011f00', 'hex'), everyone]);
  const list = Buffer.concat([Buffer.from([2, 0, 8 + access.length, 0, 1, 0, 0, 0]), access]);
  const head = Buffer.alloc(20);
  head.writeUInt16LE(1, 0);
  head.writeUInt16LE(0x8004, 2);
  head.writeUInt32LE(20 + list.length, 4);
  head.writeUInt32LE(20 + list.length + administrators.length, 8);
  head.writeUInt32LE(20, 16);
  return Buffer.concat([head, list, administrators, administrators]);
}

function descriptorHash(descriptor: Buffer): number {
  let hash = 0;
  for (let at = 0; at + 4 <= descriptor.length; at += 4) hash = (descriptor.readUInt32LE(at) + ((hash << 3) | (hash >>> 29))) >>> 0;
  return hash;
}

/** The stream $SDS and the two index roots over it. */
export function buildSecure(): { descriptorStream: Buffer; indexes: Attribute[] } {
  const descriptor = securityDescriptor();
  const hash = descriptorHash(descriptor);
  const entry = Buffer.alloc(SDS_HEAD_BYTES + descriptor.length);
  entry.writeUInt32LE(hash, 0);
  entry.writeUInt32LE(SECURITY_ID, 4);
  entry.writeUInt32LE(entry.length, 16);
  entry.set(descriptor, SDS_HEAD_BYTES);
  const descriptorStream = Buffer.alloc(SDS_MIRROR_OFFSET + entry.length);
  descriptorStream.set(entry, 0);
  descriptorStream.set(entry, SDS_MIRROR_OFFSET);

  const hashKey = Buffer.alloc(8);
  hashKey.writeUInt32LE(hash, 0);
  hashKey.writeUInt32LE(SECURITY_ID, 4);
  const identifierKey = hashKey.subarray(4);
  const data = entry.subarray(0, SDS_HEAD_BYTES);
  return {
    descriptorStream,
    indexes: [
      viewIndexRoot('$SDH', 0x12, viewEntry(hashKey, data, Buffer.from('I\0I\0', 'latin1'))),
      viewIndexRoot('$SII', 0x10, viewEntry(identifierKey, data, Buffer.alloc(0))),
    ],
  };
}

function viewEntry(key: Buffer, data: Buffer, padding: Buffer): Buffer {
  const length = Math.ceil((16 + key.length + data.length + padding.length) / 8) * 8;
  const entry = Buffer.alloc(length);
  entry.writeUInt16LE(16 + key.length, 0);
  entry.writeUInt16LE(data.length, 2);
  entry.writeUInt16LE(length, 8);
  entry.writeUInt16LE(key.length, 10);
  entry.set(key, 16);
  entry.set(data, 16 + key.length);
  entry.set(padding, 16 + key.length + data.length);
  return entry;
}

function viewIndexRoot(name: string, collation: number, entry: Buffer): Attribute {
  const root = Buffer.alloc(32 + entry.length + 16);
  root.writeUInt32LE(0, 0);
  root.writeUInt32LE(collation, 4);
  root.writeUInt32LE(4096, 8);
  root[12] = 1;
  root.writeUInt32LE(16, 16);
  root.writeUInt32LE(root.length - 16, 20);
  root.writeUInt32LE(root.length - 16, 24);
  root.set(entry, 32);
  root.writeUInt16LE(16, 32 + entry.length + 8);
  root.writeUInt32LE(2, 32 + entry.length + 12);
  return residentAttribute(ATTRIBUTE.indexRoot, root, { name });
}
