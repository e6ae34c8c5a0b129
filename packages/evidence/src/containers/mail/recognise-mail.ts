import { isFieldLine } from './mail-header.ts';

/** How many bytes of a file are needed to tell whether it is mail. */
export const MAIL_SNIFF_BYTES = 8192;

/** Header fields of which a message has at least two. Files of other kinds may begin with `name: value` too. */
const TELLING = new Set([
  'received', 'from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'return-path', 'delivered-to', 'content-type',
  'reply-to', 'cc', 'x-mailer', 'user-agent', 'x-gm-thrid', 'x-uidl', 'dkim-signature', 'content-transfer-encoding', 'sender', 'in-reply-to',
]);

/** What a file is by its first bytes: an mbox, one message, a message as Apple Mail keeps it; null for no mail. */
export function recogniseMail(head: Uint8Array): 'mbox' | 'message' | 'emlx' | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, MAIL_SNIFF_BYTES));
  const lines = bytes.toString('latin1').split('\n');
  const first = lines[0]!.trimEnd();
  if (/^From \S.*\d{4}$|^From \S.*\d\d:\d\d/.test(first)) return hasMailHeader(lines.slice(1)) ? 'mbox' : null;
  if (/^\d{1,10} *$/.test(first)) return hasMailHeader(lines.slice(1)) ? 'emlx' : null;
  return hasMailHeader(lines) ? 'message' : null;
}

function hasMailHeader(lines: readonly string[]): boolean {
  let telling = 0;
  for (const [at, raw] of lines.entries()) {
    const line = raw.trimEnd();
    if (line === '') break;
    if (/^[ \t]/.test(raw) && at > 0) continue;
    if (/^>?From /.test(line)) continue;
    // The last line of what was looked at may be cut.
    if (!isFieldLine(Buffer.from(line, 'latin1'))) {
      if (at < lines.length - 1) return false;
      break;
    }
    if (TELLING.has(line.slice(0, line.indexOf(':')).toLowerCase())) telling += 1;
  }
  return telling >= 2;
}
