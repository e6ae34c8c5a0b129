import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { EXPORT_BYTES, GREETING_BYTES, REPLY_BYTES, chooseExport, isGreeting, parseExport, parseReply, readRequest } from './nbd-protocol.ts';
import { ANSWER_FAILED, ANSWER_OK, ANSWER_READ_ERROR, type NbdRequest, type NbdWorkerData } from './nbd-shared.ts';

/**
 * The socket side of an NBD source. It runs in a thread of its own because reads of a source are
 * synchronous: the asking thread sleeps on the shared state until the answer is there.
 */
const { socketPath, state, size, data } = workerData as NbdWorkerData;
const answerState = new Int32Array(state);
const answerSize = new Float64Array(size);
const answerData = new Uint8Array(data);

/** Bytes of the stream, handed out in exact pieces. */
function byteReader(socket: Socket): (length: number) => Promise<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let wake: (() => void) | null = null;
  let failure: Error | null = null;
  socket.on('data', (piece: Buffer) => {
    held.push(piece);
    heldBytes += piece.length;
    wake?.();
  });
  socket.on('error', (error) => {
    failure = error;
    wake?.();
  });
  socket.on('close', () => {
    failure ??= new Error('closed');
    wake?.();
  });
  return async (length) => {
    while (heldBytes < length) {
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const all = held.length === 1 ? held[0]! : Buffer.concat(held);
    held = all.length > length ? [all.subarray(length)] : [];
    heldBytes = all.length - length;
    return all.subarray(0, length);
  };
}

function answer(code: number): void {
  Atomics.store(answerState, 0, code);
  Atomics.notify(answerState, 0);
}

async function serve(): Promise<void> {
  const socket = connect(socketPath);
  const read = byteReader(socket);
  if (!isGreeting(await read(GREETING_BYTES))) throw new Error('not an NBD server');
  socket.write(chooseExport());
  const { sizeBytes, isReadOnly } = parseExport(await read(EXPORT_BYTES));
  if (!isReadOnly) throw new Error('the export can be written to');
  answerSize[0] = sizeBytes;
  answer(ANSWER_OK);
  let handle = 0;
  let chain = Promise.resolve();
  parentPort!.on('message', ({ offset, length }: NbdRequest) => {
    // The asking thread waits for each answer, so requests come one at a time.
    chain = chain
      .then(async () => {
        handle += 1;
        socket.write(readRequest(handle, offset, length));
        const reply = parseReply(await read(REPLY_BYTES), handle);
        if (reply === null) throw new Error('a wrong answer');
        if (reply.error !== 0) return answer(ANSWER_READ_ERROR);
        answerData.set(await read(length));
        answer(ANSWER_OK);
      })
      .catch(() => answer(ANSWER_FAILED));
  });
}

serve().catch(() => {
  answer(ANSWER_FAILED);
  // Later requests get the same answer.
  parentPort!.on('message', () => answer(ANSWER_FAILED));
});
