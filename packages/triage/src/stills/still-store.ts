/*
 * stills.kst: stills of one run, sealed. Integers little-endian.
 *
 * | offset | bytes | what |
 * | ------ | ----- | ---- |
 * | 0      | 8     | `KSTILLS1` |
 * | 8      | 16    | store id, random; names the key file |
 * | 24     | 16    | key check (still-key.ts) |
 * | 40     | –     | records, one after another, only ever added |
 *
 * A record: length of the sealed bytes u32; name, 16 bytes: HMAC-SHA256 under the key over what the still is of, cut;
 * nonce, 12 random bytes; tag, 16 bytes; sealed bytes: AES-256-GCM, with store id and name as additional data: a still, or
 * the strip of a video (strip-record.ts).
 * A last record that is cut short, as by a kill, counts as not there and is overwritten by the next.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError, syncFolder, writeFully } from '@kerbside/bytes';
import { keyCheck, KEY_CHECK_BYTES, makeStillKey, readStillKey, STORE_ID_BYTES } from './still-key.ts';
import { MAX_STRIP_RECORD_BYTES } from './strip-record.ts';

export const STILL_STORE_NAME = 'stills.kst';

/** A store takes no more than this: some 20,000 stills, more than anybody looks at in one run. Past it stills are made each time they are asked for. */
export const MAX_STORE_BYTES = 256 * 1024 * 1024;

const MAGIC = Buffer.from('KSTILLS1');
const HEADER_BYTES = MAGIC.length + STORE_ID_BYTES + KEY_CHECK_BYTES;
const NAME_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const RECORD_HEAD_BYTES = 4 + NAME_BYTES + NONCE_BYTES + TAG_BYTES;
const SECRET_MODE = 0o600;

export interface StillStore extends Disposable {
  /** The still kept under this name, or null. @throws RefusedError `still-store-altered` */
  find(name: string): Buffer | null;
  /** Seals and keeps a still, durable when it returns. @returns false where the store is full */
  keep(name: string, still: Uint8Array): boolean;
}

/**
 * Opens a run's store, made on first need with a key of its own.
 *
 * @throws RefusedError `still-store-not-writable`, `still-store-unusable`, `still-key-wrong`, and what the key's file is refused for
 */
export function openStillStore(runFolder: string, homeFolder: string, maxBytes = MAX_STORE_BYTES): StillStore {
  const path = join(runFolder, STILL_STORE_NAME);
  const file = openFile(path);
  try {
    const { storeId, key } = fstatSync(file).size === 0 ? startStore(file, runFolder, homeFolder) : readHeader(file, path, homeFolder);
    const records = readRecords(file, path);
    return makeStore(path, file, storeId, key, records, maxBytes);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, existsSync(path) ? 'r+' : 'wx+', SECRET_MODE);
  } catch (error) {
    throw new RefusedError('still-store-not-writable', `${path} could not be opened for writing (${(error as Error).message}). Stills are kept in the run's folder: give one you may write to.`, {}, error);
  }
}

/** The key is durable before the header that needs it. */
function startStore(file: number, runFolder: string, homeFolder: string): { storeId: Buffer; key: Uint8Array } {
  const storeId = randomBytes(STORE_ID_BYTES);
  const key = makeStillKey(homeFolder, storeId);
  writeFully(file, Buffer.concat([MAGIC, storeId, keyCheck(key, storeId)]), 0);
  fsyncSync(file);
  syncFolder(runFolder);
  return { storeId, key };
}

function readHeader(file: number, path: string, homeFolder: string): { storeId: Buffer; key: Uint8Array } {
  const header = readAt(file, 0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new RefusedError('still-store-unusable', `${path} is no store of stills, or its beginning is damaged. Move it out of the run folder; stills can be made again.`);
  }
  const storeId = header.subarray(MAGIC.length, MAGIC.length + STORE_ID_BYTES);
  const key = readStillKey(homeFolder, storeId);
  if (!keyCheck(key, storeId).equals(header.subarray(MAGIC.length + STORE_ID_BYTES))) {
    throw new RefusedError('still-key-wrong', `The key on this machine is not the one that ${path} was sealed with. Restore the right key file, or move the store out of the run folder to make stills again.`);
  }
  return { storeId, key };
}

