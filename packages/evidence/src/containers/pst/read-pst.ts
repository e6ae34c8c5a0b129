import { KerbsideError, LimitError, MalformedError, problemFrom, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import type { EvidenceName } from '../../evidence-name.ts';
import type { ContainerBudget } from '../container-budget.ts';
import type { ContainerEvent } from '../container.ts';
import { utcFromSeconds } from '../evidence-times.ts';
import { givenName, shortPath } from '../member-names.ts';
import { MAX_MAIL_DEPTH } from '../mail/mail-limits.ts';
import { ProblemTally } from '../problem-tally.ts';
import { PstFile, type PstNode } from './pst-nodes.ts';
import { PST_TYPE, PstProperties, type PstProperty } from './pst-properties.ts';

/** Kinds of nodes: the low 5 bits of an id. */
const FOLDER = 2;
const MESSAGE = 4;
const ATTACHMENT = 5;
const ASSOCIATED = 8;

/** Properties: display name, dates of message and file, attachment content, names and method. */
const NAME = 0x3001;
const DELIVERED = 0x0e06;
const SUBMITTED = 0x0039;
const CREATED = 0x3007;
const MODIFIED = 0x3008;
const CONTENT = 0x3701;
const SHORT_NAME = 0x3704;
const METHOD = 0x3705;
const LONG_NAME = 0x3707;

const METHOD_REFERENCES = [2, 3, 4, 7];
const METHOD_MESSAGE = 5;

/**
 * The attachments in an Outlook mailbox, also those of messages attached to messages, in every folder and in
 * messages whose folder is gone. A member is named by its folders, `message` and the number of the message's node,
 * `part` and its place among the attachments, and its own name. Nothing is loaded but the properties of one message.
 */
export function* readPst(source: RandomAccessSource, budget: ContainerBudget): Iterable<ContainerEvent> {
  const tally = new ProblemTally();
  try {
    for (const event of new MailboxWalk(new PstFile(source), budget).events()) {
      if (event.type === 'member') {
        budget.countEntry();
        yield event;
        continue;
      }
      const problem = tally.admit(event.problem);
      if (problem !== null) yield { type: 'problem', problem };
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    yield { type: 'problem', problem: problemFrom(error) };
  }
  for (const problem of tally.rest()) yield { type: 'problem', problem };
}

class MailboxWalk {
  readonly #file: PstFile;
  readonly #folders = new Map<number, readonly EvidenceName[]>();

  readonly #budget: ContainerBudget;

  constructor(file: PstFile, budget: ContainerBudget) {
    this.#file = file;
    this.#budget = budget;
  }

  *events(): Iterable<ContainerEvent> {
    for (const node of this.#file.nodes()) {
      if (node instanceof KerbsideError) {
        yield { type: 'problem', problem: problemFrom(node) };
        continue;
      }
      const kind = node.id & 31;
      if (kind !== MESSAGE && kind !== ASSOCIATED) continue;
      // A message without subnodes has no attachments: most need no block at all.
      if (node.subnodeBlock === 0) continue;
      yield* this.#message(node, [...this.#folderNames(node.parentId), givenName(`message${node.id >>> 5}`)], 0);
    }
  }

  *#message(node: PstNode, names: readonly EvidenceName[], depth: number): Iterable<ContainerEvent> {
    try {
      if (depth >= MAX_MAIL_DEPTH) throw new LimitError('mail-depth-limit', `${shortPath(names)} is nested more than ${MAX_MAIL_DEPTH} deep; what lies deeper was not taken apart`);
      const subnodes = this.#file.subnodes(node.subnodeBlock);
      const attachments = [...subnodes.values()].filter(({ id }) => (id & 31) === ATTACHMENT);
      if (attachments.length === 0) return;
      const message = new PstProperties(this.#file, node, subnodes);
      const sent = message.seconds(DELIVERED) ?? message.seconds(SUBMITTED) ?? message.seconds(CREATED);
      for (const [at, attachment] of attachments.entries()) yield* this.#attachment(attachment, [...names, givenName(`part${at + 1}`)], sent, depth);
    } catch (error) {
      yield { type: 'problem', problem: at(error, names) };
    }
  }

  *#attachment(node: PstNode, names: readonly EvidenceName[], sentSeconds: number | null, depth: number): Iterable<ContainerEvent> {
    try {
      const subnodes = this.#file.subnodes(node.subnodeBlock);
      const properties = new PstProperties(this.#file, node, subnodes);
      const name = properties.text(LONG_NAME) ?? properties.text(SHORT_NAME) ?? properties.text(NAME);
      const path = name === null || name.bytes.length === 0 ? names : [...names, name];
      const method = properties.number(METHOD);
      const content = properties.get(CONTENT);
      const times = { created: utcFromSeconds(properties.seconds(CREATED) ?? sentSeconds), modified: utcFromSeconds(properties.seconds(MODIFIED)), accessed: null, changed: null };
      const member = { names: path, times, extents: null, state: 'readable' as const, sizeBytes: null, content: () => [] };
      if (method !== null && METHOD_REFERENCES.includes(method)) {
        yield { type: 'member', member: { ...member, kind: 'link' } };
      } else if (method === METHOD_MESSAGE && content?.type === PST_TYPE.object) {
        yield { type: 'member', member: { ...member, kind: 'directory' } };
        yield* this.#message(properties.objectOf(content).node, path, depth + 1);
      } else if (content !== undefined) {
        yield { type: 'member', member: { ...member, kind: 'file', content: () => this.#content(properties, content) } };
      } else if (method !== null && method !== 0) throw new MalformedError('pst-properties-damaged', 'an attachment of the mailbox has no content');
    } catch (error) {
      yield { type: 'problem', problem: at(error, names) };
    }
  }

  *#content(properties: PstProperties, content: PstProperty): Iterable<Uint8Array> {
    const pieces = content.type === PST_TYPE.object ? this.#file.contentBlocks(properties.objectOf(content).node.contentBlock) : properties.pieces(content);
    for (const piece of pieces) {
      // Only these files have packed blocks; for the others the bound on blocks read is enough.
      if (this.#file.layout.isLarge) this.#budget.countExpanded(piece.length);
      yield piece;
    }
  }

  /** Names of the folders above a message, from the outermost; those that cannot be read are left out. */
  #folderNames(id: number): readonly EvidenceName[] {
    const names: EvidenceName[] = [];
    const seen = new Set<number>();
    const known = this.#folders.get(id);
    if (known !== undefined) return known;
    for (let at = id; (at & 31) === FOLDER && !seen.has(at) && seen.size < MAX_MAIL_DEPTH; ) {
      seen.add(at);
      try {
        const node = this.#file.findNode(at);
        if (node === null) break;
        const name = new PstProperties(this.#file, node, this.#file.subnodes(node.subnodeBlock)).text(NAME);
        if (name !== null && name.bytes.length > 0) names.unshift(name);
        at = node.parentId;
      } catch (error) {
        if (!(error instanceof KerbsideError)) throw error;
        break;
      }
    }
    this.#folders.set(id, names);
    return names;
  }
}

function at(error: unknown, names: readonly EvidenceName[]): Problem {
  if (!(error instanceof KerbsideError)) throw error;
  const problem = problemFrom(error);
  return { ...problem, message: `${shortPath(names)}: ${problem.message}` };
}
