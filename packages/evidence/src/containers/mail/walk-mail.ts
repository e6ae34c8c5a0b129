import { LimitError, MalformedError, MediumError, problemFrom, UnsupportedError, type KerbsideError, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ItemTimes } from '../../item.ts';
import { NO_TIMES, shortPath } from '../member-names.ts';
import { LineReader } from './line-reader.ts';
import { isFieldLine, parseMailHeader, type MailHeader } from './mail-header.ts';
import { MAX_HEADER_BYTES, MAX_MAIL_DEPTH, MAX_PARTS_PER_MESSAGE } from './mail-limits.ts';
import type { MailPart, PartEvent } from './mail-part.ts';
import { knownEncoding } from './transfer-decoding.ts';

/** `mbox`: many messages, each after a line `From …`. `message`: one. */
export type MailForm = 'mbox' | 'message';

/** A message that is being read: the outermost one, or one attached to it. */
interface Message {
  readonly names: readonly EvidenceName[];
  parts: number;
  times: ItemTimes;
  /** Told once: too many parts, or nested too deep. */
  limitTold: boolean;
}

/** What the walk is inside of. A multipart ends at its boundary, an attached message with the part that holds it. */
type Level =
  | { readonly kind: 'message'; readonly message: Message; readonly isOutermost: boolean }
  | { readonly kind: 'multipart'; readonly message: Message; readonly boundary: string; readonly type: string };

type Mode = 'header' | 'body' | 'between';



/**
 * One pass over a mail file, line by line. Nothing is decoded and nothing is held but the levels it is in:
 * each part comes out as a range of the file when its end is reached.
 */
export class MailWalk {
  readonly #reader: LineReader;
  readonly #source: RandomAccessSource;
  readonly #form: MailForm;
  #levels: Level[] = [];
  #mode: Mode = 'between';
  #header: Buffer[] = [];
  #headerBytes = 0;
  #messages = 0;
  #open: { header: MailHeader; start: number; number: number } | null = null;
  /** A uuencoded file inside a text: its first line's place and name. */
  #uu: { start: number; name: string } | null = null;
  #uuCandidate: { start: number; name: string } | null = null;
  #lastWasEmpty = true;
  /** End of the last line without its line end, which belongs to a boundary that follows. */
  #contentEnd = 0;
  #ready: PartEvent[] = [];

  constructor(source: RandomAccessSource, form: MailForm) {
    this.#source = source;
    this.#reader = new LineReader(source);
    this.#form = form;
  }

  *events(): Iterable<PartEvent> {
    const reader = this.#reader;
    if (this.#form === 'message') this.#beginMessage();
    let fromLine = false;
    while (reader.next()) {
      const line = reader.head;
      // A line `From ` is a new message only if a header field follows it; it is decided one line later.
      if (fromLine && (isFieldLine(line) || line.subarray(0, 6).toString('latin1') === '>From ')) this.#beginMessage();
      fromLine = this.#form === 'mbox' && this.#lastWasEmpty && line[0] === 0x46 && line.subarray(0, 5).toString('latin1') === 'From ';
      if (!fromLine) this.#takeLine(line);
      this.#lastWasEmpty = line.length === 0;
      // What comes before a line `From ` ends before it, whatever the line turns out to be.
      if (!fromLine) this.#contentEnd = reader.textEnd;
      if (this.#ready.length > 0) yield* this.#takeReady();
    }
    this.#contentEnd = this.#source.sizeBytes;
    this.#finish(true);
    if (reader.unread !== null) {
      this.#tell(new MediumError('unreadable-bytes', `${reader.unread.length} bytes of a mail file could not be read; parts that stand there are missing`, { offset: this.#source.originOffset + reader.unread.offset, length: reader.unread.length }));
    }
    yield* this.#takeReady();
  }

  #takeReady(): PartEvent[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /**
   * Begins a message of the file. In an mbox the levels of the message before stay beneath, if it was
   * not at its end: should one of their boundaries still come, the line `From ` was text of that message.
   */
  #beginMessage(): void {
    this.#finish(true);
    this.#messages += 1;
    const isOpen = this.#isInside('multipart/');
    const from = isOpen ? this.#outermostAt() : this.#levels.length;
    const names = this.#form === 'mbox' ? [{ bytes: Buffer.from(`message${this.#messages}`), encoding: 'given' as const }] : [];
    this.#levels = [...this.#levels.slice(from), { kind: 'message', message: { names, parts: 0, times: NO_TIMES, limitTold: false }, isOutermost: true }];
    this.#beginHeader();
  }

  #beginHeader(): void {
    this.#mode = 'header';
    this.#header = [];
    this.#headerBytes = 0;
  }

