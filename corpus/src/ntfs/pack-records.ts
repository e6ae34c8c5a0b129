/**
 * Puts a file's attributes into its base record, or spreads them over extension records with an
 * $ATTRIBUTE_LIST in the base:
 *
 * | offset | bytes | value of a list entry |
 * | --- | --- | --- |
 * | 0 | 4 | attribute type |
 * | 4 | 2 | entry length |
 * | 6, 7 | 1, 1 | name length in units, name offset |
 * | 8 | 8 | first VCN |
 * | 16 | 8 | reference of the record that holds the part |
 * | 24 | 2 | the attribute's identifier there |
 * | 26 | | name |
 */
import { ATTRIBUTE, align8, nonResidentAttribute, residentAttribute, type Attribute } from './attribute.ts';
import { buildRecord, compareAttributes, RECORD_FLAG, RECORD_ROOM_BYTES, referenceValue, type RecordReference } from './file-record.ts';
import { countRealClusters } from './run-list.ts';
import { clustersFor, takeRecord, writeRecord, writeToRuns, type VolumeContext } from './volume-context.ts';

/** Most bytes of a resident attribute list; a longer one goes to clusters. */
const MOST_LIST_BYTES = 512;

/** A file's records to be. */
export interface RecordPlan {
  readonly self: RecordReference;
  readonly flags: number;
  readonly linkCount: number;
  readonly attributes: readonly Attribute[];
  /** Use extension records even when one record would do. */
  readonly spread?: boolean;
  readonly nonResidentList?: boolean;
}

/** Writes the plan's records. */
export function packRecords(context: VolumeContext, plan: RecordPlan): void {
  const attributes = [...plan.attributes].sort(compareAttributes);
  const inUse = (plan.flags & RECORD_FLAG.inUse) !== 0;
  const total = attributes.reduce((sum, attribute) => sum + attribute.bytes.length, 0);
  if (plan.spread !== true && total <= RECORD_ROOM_BYTES) {
    writeRecord(context, plan.self.record, buildRecord({ ...plan, attributes }), inUse);
    return;
  }
  const [inBase, outside] = choosePlaces(attributes);
  const entries: { attribute: Attribute; holder: RecordReference; identifier: number }[] = [];
  for (const group of groupByRoom(outside)) {
    const holder = takeRecord(context);
    const record = buildRecord({ self: holder, flags: plan.flags & RECORD_FLAG.inUse, linkCount: 0, attributes: group, base: plan.self });
    writeRecord(context, holder.record, record, inUse);
    for (const [position, attribute] of group.entries()) entries.push({ attribute, holder, identifier: position + 1 });
  }
  // The list stands second in the base, so the attributes behind it move up by one identifier.
  for (const [position, attribute] of inBase.entries()) entries.push({ attribute, holder: plan.self, identifier: position === 0 ? 1 : position + 2 });
  entries.sort((a, b) => compareAttributes(a.attribute, b.attribute));
  const list = listAttribute(context, Buffer.concat(entries.map(listEntry)), plan.nonResidentList === true);
  const base = buildRecord({ ...plan, attributes: [inBase[0]!, list, ...inBase.slice(1)] });
  writeRecord(context, plan.self.record, base, inUse);
}

/** Standard information and as many names as leave room for the list stay in the base. */
function choosePlaces(attributes: readonly Attribute[]): [Attribute[], Attribute[]] {
  const inBase: Attribute[] = [];
  const outside: Attribute[] = [];
  let left = RECORD_ROOM_BYTES - MOST_LIST_BYTES - 32;
  for (const attribute of attributes) {
    const stays = attribute.type === ATTRIBUTE.standardInformation || (attribute.type === ATTRIBUTE.fileName && attribute.bytes.length <= left);
    (stays ? inBase : outside).push(attribute);
    if (stays) left -= attribute.bytes.length;
  }
  return [inBase, outside];
}

function groupByRoom(attributes: readonly Attribute[]): Attribute[][] {
  const groups: Attribute[][] = [];
  let left = 0;
  for (const attribute of attributes) {
    // Each part of a split stream gets a record of its own, as on volumes that grew.
    if (attribute.bytes.length > left || attribute.lowestVcn > 0) {
      groups.push([]);
      left = RECORD_ROOM_BYTES;
    }
    groups.at(-1)!.push(attribute);
    left -= attribute.bytes.length;
  }
  return groups;
}

function listEntry(entry: { attribute: Attribute; holder: RecordReference; identifier: number }): Buffer {
  const { attribute } = entry;
  const bytes = Buffer.alloc(align8(26 + attribute.name.length * 2));
  bytes.writeUInt32LE(attribute.type, 0);
  bytes.writeUInt16LE(bytes.length, 4);
  bytes[6] = attribute.name.length;
  bytes[7] = 26;
  bytes.writeBigUInt64LE(BigInt(attribute.lowestVcn), 8);
  bytes.writeBigUInt64LE(referenceValue(entry.holder), 16);
  bytes.writeUInt16LE(entry.identifier, 24);
  bytes.write(attribute.name, 26, 'utf16le');
  return bytes;
}

function listAttribute(context: VolumeContext, value: Buffer, nonResident: boolean): Attribute {
  if (!nonResident && value.length <= MOST_LIST_BYTES) return residentAttribute(ATTRIBUTE.attributeList, value);
  const runs = context.allocator.takePieces(clustersFor(context, value.length), 1);
  writeToRuns(context, runs, [value]);
  return nonResidentAttribute(ATTRIBUTE.attributeList, {
    runs,
    sizeBytes: value.length,
    clusterSizeBytes: context.clusterSizeBytes,
    realClusters: countRealClusters(runs),
  });
}
