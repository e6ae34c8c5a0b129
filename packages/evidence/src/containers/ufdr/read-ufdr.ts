import { KerbsideError, problemFrom, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent, Member } from '../container.ts';
import { utcFromSeconds } from '../evidence-times.ts';
import { splitPath } from '../member-names.ts';
import { readZip } from '../zip/read-zip.ts';
import { scanReport, type ReportFile } from './scan-report.ts';

/** Longest beginning of a report that is looked at to tell whose it is. */
const HEAD_BYTES = 4096;

/**
 * Lists a Cellebrite Reader archive (UFDR) under the names its files had on the phone, with their times. The
 * content stays what it is in the ZIP, read in place where it is stored; what the report does not name keeps
 * its name in the ZIP, and a ZIP without such a report is listed as the ZIP it is.
 */
export function* readUfdr(source: RandomAccessSource, budget: ContainerBudget): Iterable<ContainerEvent> {
  const report = findReport(source, budget);
  const files = new Map<string, ReportFile>();
  if (report !== null) {
    try {
      for (const event of scanReport(report.content() as Iterable<Uint8Array>)) {
        if (event.type === 'problem') yield event;
        else if (!files.has(event.file.localPath)) files.set(event.file.localPath, event.file);
      }
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      yield { type: 'problem', problem: { ...problemFrom(error), message: `report.xml, which names the files: ${problemFrom(error).message}` } };
    }
  }
  for (const event of readZip(source, budget)) {
    if (event.type === 'problem') yield event;
    else yield { type: 'member', member: renamed(event.member, files) };
  }
}

function findReport(source: RandomAccessSource, budget: ContainerBudget): Member | null {
  // Looking for the report lists the archive once more; that pass counts for itself and not twice against the run.
  for (const event of readZip(source, ContainerBudget.forContainer(source.sizeBytes, budget.limits))) {
    if (event.type === 'problem' || event.member.kind !== 'file' || event.member.state !== 'readable') continue;
    if (pathOf(event.member.names) === 'report.xml' && isReport(event.member)) return event.member;
  }
  return null;
}

function isReport(member: Member): boolean {
  try {
    for (const piece of member.content() as Iterable<Uint8Array>) {
      return Buffer.from(piece.buffer, piece.byteOffset, Math.min(piece.byteLength, HEAD_BYTES)).includes('cellebrite');
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
  }
  return false;
}

function renamed(member: Member, files: ReadonlyMap<string, ReportFile>): Member {
  const file = member.kind === 'file' ? files.get(pathOf(member.names)) : undefined;
  if (file === undefined) return member;
  return {
    kind: member.kind,
    sizeBytes: member.sizeBytes,
    state: member.state,
    // Asked for only when it is wanted: the ZIP reader looks at the member's own header for it.
    get extents() {
      return member.extents;
    },
    names: splitPath(Buffer.from(file.path, 'utf8'), 'utf-8', 512),
    times: {
      created: utcFromSeconds(file.createdSeconds) ?? member.times.created,
      modified: utcFromSeconds(file.modifiedSeconds) ?? member.times.modified,
      accessed: utcFromSeconds(file.accessedSeconds) ?? member.times.accessed,
      changed: member.times.changed,
    },
    content: () => member.content(),
  };
}

function pathOf(names: readonly EvidenceName[]): string {
  return names.map(({ bytes }) => Buffer.from(bytes).toString('utf8')).join('/');
}
