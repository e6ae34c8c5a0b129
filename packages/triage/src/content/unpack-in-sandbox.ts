import { MalformedError, type RandomAccessSource } from '@kerbside/bytes';
import { unpackToTar, type Decoders } from '@kerbside/decode';
import { ContainerBudget, readTarStream, type ContainerEvent, type UnpackElsewhere } from '@kerbside/evidence';
import { rangesOf } from './ranges-of.ts';

/*
 * What no reader of ours opens: bsdtar in the sandbox turns it into a TAR, which comes piece by piece. The worker is
 * held until the last piece, and what is inside may be a video or another such archive: so each depth has a worker of its own.
 */

/** A worker for unpacking at one depth of containers. */
export type UnpackersByDepth = (depth: number) => Promise<Decoders>;

/** The members of a whole archive. */
export async function* unpackArchive(unpackers: UnpackersByDepth, source: RandomAccessSource, budget: ContainerBudget): AsyncGenerator<ContainerEvent> {
  yield* readTarStream(unpackToTar(await unpackers(budget.depth), rangesOf(source), { countBytes: (bytes) => budget.countExpanded(bytes) }), budget);
}

/** Unpacks single members of a container whose budget is given. */
export function memberUnpacker(unpackers: UnpackersByDepth, budget: ContainerBudget): UnpackElsewhere {
  return async function* (archive) {
    const tar = unpackToTar(await unpackers(budget.depth), rangesOf(archive), { countBytes: (bytes) => budget.countExpanded(bytes) });
    // The member is counted where it is listed.
    for await (const event of readTarStream(tar, ContainerBudget.forContainer(archive.sizeBytes))) {
      if (event.type === 'problem') throw new MalformedError('unpack-damaged', event.problem.message);
      if (event.member.kind === 'file') yield* event.member.content();
    }
  };
}
