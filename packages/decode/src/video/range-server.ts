import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is served: a size, and the bytes from an offset inside it on, as many as are at hand. */
export interface Servable {
  readonly sizeBytes: number;
  readFrom(offset: number): Promise<Uint8Array>;
}

/** Content served to a program that can seek only in files and over HTTP. */
export interface RangeServer {
  readonly url: string;
  /** Requests answered so far. */
  requests(): number;
  /** Requests for bytes behind the end: the container promises more than there is. */
  requestsBehindEnd(): number;
  close(): Promise<void>;
}

/**
 * Serves content on 127.0.0.1 of the sandbox's own network, which nothing else can reach: a video may have many
 * gigabytes, is not copied, and ffmpeg must be able to seek in it. Only bytes that are asked for are read.
 */
export async function serveRanges(content: Servable): Promise<RangeServer> {
  let requests = 0;
  let behindEnd = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const start = startOf(request.headers.range, content.sizeBytes);
    if (request.url !== '/v' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
    } else if (start === null) {
      behindEnd += 1;
      response.writeHead(416, { 'Content-Range': `bytes */${content.sizeBytes}` }).end();
    } else {
      void answer(content, start.first, start.last, request, response);
    }
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v`,
    requests: () => requests,
    requestsBehindEnd: () => behindEnd,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(content: Servable, first: number, last: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { 'Accept-Ranges': 'bytes', 'Content-Length': last - first + 1, 'Content-Type': 'application/octet-stream' };
  if (request.headers.range === undefined) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'Content-Range': `bytes ${first}-${last}/${content.sizeBytes}` });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    let at = first;
    while (at <= last && !response.destroyed) {
      // Nothing is read ahead: what the sockets hold is ahead enough, and a seek may come next.
      const bytes = (await content.readFrom(at)).subarray(0, last + 1 - at);
      at += bytes.byteLength;
      if (!response.write(bytes) && !response.destroyed) await drained(response);
    }
    response.end();
  } catch {
    // The content keeps the reason; to the program it is a broken connection.
    response.destroy();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** First and last byte of a `Range: bytes=a-` or `bytes=a-b`; all without one; null behind the end or when not understood. */
function startOf(range: string | undefined, sizeBytes: number): { readonly first: number; readonly last: number } | null {
  if (range === undefined) return { first: 0, last: sizeBytes - 1 };
  const match = /^bytes=(\d{1,16})-(\d{1,16})?$/.exec(range);
  if (match === null) return null;
  const first = Number(match[1]);
  const last = match[2] === undefined ? sizeBytes - 1 : Math.min(Number(match[2]), sizeBytes - 1);
  return first < sizeBytes && first <= last ? { first, last } : null;
}
