import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { codeKeyId, rawPublicKey, signBytes } from '@kerbside/ledger';
import { headerText } from './manifest-header.ts';
import { encodePrologue, PROLOGUE_BYTES, SIGNATURE_DOMAIN } from './manifest-layout.ts';
import { createManifestWriter } from './manifest-writer.ts';
import { openManifest, requireTrustedSigner } from './open-manifest.ts';
import { factsOf, makeFolder, OTHER_UNIT, readItem, UNIT, writeManifest } from './test-manifests.ts';

const refusedAs = (codes: RegExp) => (error: unknown): boolean => error instanceof RefusedError && codes.test(error.code);

test('a manifest with any one byte changed, in whatever part, is refused', () => {
  using folder = makeFolder();
  const path = folder.at('good.kman');
  const writer = createManifestWriter(path, factsOf(), { unit: UNIT, setCodeKeys: [] });
  writer.add([readItem(1, 10), readItem(2, 20), { sizeBytes: 30, state: 'gated' }]);
  writer.addBlocks(codeKeyId(UNIT.codeKey!), Buffer.from('0100000000000010020000000000002003000000000000000400000000000004', 'hex'), 4);
  writer.finish(true);
  const good = readFileSync(path);
  openManifest(path).close();
  const bad = folder.at('bad.kman');
  for (let at = 0; at < good.length; at++) {
    const bytes = Buffer.from(good);
    bytes[at]! ^= 1 << (at % 8);
    writeFileSync(bad, bytes);
    assert.throws(() => openManifest(bad), refusedAs(/^manifest-(altered|truncated|not-a-manifest|version-unknown)$/), `byte ${at} of ${good.length}`);
  }
  assert.ok(good.length > 900);
});

test('a manifest cut anywhere, or with bytes behind it, is refused', () => {
  using folder = makeFolder();
  const good = readFileSync(writeManifest(folder.at('good.kman'), [readItem(1, 10)]));
  const bad = folder.at('bad.kman');
  for (let length = 0; length < good.length; length++) {
    writeFileSync(bad, good.subarray(0, length));
    assert.throws(() => openManifest(bad), refusedAs(length < 8 ? /^manifest-not-a-manifest$/ : /^manifest-truncated$/), `cut to ${length}`);
  }
  writeFileSync(bad, Buffer.concat([good, Buffer.alloc(1)]));
  assert.throws(() => openManifest(bad), refusedAs(/^manifest-altered$/));
});

test('what is no manifest of this version is refused by name', () => {
  using folder = makeFolder();
  assert.throws(() => openManifest(folder.at('absent')), { code: 'manifest-not-found' });
  assert.throws(() => openManifest(folder.path), { code: 'manifest-not-a-manifest' });
  writeFileSync(folder.at('text'), 'a text');
  assert.throws(() => openManifest(folder.at('text')), { code: 'manifest-not-a-manifest' });
  const later = readFileSync(writeManifest(folder.at('good.kman'), []));
  later.writeUInt32LE(2, 8);
  writeFileSync(folder.at('later'), later);
  assert.throws(() => openManifest(folder.at('later')), { code: 'manifest-version-unknown' });
});

test('a manifest signed anew by somebody else opens and is not trusted; one that only claims our key does not open', () => {
  using folder = makeFolder();
  const path = writeManifest(folder.at('other.kman'), [readItem(1, 10)], {}, OTHER_UNIT);
  const manifest = openManifest(path);
  assert.throws(() => requireTrustedSigner(manifest, [rawPublicKey(UNIT.publicKey)]), { code: 'manifest-signer-unknown' });
  requireTrustedSigner(manifest, [rawPublicKey(UNIT.publicKey), rawPublicKey(OTHER_UNIT.publicKey)]);
  const items = readFileSync(path).subarray(PROLOGUE_BYTES, PROLOGUE_BYTES + manifest.shape.lengthBytes);
  const { header } = manifest;
  manifest.close();

  const forge = (name: string, change: object, signer: typeof UNIT, domain = SIGNATURE_DOMAIN): string => {
    const text = Buffer.from(headerText({ ...header, ...change }));
    const prologue = encodePrologue(text, PROLOGUE_BYTES + items.length);
    writeFileSync(folder.at(name), Buffer.concat([prologue, items, text, signBytes(domain, prologue, signer.privateKey!)]));
    return folder.at(name);
  };
  openManifest(forge('same', {}, OTHER_UNIT)).close();
  const raw = rawPublicKey(UNIT.publicKey);
  const claims = { signer: { id: hash('sha256', raw, 'hex').slice(0, 16), publicKey: raw.toString('hex') } };
  assert.throws(() => openManifest(forge('claims', claims, OTHER_UNIT)), { code: 'manifest-altered' });
  assert.throws(() => openManifest(forge('other-purpose', {}, OTHER_UNIT, 'certificate-1')), { code: 'manifest-altered' });
  // Signed rightly, and yet no header that a builder writes.
  for (const change of [{ version: 2 }, { kinds: ['md5', 'md5'] }, { kinds: header.kinds.toReversed() }, { itemCounts: { read: 2, gated: 0, problem: 0, unread: 0 } }, { expiresAt: 'soon' }, { codeKeys: [] }, { perceptual: 'all' }, { items: { count: 2 ** 52, sha256: header.items.sha256 } }]) {
    assert.throws(() => openManifest(forge('odd', change, OTHER_UNIT)), { code: 'manifest-altered' }, JSON.stringify(change));
  }
});
