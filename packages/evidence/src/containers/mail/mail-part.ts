import type { Problem } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ItemTimes } from '../../item.ts';
import type { TransferEncoding } from './transfer-decoding.ts';

/** A leaf of a message that is worth being an item: where its encoded bytes stand and how they are decoded. */
export interface MailPart {
  readonly names: readonly EvidenceName[];
  readonly times: ItemTimes;
  /** Of the encoded bytes, in offsets of the mail file. */
  readonly start: number;
  readonly end: number;
  readonly encoding: TransferEncoding;
  /** The part stands in an envelope that only its receiver can open. */
  readonly state: 'readable' | 'encrypted' | 'unsupported';
}

/** `message`: an attached message whose own parts follow with longer names. */
export type PartEvent =
  | { readonly type: 'part'; readonly part: MailPart }
  | { readonly type: 'message'; readonly names: readonly EvidenceName[]; readonly times: ItemTimes }
  | { readonly type: 'problem'; readonly problem: Problem };
