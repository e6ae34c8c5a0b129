import { findSystemProgram, TOOLS, whyUnsound } from '@kerbside/decode';
import type { Finding } from '../commands/doctor.ts';

/** Tries to break out of the decode sandbox, as every run does before it decodes anything. */
export async function checkDecoding(): Promise<Finding> {
  const name = 'Decode sandbox';
  const why = (await whyUnsound('picture')) ?? (await whyUnsound('tools'));
  if (why !== null) return { name, state: 'missing', what: `no picture, video or archive is decoded and runs need examination: ${why}` };
  const missing = TOOLS.filter((tool) => findSystemProgram(tool) === null);
  if (missing.length > 0) return { name, state: 'limited', what: `holds; its escape probes were all refused. Not installed: ${missing.join(', ')}` };
  return { name, state: 'ok', what: 'holds: its escape probes were all refused' };
}