interface RecordPlace {
  readonly at: number;
  readonly sealedBytes: number;
}

interface Records {
  readonly byName: Map<string, RecordPlace>;
  /** Where the next record goes: behind the last whole one. */
  end: number;
}

function readRecords(file: number, path: string): Records {
  const fileBytes = fstatSync(file).size;
  const byName = new Map<string, RecordPlace>();
  let end = HEADER_BYTES;
  while (end + RECORD_HEAD_BYTES <= fileBytes) {
    const head = readAt(file, end, RECORD_HEAD_BYTES);
    const sealedBytes = head.readUInt32LE(0);
    if (sealedBytes === 0 || sealedBytes > MAX_STRIP_RECORD_BYTES) throw altered(path);
    if (end + RECORD_HEAD_BYTES + sealedBytes > fileBytes) break;
    byName.set(head.toString('hex', 4, 4 + NAME_BYTES), { at: end, sealedBytes });
    end += RECORD_HEAD_BYTES + sealedBytes;
  }
  return { byName, end };
}

function makeStore(path: string, file: number, storeId: Buffer, key: Uint8Array, records: Records, maxBytes: number): StillStore {
  const nameOf = (name: string): Buffer => createHmac('sha256', key).update('Kerbside name of a still\n').update(name).digest().subarray(0, NAME_BYTES);
  return {
    find(name) {
      const sealedName = nameOf(name);
      const place = records.byName.get(sealedName.toString('hex'));
      if (place === undefined) return null;
      const record = readAt(file, place.at, RECORD_HEAD_BYTES + place.sealedBytes);
      const nonce = record.subarray(4 + NAME_BYTES, 4 + NAME_BYTES + NONCE_BYTES);
      const opening = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.concat([storeId, sealedName])).setAuthTag(record.subarray(RECORD_HEAD_BYTES - TAG_BYTES, RECORD_HEAD_BYTES));
      try {
        return Buffer.concat([opening.update(record.subarray(RECORD_HEAD_BYTES)), opening.final()]);
      } catch {
        throw altered(path);
      }
    },
    keep(name, still) {
      if (still.byteLength === 0 || still.byteLength > MAX_STRIP_RECORD_BYTES) throw new RangeError(`a still has 1 to ${MAX_STRIP_RECORD_BYTES} bytes, not ${still.byteLength}`);
      if (records.end + RECORD_HEAD_BYTES + still.byteLength > maxBytes) return false;
      const sealedName = nameOf(name);
      const nonce = randomBytes(NONCE_BYTES);
      const sealing = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.concat([storeId, sealedName]));
      const sealed = Buffer.concat([sealing.update(still), sealing.final()]);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(sealed.length);
      const record = Buffer.concat([length, sealedName, nonce, sealing.getAuthTag(), sealed]);
      try {
        ftruncateSync(file, records.end);
        writeFully(file, record, records.end);
        fsyncSync(file);
      } catch (error) {
        throw new RefusedError('still-store-not-writable', `${path} could not be written (${(error as Error).message}).`, {}, error);
      }
      records.byName.set(sealedName.toString('hex'), { at: records.end, sealedBytes: sealed.length });
      records.end += record.length;
      return true;
    },
    [Symbol.dispose]: () => closeSync(file),
  };
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const got = readSync(file, bytes, done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

function altered(path: string): RefusedError {
  return new RefusedError('still-store-altered', `${path} is not as it was written: it is damaged, or somebody changed it. Keep it as it is, tell who is responsible for the run, and move it out of the run folder to make stills again.`);
}
