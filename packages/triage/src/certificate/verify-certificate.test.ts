import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RefusedError } from '@kerbside/bytes';
import { canonicalJson, exportPublicPart, makeUnitKeys, rawPublicKey, type JsonObject } from '@kerbside/ledger';
import { buildCertificate } from './build-certificate.ts';
import { formatCertificate, signCertificate } from './certificate-text.ts';
import type { CertificateInput } from './certificate-types.ts';
import { TEST_KEYS, testRun } from './test-certificate.ts';
import { verifyCertificate } from './verify-certificate.ts';

const { input } = testRun(Buffer.alloc(20_000, 7), [{ offset: 512, length: 1024 }]);
const made = buildCertificate(input, TEST_KEYS);
const bytes = Buffer.from(made.text);

/** True when the check does not pass, in whatever way. */
function fails(changed: Uint8Array): boolean {
  try {
    return !verifyCertificate(changed).unaltered;
  } catch (error) {
    return error instanceof RefusedError && ['certificate-not-one', 'certificate-version-unknown'].includes(error.code);
  }
}

function codes(change: Partial<CertificateInput>): string[] {
  return verifyCertificate(Buffer.from(buildCertificate({ ...input, ...change }, TEST_KEYS).text)).findings.map(({ code }) => code);
}

test('an unaltered certificate agrees in everything', () => {
  const check = verifyCertificate(bytes);
  assert.deepEqual(check, { certificate: JSON.parse(made.text), unaltered: true, signerTrusted: null, findings: [] });
  assert.equal(check.certificate.signature.owner, 'Test unit');
});

test('every single byte of the file counts, whichever bit of it is turned', () => {
  // All eight bits of each byte take a quarter of a minute on a busy machine.
  const every = process.env['KERBSIDE_LONG'] === '1';
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of every ? [0, 1, 2, 3, 4, 5, 6, 7] : [0, at % 8]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << bit;
      assert.ok(fails(changed), `byte ${at} (${JSON.stringify(made.text.slice(at - 10, at + 10))}), bit ${bit}`);
    }
  }
});

test('a file with any run of bytes changed, taken out, doubled or added fails', () => {
  const edit = fc.record({ at: fc.nat(bytes.length), take: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(edit, ({ at, take, put }) => {
      const changed = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + take)]);
      fc.pre(!changed.equals(bytes));
      assert.ok(fails(changed));
    }),
    { seed: 11, numRuns: 2000 },
  );
});

test('another form of the same values fails: spaces, order, an escape, a doubled name, a mark at the start', () => {
  const value = JSON.parse(made.text) as JsonObject;
  const forms = [
    canonicalJson(value),
    JSON.stringify(value, null, 2) + '\n\n',
    `${JSON.stringify(Object.fromEntries(Object.entries(value).toReversed()), null, 2)}\n`,
    made.text.replace('größe', 'gr\\u00f6\\u00dfe'),
    made.text.replace('{\n', '{\n  "kind": "kerbside-certificate",\n'),
    `\ufeff${made.text}`,
    made.text.replaceAll('\n', '\r\n'),
    made.text.replace('"totalMs": 60000', '"totalMs": 6e4'),
  ];
  for (const form of forms) {
    assert.notEqual(form, made.text);
    assert.ok(fails(Buffer.from(form)), form.slice(0, 60));
  }
  const invalid = Buffer.from(made.text.replace('größe', 'gr\ufffdße'));
  assert.ok(fails(Buffer.concat([invalid.subarray(0, invalid.indexOf('\ufffd')), Buffer.from([0xff]), invalid.subarray(invalid.indexOf('\ufffd') + 3)])));
});

test('bytes that are no text cannot stand for a mark that is signed', () => {
  const signed = Buffer.from(buildCertificate({ ...input, source: { ...input.source, path: 'a\ufffdb' } }, TEST_KEYS).text);
  const at = signed.indexOf('\ufffd');
  assert.ok(verifyCertificate(signed).unaltered);
  for (const bad of [[0xff], [0x80], [0xc0, 0x80]]) assert.ok(fails(Buffer.concat([signed.subarray(0, at), Buffer.from(bad), signed.subarray(at + 3)])));
});

test('a certificate whose signature was put on by another key, or taken from another certificate, fails', () => {
  const value = JSON.parse(made.text) as { signature: Record<string, string> } & JsonObject;
  const other = JSON.parse(buildCertificate({ ...input, reportDigest: 'f'.repeat(64) }, TEST_KEYS).text) as typeof value;
  const stranger = JSON.parse(buildCertificate(input, makeUnitKeys('Test unit')).text) as typeof value;
  const put = (signature: Record<string, string>): Buffer => Buffer.from(`${canonicalJson({ ...value, signature }, 2)}\n`);
  assert.ok(fails(put(other.signature)));
  assert.ok(fails(put({ ...value.signature, publicKey: stranger.signature['publicKey']! })));
  assert.ok(fails(put({ ...value.signature, owner: 'Somebody else' })));
  assert.ok(!fails(put(stranger.signature)), 'the same content signed by another is that other’s certificate');
});

test('the signer is asked for among the keys that are given', () => {
  const own = rawPublicKey(TEST_KEYS.publicKey);
  const stranger = rawPublicKey(makeUnitKeys('Other').publicKey);
  assert.equal(verifyCertificate(bytes, [stranger, own]).signerTrusted, true);
  const check = verifyCertificate(bytes, [stranger]);
  assert.equal(check.signerTrusted, false);
  assert.deepEqual(check.findings.map(({ code }) => code), ['signer-not-trusted']);
});

