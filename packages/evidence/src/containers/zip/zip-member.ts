import type { EvidenceName } from '../../evidence-name.ts';
import type { ItemTimes, PlainExtent } from '../../item.ts';
import type { Member, MemberState } from '../container.ts';
import { splitPath } from '../member-names.ts';
import { isForElsewhere, readMemberElsewhere } from './member-elsewhere.ts';
import { contentOffset, readMember, type ZipArchive } from './member-content.ts';
import { recordKind, recordName, recordTimes } from './zip-facts.ts';
import { METHOD_STORED, type ZipRecord } from './zip-records.ts';

/** One member. What costs something (path, times, place) is worked out when it is first asked for: a listing of many stays quick. */
export class ZipMember implements Member {
  readonly record: ZipRecord;
  readonly state: MemberState;
  readonly kind: Member['kind'];
  readonly #archive: ZipArchive;
  #names: readonly EvidenceName[] | null = null;
  #times: ItemTimes | null = null;
  #extents: readonly PlainExtent[] | null | undefined;

  constructor(archive: ZipArchive, record: ZipRecord, state: MemberState) {
    this.#archive = archive;
    this.record = record;
    this.state = state;
    this.kind = recordKind(record);
  }

  get sizeBytes(): number | null {
    return this.record.sizeBytes < 0 ? null : this.record.sizeBytes;
  }

  get names(): readonly EvidenceName[] {
    if (this.#names === null) {
      const { bytes, encoding } = recordName(this.record);
      this.#names = splitPath(bytes, encoding, this.#archive.budget.limits.maxNameParts);
    }
    return this.#names;
  }

  get times(): ItemTimes {
    return (this.#times ??= recordTimes(this.record));
  }

  /** Reads the local header, which alone says where the content begins. Null too where that header is damaged: `content` says how. */
  get extents(): readonly PlainExtent[] | null {
    if (this.#extents === undefined) this.#extents = this.#findExtents();
    return this.#extents;
  }

  content(): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    if (this.state === 'readable' && isForElsewhere(this.#archive, this.record)) return readMemberElsewhere(this.#archive, this.record, this.names);
    return readMember(this.#archive, this.record, this.state, this.names);
  }

  #findExtents(): readonly PlainExtent[] | null {
    const { record } = this;
    if (record.method !== METHOD_STORED || this.state !== 'readable' || record.sizeBytes < 0 || record.packedBytes !== record.sizeBytes) return null;
    if (record.sizeBytes === 0) return [];
    try {
      return [{ kind: 'data', sourceOffset: contentOffset(this.#archive, record), length: record.sizeBytes }];
    } catch {
      return null;
    }
  }
}
