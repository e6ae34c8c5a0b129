/**
 * Properties of a folder, message or attachment ([MS-PST] 2.3): a heap laid over the blocks of a node.
 *
 * Block 0 begins: place of the page map u16, 0xec, kind (0xbc properties), id of the tree u32. Other blocks begin
 * with the place of their map. A map: count u16, freed u16, then count + 1 places. An id in the heap: 5 bits zero,
 * 11 bits number from 1, 16 bits block (14 and 13 in files with large pages). The tree: 0xb5, key bytes, entry bytes,
 * levels, id of its root; its records: property u16, type u16, value or id u32.
 */
import { MalformedError } from '@kerbside/bytes';
import type { PstFile, PstNode } from './pst-nodes.ts';

/** Types of properties ([MS-OXCDATA] 2.11.1). */
export const PST_TYPE = { int32: 3, object: 13, text8: 30, text: 31, time: 64, binary: 258 } as const;

/** Properties of one thing; real ones have under 300. */
const MAX_PROPERTIES = 10_000;

export interface PstProperty {
  readonly type: number;
  /** The value itself when it fits in 4 bytes, else an id of the heap or of a subnode. */
  readonly value: number;
}

/** The properties of one node, and what its ids stand for. */
export class PstProperties {
  readonly #file: PstFile;
  readonly #blocks: readonly Buffer[];
  readonly #subnodes: ReadonlyMap<number, PstNode>;
  readonly #properties = new Map<number, PstProperty>();

  /** @throws MalformedError `pst-properties-damaged`, and as the blocks do */
  constructor(file: PstFile, node: PstNode, subnodes: ReadonlyMap<number, PstNode>) {
    this.#file = file;
    this.#blocks = file.readBlocks(node.contentBlock);
    this.#subnodes = subnodes;
    const first = this.#blocks[0];
    if (first === undefined || first.length < 12 || first[2] !== 0xec || first[3] !== 0xbc) throw damaged('they do not begin as properties do');
    const tree = this.#heapItem(first.readUInt32LE(4));
    if (tree.length < 8 || tree[0] !== 0xb5 || tree[1] !== 2 || tree[2] !== 6) throw damaged('their tree is of another kind');
    this.#collect(tree.readUInt32LE(4), tree[3]!);
  }

  get(id: number): PstProperty | undefined {
    return this.#properties.get(id);
  }

  number(id: number): number | null {
    const property = this.#properties.get(id);
    return property?.type === PST_TYPE.int32 ? property.value : null;
  }

  /** A text as its bytes with their encoding; null when there is none. */
  text(id: number): { readonly bytes: Buffer; readonly encoding: 'utf-16le' | 'latin1' } | null {
    const property = this.#properties.get(id);
    if (property?.type !== PST_TYPE.text && property?.type !== PST_TYPE.text8) return null;
    const bytes = this.#valueOf(property.value);
    const zeros = property.type === PST_TYPE.text ? 2 : 1;
    // Some writers count the zero at the end of a text, most do not.
    const isEnded = bytes.length >= zeros && bytes.subarray(bytes.length - zeros).every((byte) => byte === 0);
    return { bytes: isEnded ? bytes.subarray(0, bytes.length - zeros) : bytes, encoding: zeros === 2 ? 'utf-16le' : 'latin1' };
  }

  /** Seconds since 1970 of a time in 100 ns since 1601. */
  seconds(id: number): number | null {
    const property = this.#properties.get(id);
    if (property?.type !== PST_TYPE.time) return null;
    const bytes = this.#valueOf(property.value);
    return bytes.length < 8 ? null : Number(bytes.readBigUInt64LE(0)) / 1e7 - 11_644_473_600;
  }

  /** The pieces of a large value, wherever it stands. @throws as the blocks do; MalformedError `pst-properties-damaged` */
  *pieces(property: PstProperty): Iterable<Buffer> {
    const { value } = property;
    if ((value & 31) === 0) {
      if (value !== 0) yield this.#heapItem(value);
      return;
    }
    const node = this.#subnodes.get(value >>> 0);
    if (node === undefined) throw damaged('a value refers to a subnode that is not there');
    yield* this.#file.contentBlocks(node.contentBlock);
  }

  /** The node that an object (an attached message, an embedded document) stands in, and its stated length. */
  objectOf(property: PstProperty): { readonly node: PstNode; readonly sizeBytes: number } {
    const item = this.#heapItem(property.value);
    const node = item.length < 8 ? undefined : this.#subnodes.get(item.readUInt32LE(0));
    if (node === undefined) throw damaged('an object refers to a subnode that is not there');
    return { node, sizeBytes: item.readUInt32LE(4) };
  }

  #valueOf(value: number): Buffer {
    if (value === 0) return Buffer.alloc(0);
    if ((value & 31) === 0) return this.#heapItem(value);
    const node = this.#subnodes.get(value >>> 0);
    if (node === undefined) throw damaged('a value refers to a subnode that is not there');
    return Buffer.concat(this.#file.readBlocks(node.contentBlock));
  }

  #collect(id: number, levels: number): void {
    if (levels > 8) throw damaged('their tree is too deep');
    if (id === 0) return;
    const records = this.#heapItem(id);
    const width = levels > 0 ? 6 : 8;
    for (let at = 0; at + width <= records.length; at += width) {
      if (this.#properties.size >= MAX_PROPERTIES) throw damaged(`there are more than ${MAX_PROPERTIES}`);
      if (levels > 0) this.#collect(records.readUInt32LE(at + 2), levels - 1);
      else this.#properties.set(records.readUInt16LE(at), { type: records.readUInt16LE(at + 2), value: records.readUInt32LE(at + 4) });
    }
  }

  #heapItem(id: number): Buffer {
    const { isLarge } = this.#file.layout;
    const index = isLarge ? (id >>> 5) & 0x3fff : (id >>> 5) & 0x7ff;
    const block = this.#blocks[isLarge ? id >>> 19 : id >>> 16];
    if ((id & 31) !== 0 || index === 0 || block === undefined || block.length < 2) throw damaged('an id of their heap leads nowhere');
    const map = block.readUInt16LE(0);
    if (map + 4 > block.length) throw damaged('a map of their heap lies outside it');
    const count = block.readUInt16LE(map);
    if (index > count || map + 4 + (count + 1) * 2 > block.length) throw damaged('an id of their heap leads nowhere');
    const start = block.readUInt16LE(map + 4 + (index - 1) * 2);
    const end = block.readUInt16LE(map + 4 + index * 2);
    if (start > end || end > block.length) throw damaged('an item of their heap lies outside it');
    return block.subarray(start, end);
  }
}

function damaged(what: string): MalformedError {
  return new MalformedError('pst-properties-damaged', `properties in the mailbox cannot be read: ${what}`);
}
