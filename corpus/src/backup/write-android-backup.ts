import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { makeRandom } from '../random.ts';

export interface AndroidBackupOptions {
  /** The TAR inside it. */
  readonly tar: Uint8Array;
  readonly isPacked: boolean;
  readonly password?: string;
  /** 1 takes the low byte of each character of keys, later ones UTF-8. 5 when absent. */
  readonly version?: number;
}

/** adb asks for 10,000; fewer keep tests quick. */
const ROUNDS = 100;

/** Writes an Android backup (`.ab`). */
export function writeAndroidBackup(options: AndroidBackupOptions): Buffer {
  const version = options.version ?? 5;
  const content = options.isPacked ? deflateSync(options.tar) : Buffer.from(options.tar);
  const head = `ANDROID BACKUP\n${version}\n${options.isPacked ? 1 : 0}\n`;
  if (options.password === undefined) return Buffer.concat([Buffer.from(`${head}none\n`), content]);
  const [passwordSalt, checkSalt, passwordVector, vector, key] = [64, 64, 16, 16, 32].map((length, i) => seeded(i + 1, length)) as [Buffer, Buffer, Buffer, Buffer, Buffer];
  const passwordKey = pbkdf2Sync(Buffer.from(options.password, version === 1 ? 'latin1' : 'utf8'), passwordSalt, ROUNDS, 32, 'sha1');
  const keyText = version === 1 ? key : Buffer.concat([...key].map((byte) => (byte < 0x80 ? Buffer.of(byte) : Buffer.of(0xef, 0xbc | ((byte >> 6) & 3), 0x80 | (byte & 0x3f)))));
  const check = pbkdf2Sync(keyText, checkSalt, ROUNDS, 32, 'sha1');
  const blob = encrypt(passwordKey, passwordVector, Buffer.concat([Buffer.of(16), vector, Buffer.of(32), key, Buffer.of(32), check]));
  const lines = ['AES-256', hex(passwordSalt), hex(checkSalt), String(ROUNDS), hex(passwordVector), hex(blob)];
  return Buffer.concat([Buffer.from(`${head}${lines.join('\n')}\n`), encrypt(key, vector, content)]);
}

function encrypt(key: Buffer, vector: Buffer, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, vector);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

function seeded(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  makeRandom(seed).fill(bytes);
  return bytes;
}