test('keys without their private part sign nothing', () => {
  assert.throws(() => buildCertificate(input, exportPublicPart(TEST_KEYS)), (error) => error instanceof RefusedError && error.code === 'key-part-missing');
});

test('what is no certificate is refused, and one of another version', () => {
  for (const text of ['', '{}', '[]', 'null', 'text', '{"kind":"other"}', '['.repeat(100_000)]) {
    assert.throws(() => verifyCertificate(Buffer.from(text)), (error) => error instanceof RefusedError && error.code === 'certificate-not-one', text.slice(0, 20));
  }
  const later = Buffer.from(made.text.replace('"formatVersion": 1', '"formatVersion": 2'));
  assert.throws(() => verifyCertificate(later), (error) => error instanceof RefusedError && error.code === 'certificate-version-unknown');
});

test('figures that do not add up are found though the signature is right', () => {
  assert.deepEqual(codes({}), []);
  const [first, second] = input.reads as [CertificateInput['reads'][number], CertificateInput['reads'][number]];
  assert.deepEqual(codes({ reads: [first, first] }), ['reads-repeated']);
  for (const wrong of [{ count: first.count + 1 }, { planned: 1 }, { done: [{ first: 0, count: first.count - 1 }] }, { done: [{ first: 0, count: 1 }, { first: 1, count: first.count - 1 }] }, { done: [] }, { done: [{ first: 1, count: first.count }] }]) {
    assert.ok(codes({ reads: [{ ...first, ...wrong }, second] }).includes('reads-counts'), JSON.stringify(wrong));
  }
  const { gaps, result, controls, verdictInput } = input;
  assert.deepEqual(codes({ result: { ...result, meter: { ...result.meter, systematicReads: 1000 } } }), ['meter-reads']);
  assert.deepEqual(codes({ result: { ...result, meter: { ...result.meter, filesChecked: 11 } } }), ['meter-files']);
  assert.deepEqual(codes({ result: { ...result, hits: { ...result.hits, count: 1 } } }), ['hits-counts']);
  assert.deepEqual(codes({ gaps: { ...gaps, unreadableRanges: [{ offset: 512, length: 1023 }] } }), ['unreadable-ranges']);
  assert.deepEqual(codes({ gaps: { ...gaps, unreadableRanges: [{ offset: 19_999, length: 1024 }] } }), ['unreadable-ranges']);
  assert.deepEqual(codes({ gaps: { ...gaps, unreadableRanges: [{ offset: 512, length: 512 }, { offset: 512, length: 512 }] } }), ['unreadable-ranges']);
  assert.ok(codes({ gaps: { ...gaps, items: { ...gaps.items, read: 7 } } }).includes('items-counts'));
  assert.deepEqual(codes({ controls: { ...controls, markers: [{ name: 'a', expected: 'hit', outcome: 'missed' }] } }), ['controls-state']);
  assert.deepEqual(codes({ controls: { ...controls, markers: [] } }), ['controls-state']);
  const notTried = { name: 'b', expected: 'hit', outcome: 'not-tried', reason: 'no sandbox' } as const;
  assert.deepEqual(codes({ controls: { ...controls, markers: [...controls.markers, notTried] } }), [], 'what was not tried is no fault');
  assert.deepEqual(codes({ controls: { ...controls, markers: [notTried] } }), ['controls-state'], 'and no proof');
  assert.ok(codes({ verdictInput: { ...verdictInput, unreadableBytes: 1 } }).includes('verdict-basis'));
});

test('a verdict that does not follow from its facts is found: hits kept quiet, unread bytes, another word', () => {
  const { result, verdictInput } = input;
  assert.deepEqual(codes({ result: { ...result, verdict: 'nothing-known-found' } }), ['verdict-differs']);
  assert.deepEqual(codes({ result: { ...result, reasons: [] } }), ['verdict-differs']);
  assert.deepEqual(codes({ result: { ...result, hits: { ...result.hits, count: 2, counts: [{ meaning: 'alert', strength: 'confirmed', count: 2 }] } } }), ['verdict-differs']);
  assert.deepEqual(codes({ verdictInput: { ...verdictInput, unfinishedStages: ['content'] } }), ['verdict-differs']);
  assert.deepEqual(codes({ result: { ...result, hits: { ...result.hits, count: 1e15, counts: [{ meaning: 'alert', strength: 'confirmed', count: 1e15 }] } } }), ['verdict-differs']);
  assert.deepEqual(codes({ tool: { ...input.tool, version: '9.9.9' }, result: { ...result, verdict: 'nothing-known-found' } }), [], 'another version may weigh the facts otherwise');
});

test('a body of the wrong shape is found before anything is computed from it, though it is signed', () => {
  const body = made.certificate as unknown as JsonObject;
  const without = (name: string): JsonObject => Object.fromEntries(Object.entries(body).filter(([field]) => field !== name && field !== 'signature'));
  const signed = (value: JsonObject): Buffer => Buffer.from(formatCertificate(signCertificate(value as unknown as Parameters<typeof signCertificate>[0], TEST_KEYS)));
  for (const name of Object.keys(body).filter((field) => !['kind', 'formatVersion', 'signature'].includes(field))) {
    for (const value of [undefined, null, 'x', -1, [], {}, [null]]) {
      const bad = value === undefined ? without(name) : { ...without(name), [name]: value };
      if (name === 'sets' && Array.isArray(value) && value.length === 0) continue;
      if (name === 'reads' && Array.isArray(value) && value.length === 0) continue;
      const check = verifyCertificate(signed(bad));
      assert.ok(!check.unaltered && check.findings[0]!.message.includes(name), `${name}: ${JSON.stringify(value)}: ${JSON.stringify(check.findings)}`);
    }
  }
});
