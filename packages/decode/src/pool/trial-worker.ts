/** For the tests of the pool: a worker whose handlers misbehave on request, in the real sandbox. */
import { MalformedError, type JsonValue } from '@kerbside/bytes';
import { spawn } from 'node:child_process';
import type { Handler } from '../worker/handler.ts';
import { serveRequests } from '../worker/serve-requests.ts';

let requests = 0;

const trial: Handler = async (request, input, emit) => {
  requests += 1;
  switch (textOf(request['do'])) {
    case 'echo':
      return { json: { requests, pid: process.pid }, bytes: Uint8Array.from(input.bytes()) };
    case 'fail':
      throw new MalformedError('media-not-decodable', 'a fault of the content');
    case 'die':
      throw new Error('trial breaks down');
    case 'die-hard':
      process.abort();
      break;
    case 'die-first':
      // A worker that has served before breaks down; a fresh one does not.
      if (requests > 1) throw new Error('trial breaks down');
      return { json: { requests } };
    case 'loop':
      for (;;) requests += 0;
    case 'sleep':
      await new Promise((resolve) => void setTimeout(resolve, 60_000));
      break;
    case 'memory': {
      const held: Uint8Array[] = [];
      for (;;) {
        held.push(new Uint8Array(16 * 1024 * 1024).fill(held.length + 1));
        await new Promise((resolve) => void setTimeout(resolve, 5));
      }
    }
    case 'ranges': {
      const first = await input.readAt(0, 4);
      const last = await input.readAt(input.sizeBytes - 2, 100);
      const whole = await input.readAt(0, input.sizeBytes);
      return { json: { first: [...first], last: [...last], whole: whole.length } };
    }
    case 'pieces':
      for (let index = 0; index < 5; index += 1) await emit(new Uint8Array(1_000 + index).fill(index));
      await emit(new Uint8Array(9 * 1024 * 1024).fill(9));
      return { json: { done: true } };
    case 'tool':
      return { json: { text: await versionOf(textOf(request['program'])).catch(String) } };
  }
  return { json: {} };
};

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

async function versionOf(program: string): Promise<string> {
  return await new Promise((resolve) => {
    let text = '';
    const child = spawn(program, [program === 'bsdtar' ? '--version' : '-version'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.on('error', (error) => resolve(error.message));
    child.stdout.setEncoding('latin1').on('data', (part: string) => (text += part));
    child.on('close', () => resolve(text.slice(0, 100)));
  });
}

await serveRequests({ trial: async () => trial });
