/** A part of a message: a file, a text, a group of parts, or a message attached to the message. */
export type MailPartInput =
  | { readonly kind: 'file'; readonly name: string | null; readonly content: Uint8Array; readonly type?: string; readonly encoding?: 'base64' | 'quoted-printable' | '8bit' | 'x-uuencode'; readonly naming?: 'plain' | 'rfc2047' | 'rfc2231' | 'pieces'; readonly inline?: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'group'; readonly parts: readonly MailPartInput[]; readonly subtype?: string }
  | { readonly kind: 'message'; readonly message: MessageInput };

export interface MessageInput {
  readonly subject: string;
  /** As it stands in the field `Date`. */
  readonly date?: string;
  readonly body: MailPartInput;
}

/** Writes one message (EML) with CRLF line ends. */
export function writeMessage(input: MessageInput): Buffer {
  const counter = { boundaries: 0 };
  return messageBytes(input, counter);
}

function messageBytes(input: MessageInput, counter: { boundaries: number }): Buffer {
  const header = `From: referee@example.org\r\nTo: club@example.org\r\nSubject: ${input.subject}\r\nDate: ${input.date ?? 'Sun, 1 Mar 2026 15:30:00 +0100'}\r\nMessage-ID: <${input.subject.length}.${counter.boundaries}@example.org>\r\nMIME-Version: 1.0\r\n`;
  return Buffer.concat([Buffer.from(header, 'utf8'), partBytes(input.body, counter)]);
}

function partBytes(part: MailPartInput, counter: { boundaries: number }): Buffer {
  switch (part.kind) {
    case 'text':
      return Buffer.from(`Content-Type: text/plain; charset=utf-8\r\n\r\n${part.text}`, 'utf8');
    case 'message':
      return Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'), messageBytes(part.message, counter)]);
    case 'group': {
      const boundary = `=_part_${(counter.boundaries += 1)}`;
      const pieces: Buffer[] = [Buffer.from(`Content-Type: multipart/${part.subtype ?? 'mixed'};\r\n boundary="${boundary}"\r\n\r\nThis message has parts.\r\n`)];
      for (const inner of part.parts) pieces.push(Buffer.from(`--${boundary}\r\n`), partBytes(inner, counter), Buffer.from('\r\n'));
      return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
    }
    case 'file': {
      const encoding = part.encoding ?? 'base64';
      const header = `Content-Type: ${part.type ?? 'application/octet-stream'}\r\nContent-Transfer-Encoding: ${encoding}\r\nContent-Disposition: ${part.inline === true ? 'inline' : 'attachment'}${nameParameter(part.name, part.naming ?? 'plain')}\r\n\r\n`;
      return Buffer.concat([Buffer.from(header, 'utf8'), encode(part.content, encoding)]);
    }
  }
}

function nameParameter(name: string | null, naming: 'plain' | 'rfc2047' | 'rfc2231' | 'pieces'): string {
  if (name === null) return '';
  const percent = [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`);
  switch (naming) {
    case 'plain':
      return `; filename="${name}"`;
    case 'rfc2047':
      return `;\r\n filename="=?utf-8?B?${Buffer.from(name).toString('base64')}?="`;
    case 'rfc2231':
      return `;\r\n filename*=utf-8''${percent.join('')}`;
    case 'pieces': {
      const half = percent.length >> 1;
      return `;\r\n filename*0*=utf-8''${percent.slice(0, half).join('')};\r\n filename*1*=${percent.slice(half).join('')}`;
    }
  }
}

function encode(content: Uint8Array, encoding: 'base64' | 'quoted-printable' | '8bit' | 'x-uuencode'): Buffer {
  switch (encoding) {
    case '8bit':
      return Buffer.from(content);
    case 'base64':
      return Buffer.from(Buffer.from(content).toString('base64').replace(/.{76}(?=.)/g, '$&\r\n'));
    case 'quoted-printable':
      return Buffer.from(writeQuotedPrintable(content));
    case 'x-uuencode':
      return Buffer.from(writeUuencoded(content, 'file.bin'));
  }
}

/** Quoted-printable with every byte that could be taken for anything else escaped, in lines of at most 76. */
export function writeQuotedPrintable(content: Uint8Array): string {
  let out = '';
  let column = 0;
  for (const byte of content) {
    const text = byte > 0x20 && byte < 0x7f && byte !== 0x3d ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (column + text.length > 75) {
      out += '=\r\n';
      column = 0;
    }
    out += text;
    column += text.length;
  }
  return out;
}

/** A uuencoded file with its first and last line. */
export function writeUuencoded(content: Uint8Array, name: string): string {
  const character = (value: number): string => String.fromCharCode(value === 0 ? 96 : value + 32);
  let out = `begin 644 ${name}\r\n`;
  for (let at = 0; at < content.length; at += 45) {
    const line = content.subarray(at, at + 45);
    out += character(line.length);
    for (let i = 0; i < line.length; i += 3) {
      const group = (line[i]! << 16) | ((line[i + 1] ?? 0) << 8) | (line[i + 2] ?? 0);
      out += character(group >> 18) + character((group >> 12) & 63) + character((group >> 6) & 63) + character(group & 63);
    }
    out += '\r\n';
  }
  return `${out}\`\r\nend\r\n`;
}
