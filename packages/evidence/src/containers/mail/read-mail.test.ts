import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePicture, mutate, writeMbox, writeMessage, writeUuencoded, type MailPartInput, type MessageInput } from '@kerbside/corpus';
import { MemorySource, NO_RANGES, type RandomAccessSource } from '@kerbside/bytes';
import { ContainerBudget } from '../container-budget.ts';
import { listAll, type Listed } from '../test-list-all.ts';
import { MAX_MAIL_DEPTH, MAX_PARTS_PER_MESSAGE } from './mail-limits.ts';
import { readEmlx, readMail } from './read-mail.ts';
import { recogniseMail } from './recognise-mail.ts';
import type { MailForm } from './walk-mail.ts';

const PICTURE = makePicture({ kind: 'jpeg', widthPx: 80, heightPx: 60, seed: 9 });
const budget = (): ContainerBudget => ContainerBudget.forContainer(1 << 20);

function list(bytes: Buffer | string, form: MailForm = 'message'): Promise<Listed> {
  const content = Buffer.from(bytes as string);
  return listAll(readMail(new MemorySource(content), form, budget()));
}

function file(name: string | null, content: Uint8Array, more: Partial<Extract<MailPartInput, { kind: 'file' }>> = {}): MailPartInput {
  return { kind: 'file', name, content, ...more };
}

const NESTED: MessageInput = {
  subject: 'Pictures of the match',
  body: {
    kind: 'group',
    parts: [
      { kind: 'group', subtype: 'alternative', parts: [{ kind: 'text', text: 'See below.\r\n' }, file(null, Buffer.from('<p>See below.</p>'), { type: 'text/html', inline: true })] },
      file('pitch.jpg', PICTURE, { type: 'image/jpeg' }),
      file(null, PICTURE, { type: 'image/jpeg', inline: true }),
      file('Köln ⚽.jpg', PICTURE, { naming: 'rfc2047' }),
      file('Köln ⚽.png', Buffer.from('one'), { naming: 'rfc2231', encoding: 'quoted-printable' }),
      file('Köln in pieces.png', Buffer.from('two'), { naming: 'pieces', encoding: '8bit' }),
      file('goal.bin', Buffer.from('three\r\nlines\r\n'), { encoding: 'x-uuencode' }),
      {
        kind: 'message',
        message: { subject: 'Earlier', date: 'Sat, 28 Feb 2026 09:00:00 GMT', body: { kind: 'group', parts: [{ kind: 'text', text: 'x' }, file('inner.jpg', PICTURE)] } },
      },
    ],
  },
};

const EXPECTED: Record<string, Buffer> = {
  '\\[part3]/pitch.jpg': PICTURE,
  '\\[part4]': PICTURE,
  '\\[part5]/Köln ⚽.jpg': PICTURE,
  '\\[part6]/Köln ⚽.png': Buffer.from('one'),
  '\\[part7]/Köln in pieces.png': Buffer.from('two'),
  '\\[part8]/goal.bin': Buffer.from('three\r\nlines\r\n'),
  '\\[part9]/\\[part2]/inner.jpg': PICTURE,
};

test('every attachment of a message, in every encoding and spelling of its name, also those of an attached message', async () => {
  const { contents, members, codes } = await list(writeMessage(NESTED));
  assert.deepEqual(codes, []);
  assert.deepEqual(Object.fromEntries(contents), EXPECTED);
  assert.equal(members.get('\\[part9]')?.kind, 'directory');
  assert.equal(members.get('\\[part3]/pitch.jpg')?.times.created?.seconds, Date.parse('2026-03-01T14:30:00Z') / 1000);
  assert.equal(members.get('\\[part9]/\\[part2]/inner.jpg')?.times.created?.seconds, Date.parse('2026-02-28T09:00:00Z') / 1000);
});

