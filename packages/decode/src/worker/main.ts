/** What a decode worker runs: see serve-requests.ts. */
import { HANDLERS } from './handlers.ts';
import { serveRequests } from './serve-requests.ts';

await serveRequests(HANDLERS);