  #takeLine(line: Buffer): void {
    if (line[0] === 0x2d && line[1] === 0x2d && this.#takeBoundary(line)) return;
    if (this.#mode === 'header') this.#takeHeaderLine(line);
    else if (this.#mode === 'body' && this.#open !== null) this.#watchUuencode(line);
  }

  /** True when the line is a boundary of one of the levels; the innermost that fits counts. */
  #takeBoundary(line: Buffer): boolean {
    const text = line.toString('latin1').trimEnd();
    for (let at = this.#levels.length - 1; at >= 0; at--) {
      const level = this.#levels[at]!;
      if (level.kind !== 'multipart' || !text.startsWith(level.boundary, 2)) continue;
      const rest = text.slice(2 + level.boundary.length);
      if (rest !== '' && rest !== '--') continue;
      if (this.#mode === 'header') this.#endHeader(this.#reader.start);
      this.#finish(false);
      if (rest === '--') {
        this.#levels.length = at;
        this.#mode = 'between';
      } else {
        this.#levels.length = at + 1;
        this.#beginHeader();
      }
      return true;
    }
    return false;
  }

  #takeHeaderLine(line: Buffer): void {
    if (line.length === 0) return this.#endHeader(this.#reader.end);
    const isFolded = line[0] === 0x20 || line[0] === 0x09;
    // A line that is neither: the empty line was forgotten, and the body begins here.
    const isCutOff = this.#reader.end === this.#reader.textEnd;
    if (!isFolded && !isCutOff && !isFieldLine(line) && !/^>?From /.test(line.toString('latin1', 0, 6))) return this.#endHeader(this.#reader.start);
    this.#headerBytes += line.length + 1;
    if (this.#headerBytes <= MAX_HEADER_BYTES) this.#header.push(Buffer.from(line), Buffer.of(0x0a));
  }

  #endHeader(bodyStart: number): void {
    const level = this.#levels[this.#levels.length - 1]!;
    const { message } = level;
    const header = parseMailHeader(Buffer.concat(this.#header));
    this.#mode = 'body';
    if (level.kind === 'message') message.times = { ...NO_TIMES, created: header.date };
    if (level.kind === 'message' && !level.isOutermost) this.#ready.push({ type: 'message', names: message.names, times: message.times });
    if (this.#headerBytes > MAX_HEADER_BYTES) this.#tell(new LimitError('mail-header-limit', `a header of ${this.#headerBytes} bytes in ${told(message)}; only the first ${MAX_HEADER_BYTES} were looked at`));
    const type = header.type ?? (level.kind === 'multipart' && level.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain');
    const isMultipart = type.startsWith('multipart/') && header.boundary !== null;
    const isMessage = (type === 'message/rfc822' || type === 'message/global') && knownEncoding(header.encoding) === 'none';
    const isDeep = this.#levels.length - this.#outermostAt() >= MAX_MAIL_DEPTH;
    if ((isMultipart || isMessage) && isDeep) this.#tellLimit(message, 'mail-depth-limit', `is nested more than ${MAX_MAIL_DEPTH} deep; what lies deeper was not taken apart`);
    if (type.startsWith('multipart/') && header.boundary === null) this.#tell(new MalformedError('mail-boundary-missing', `${told(message)} says that it has parts and not what divides them; they were not read`));
    if (isMultipart && !isDeep) {
      this.#levels.push({ kind: 'multipart', message, boundary: header.boundary!, type });
      this.#mode = 'between';
      return;
    }
    message.parts += 1;
    if (message.parts > MAX_PARTS_PER_MESSAGE) {
      this.#tellLimit(message, 'mail-parts-limit', `has more than ${MAX_PARTS_PER_MESSAGE} parts; the others were not read`);
      return;
    }
    if (isMessage && !isDeep && level.kind === 'multipart') {
      const names = this.#namesOf(message, message.parts, header.fileName);
      const inner: Message = { names, parts: 0, times: NO_TIMES, limitTold: false };
      this.#levels.push({ kind: 'message', message: inner, isOutermost: false });
      this.#beginHeader();
      return;
    }
    this.#open = { header: { ...header, type }, start: bodyStart, number: message.parts };
  }

  /** Ends the part that is open, at the last line without its line end. */
  #finish(isCut: boolean): void {
    if (this.#mode === 'header' && this.#levels.length > 0) this.#endHeader(this.#source.sizeBytes);
    const open = this.#open;
    this.#open = null;
    this.#uuCandidate = null;
    if (open === null) return;
    const level = this.#levels[this.#levels.length - 1]!;
    const { message } = level;
    const end = Math.max(open.start, this.#contentEnd);
    this.#endUuencode(message, end);
    const { header } = open;
    const isText = header.type!.startsWith('text/') || header.type!.startsWith('multipart/');
    if (isText && header.fileName === null && !header.isAttachment) return;
    if (isCut && this.#isInside('multipart/')) this.#tell(new MalformedError('mail-cut-short', `${told(message)} ends inside part ${open.number}; what there is of it was read`));
    const encoding = knownEncoding(header.encoding);
    const state = encoding === null ? 'unsupported' : this.#envelopeState(header);
    const names = this.#namesOf(message, open.number, header.fileName);
    if (encoding === null) this.#tell(new UnsupportedError('mail-encoding-unknown', `${shortPath(names)} is in a transfer encoding that is not known`));
    if (state === 'encrypted') this.#tell(new UnsupportedError('mail-encrypted', `${shortPath(names)} is encrypted for its receiver (S/MIME or PGP) and was not read`));
    if (state === 'unsupported' && encoding !== null) this.#tell(new UnsupportedError('mail-signed-opaque', `${shortPath(names)} is a message inside its S/MIME signature and was not taken apart`));
    this.#give({ names, times: timesOf(message, header), start: open.start, end, encoding: encoding ?? 'none', state });
  }

  /** Place of the message of the file that is being read; what lies beneath belongs to the one before it. */
  #outermostAt(): number {
    return Math.max(0, this.#levels.findLastIndex((level) => level.kind === 'message' && level.isOutermost));
  }

  #isInside(type: string): boolean {
    return this.#levels.slice(this.#outermostAt()).some((level) => level.kind === 'multipart' && level.type.startsWith(type));
  }

  #envelopeState(header: MailHeader): MailPart['state'] {
    if (this.#isInside('multipart/encrypted')) return 'encrypted';
    if (!/^application\/(x-)?pkcs7-mime$/.test(header.type!)) return 'readable';
    if (header.smimeType === 'certs-only') return 'readable';
    return header.smimeType === 'signed-data' ? 'unsupported' : 'encrypted';
  }

  /** Files that stand in the text of old mail and news between `begin 644 name` and `end`. */
  #watchUuencode(line: Buffer): void {
    const reader = this.#reader;
    const open = this.#open!;
    if (this.#uu !== null) {
      if (line.length === 3 && line.toString('latin1') === 'end') this.#endUuencode(this.#levels[this.#levels.length - 1]!.message, reader.start);
      return;
    }
    if (this.#uuCandidate !== null) {
      const length = ((line[0] ?? 32) - 32) & 63;
      const isUu = length > 0 && line[0]! <= 0x60 && line.length - 1 >= Math.ceil((length * 4) / 3) - 3 && line.length <= Math.ceil(length / 3) * 4 + 3;
      if (isUu) this.#uu = this.#uuCandidate;
      this.#uuCandidate = null;
      return;
    }
    if (line[0] !== 0x62 || !open.header.type!.startsWith('text/') || knownEncoding(open.header.encoding) !== 'none') return;
    const begin = /^begin [0-7]{3,4} (\S.*)$/.exec(line.toString('latin1'));
    if (begin !== null) this.#uuCandidate = { start: reader.end, name: begin[1]!.trimEnd() };
  }

  #endUuencode(message: Message, end: number): void {
    const uu = this.#uu;
    this.#uu = null;
    if (uu === null) return;
    message.parts += 1;
    if (message.parts > MAX_PARTS_PER_MESSAGE) return this.#tellLimit(message, 'mail-parts-limit', `has more than ${MAX_PARTS_PER_MESSAGE} parts; the others were not read`);
    const names = [...this.#namesOf(message, message.parts, null), { bytes: Buffer.from(uu.name, 'latin1'), encoding: 'utf-8' as const }];
    this.#give({ names, times: message.times, start: uu.start, end: Math.max(uu.start, end), encoding: 'uuencode', state: 'readable' });
  }

  #namesOf(message: Message, number: number, fileName: EvidenceName | null): EvidenceName[] {
    const part = { bytes: Buffer.from(`part${number}`), encoding: 'given' as const };
    return fileName === null ? [...message.names, part] : [...message.names, part, fileName];
  }

  #give(part: MailPart): void {
    this.#ready.push({ type: 'part', part });
  }

  #tell(error: KerbsideError): void {
    this.#ready.push({ type: 'problem', problem: problemFrom(error) });
  }

  #tellLimit(message: Message, code: 'mail-depth-limit' | 'mail-parts-limit', what: string): void {
    if (message.limitTold) return;
    message.limitTold = true;
    this.#tell(new LimitError(code, `${told(message)} ${what}`));
  }
}

function timesOf(message: Message, header: MailHeader): ItemTimes {
  return { created: header.fileCreated ?? message.times.created, modified: header.fileModified, accessed: null, changed: null };
}

function told(message: Message): string {
  return message.names.length === 0 ? 'the message' : shortPath(message.names);
}