for (const form of ['mboxo', 'mboxrd', 'mboxcl2'] as const) {
  test(`an ${form} of many messages: each part under its message, lines From in texts and files do no harm`, async () => {
    const quoted = Buffer.from('From the left\nFrom nobody\n\nFrom x Sun Mar  1 15:30:00 2026\nSubject: no message\n\n');
    const messages = [
      writeMessage(NESTED),
      writeMessage({ subject: 'quotes', body: { kind: 'group', parts: [{ kind: 'text', text: 'a\r\n\r\nFrom x Sun Mar  1 15:30:00 2026\r\nSubject: quoted\r\n\r\nb' }, file('after.jpg', PICTURE), file('quoted.txt', quoted, { encoding: form === 'mboxcl2' ? 'base64' : '8bit' })] } }),
      writeMessage({ subject: 'plain text', body: { kind: 'text', text: 'The match is on Sunday.' } }),
      writeMessage({ subject: 'picture only', body: file('last.jpg', PICTURE) }),
    ];
    const bytes = writeMbox(messages, form);
    assert.equal(recogniseMail(bytes), 'mbox');
    const { contents, codes } = await list(bytes, 'mbox');
    assert.deepEqual(codes, []);
    const files = [...contents].map(([path, content]) => [path.replace(/^\\\[message\d+\]\//, ''), content] as const);
    const expected = { ...EXPECTED, '\\[part8]/goal.bin': Buffer.from('three\r\nlines\r\n'), '\\[part2]/after.jpg': PICTURE, '\\[part3]/quoted.txt': quoted, '\\[part1]/last.jpg': PICTURE };
    assert.deepEqual(Object.fromEntries(files), expected);
    assert.equal(files.length, Object.keys(expected).length);
  });
}

test('an .emlx is read with its count, and a count that lies is told', async () => {
  const message = writeMessage(NESTED);
  const emlx = (count: number): Buffer => Buffer.concat([Buffer.from(`${count}      \n`), message, Buffer.from('<?xml version="1.0"?><plist version="1.0"><dict/></plist>')]);
  assert.equal(recogniseMail(emlx(message.length)), 'emlx');
  const sound = await listAll(readEmlx(new MemorySource(emlx(message.length)), budget()));
  assert.deepEqual([sound.codes, Object.fromEntries(sound.contents)], [[], EXPECTED]);
  const extent = sound.members.get('\\[part7]/Köln in pieces.png')!.extents![0]!;
  assert.equal(emlx(message.length).toString('latin1', extent.sourceOffset, extent.sourceOffset + extent.length), 'two');
  assert.deepEqual((await listAll(readEmlx(new MemorySource(emlx(message.length + 9999)), budget()))).codes, ['mail-emlx-damaged']);
  assert.deepEqual((await listAll(readEmlx(new MemorySource(Buffer.from('x\n')), budget()))).codes, ['mail-emlx-damaged']);
});

test('files uuencoded in a text, two of them, one without an end', async () => {
  const text = `Hello\r\nbegin with this line\r\n\r\n${writeUuencoded(PICTURE, 'old picture.jpg')}and\r\n${writeUuencoded(Buffer.from('abc'), 'b.txt').replace('`\r\nend\r\n', '')}`;
  const { contents } = await list(writeMessage({ subject: 'news', body: { kind: 'text', text } }));
  assert.deepEqual(Object.fromEntries(contents), { '\\[part2]/old picture.jpg': PICTURE, '\\[part3]/b.txt': Buffer.from('abc') });
});

test('what only the receiver can open is named', async () => {
  const pgp = await list(writeMessage({ subject: 'x', body: { kind: 'group', subtype: 'encrypted; protocol="application/pgp-encrypted"', parts: [file('version.txt', Buffer.from('Version: 1')), file('encrypted.asc', Buffer.from('x'))] } }));
  assert.deepEqual(pgp.codes, ['mail-encrypted', 'mail-encrypted']);
  assert.ok([...pgp.members.values()].every(({ state }) => state === 'encrypted'));
  const smime = (type: string): Promise<Listed> => list(writeMessage({ subject: 'x', body: file('smime.p7m', Buffer.from('x'), { type: `application/pkcs7-mime; smime-type=${type}` }) }));
  assert.deepEqual((await smime('enveloped-data')).codes, ['mail-encrypted']);
  assert.deepEqual((await smime('signed-data')).codes, ['mail-signed-opaque']);
});

test('traps: parts beyond number, nesting without end, headers without end, one boundary for all', async () => {
  const many = `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Disposition: attachment\n\nx\n'.repeat(100_000)}--b--\n`;
  const parts = await list(many);
  assert.deepEqual(parts.codes, ['mail-parts-limit']);
  assert.equal(parts.members.size, MAX_PARTS_PER_MESSAGE);

  let deep = '';
  for (let i = 0; i < 5000; i++) deep += `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`;
  assert.deepEqual((await list(deep)).codes, ['mail-depth-limit']);
  const same = await list('Content-Type: multipart/mixed; boundary=b\n\n--b\n'.repeat(5000));
  assert.deepEqual(same.codes.filter((code) => code !== 'mail-depth-limit'), []);
  const messages = await list(`Content-Type: multipart/mixed; boundary=b\n\n--b\n${'Content-Type: message/rfc822\n\n'.repeat(5000)}`);
  assert.ok(messages.members.size <= MAX_MAIL_DEPTH + 1, String(messages.members.size));

  assert.deepEqual((await list(`Subject: ${'x'.repeat(400_000)}\n\nbody`)).codes, []);
  assert.deepEqual((await list(`${'X-Long: goal\n'.repeat(50_000)}\nbody`)).codes, ['mail-header-limit']);
  assert.deepEqual((await list('Content-Type: multipart/mixed\n\n--x\n')).codes, ['mail-boundary-missing']);
  assert.deepEqual((await list('Content-Type: image/jpeg\nContent-Transfer-Encoding: rot13\n\nx')).codes, ['mail-encoding-unknown']);
  assert.deepEqual((await list(Buffer.alloc(3_000_000, 'x'))).codes, []);
  assert.deepEqual((await list('')).codes, []);
});

test('the budget of the container ends the list by its name', async () => {
  const small = ContainerBudget.forContainer(1, { ...budget().limits, maxEntries: 3 });
  const { codes, members } = await listAll(readMail(new MemorySource(writeMessage(NESTED)), 'message', small));
  assert.deepEqual([codes, members.size], [['container-entries-limit'], 3]);
});

test('a message cut anywhere: what was whole is listed, a part cut through is told', async () => {
  const whole = writeMessage({ subject: 'cut', body: { kind: 'group', parts: [file('a.jpg', PICTURE), file('b.jpg', PICTURE)] } });
  let told = 0;
  for (let cut = 0; cut < whole.length; cut += 97) {
    const { codes, contents } = await list(whole.subarray(0, cut));
    assert.ok(codes.every((code) => code === 'mail-cut-short' || (cut < 250 && code === 'mail-boundary-missing')), codes.join());
    for (const content of contents.values()) assert.deepEqual(content, PICTURE.subarray(0, content.length));
    told += codes.length;
  }
  assert.ok(told > 10);
});

test('bytes that cannot be read are told, and the part they stand in fails with their place', async () => {
  const whole = writeMessage({ subject: 'bad', body: { kind: 'group', parts: [file('a.jpg', PICTURE), file('b.jpg', PICTURE)] } });
  const at = whole.indexOf('a.jpg') + 200;
  const source: RandomAccessSource = {
    sizeBytes: whole.length,
    originOffset: 0,
    readInto(target, offset) {
      target.set(whole.subarray(offset, offset + target.length));
      if (offset > at || offset + target.length <= at) return NO_RANGES;
      target.fill(0, at - offset, Math.min(target.length, at - offset + 100));
      return [{ offset: at, length: 100 }];
    },
    close() {},
  };
  const { codes, contents } = await listAll(readMail(source, 'message', budget()));
  assert.deepEqual(codes, ['unreadable-bytes']);
  assert.equal(contents.get('\\[part1]/a.jpg'), 'unreadable-bytes');
  assert.deepEqual(contents.get('\\[part2]/b.jpg'), PICTURE);
});

test('what is mail is told from what is not', () => {
  for (const [text, expected] of [
    ['From: a\nTo: b\n\nx', 'message'], ['Return-Path: <>\r\nReceived: by x;\r\n Sun\r\nSubject: s', 'message'], ['name: value\nother: value\n', null],
    ['From here to there', null], ['12345\nFrom: a\nSubject: b\n\n', 'emlx'], ['{"From": 1}', null], ['From a@b Sun Mar 1 15:30:00 2026\nFrom: a\nDate: b\n\n', 'mbox'], ['', null], ['\xff\xd8\xff', null],
  ] as const) assert.equal(recogniseMail(Buffer.from(text, 'latin1')), expected, text);
});

test('2,000 damaged messages: parts or problems, never an exception past the reader', async () => {
  const message = writeMessage(NESTED);
  const mbox = writeMbox([writeMessage({ subject: 'a', body: file('a.txt', Buffer.from('abc')) }), message.subarray(0, 3000), writeMessage({ subject: 'c', body: file('c.txt', Buffer.from('abc')) })], 'mboxrd');
  for (let seed = 1; seed <= 2000; seed++) {
    const isMbox = seed % 2 === 0;
    const { codes } = await list(mutate(isMbox ? mbox : message, seed), isMbox ? 'mbox' : 'message');
    assert.ok(!codes.includes('internal-fault'), `seed ${seed}`);
  }
});
