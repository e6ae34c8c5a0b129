import { LimitError } from '@kerbside/bytes';

/** How far an archive, and everything inside it, is opened. Each is reported by its name when it is reached. */
export interface ContainerLimits {
  /** Containers inside containers; the outermost is 1. */
  readonly maxDepth: number;
  /** Members of one container. */
  readonly maxEntries: number;
  /** Members of the outermost container and of all inside it. */
  readonly maxEntriesInAll: number;
  /** Bytes unpacked from the outermost container and all inside it. */
  readonly maxExpandedBytes: number;
  /** Bytes unpacked for each byte of the outermost container, once past `ratioFromBytes`. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
  /** Length of a member's whole path in bytes. */
  readonly maxNameBytes: number;
  /** Components of a member's path. */
  readonly maxNameParts: number;
}

/**
 * Where the figures come from: depth as bulk_extractor; 20 GiB and 200:1 past 1 GiB as twice what IPED allows
 * (the worst honest deflate is 1,029:1, so a ratio alone would refuse sound files, and below 1 GiB no harm is done);
 * members as many as the whole file system of a phone has, which comes as one ZIP;
 * names as long as a ZIP can state; 512 parts as for directories of file systems.
 */
export const CONTAINER_LIMITS: ContainerLimits = {
  maxDepth: 7,
  maxEntries: 1_000_000,
  maxEntriesInAll: 2_000_000,
  maxExpandedBytes: 20 * 1024 ** 3,
  maxRatio: 200,
  ratioFromBytes: 1024 ** 3,
  maxNameBytes: 65_535,
  maxNameParts: 512,
};

/** What is shared by a container and all inside it. */
interface SharedCounts {
  readonly outermostBytes: number;
  entries: number;
  expandedBytes: number;
}

/**
 * Counts what one container costs. `nested` gives the budget of a container inside, which counts its own
 * members and shares everything else, so that no nesting gets around a limit.
 */
export class ContainerBudget {
  readonly limits: ContainerLimits;
  /** 1 for the outermost container. */
  readonly depth: number;
  readonly #shared: SharedCounts;
  #entries = 0;

  /** @param sizeBytes length of the outermost container, which the ratio is counted against */
  static forContainer(sizeBytes: number, limits: ContainerLimits = CONTAINER_LIMITS): ContainerBudget {
    return new ContainerBudget(limits, 1, { outermostBytes: Math.max(1, sizeBytes), entries: 0, expandedBytes: 0 });
  }

  private constructor(limits: ContainerLimits, depth: number, shared: SharedCounts) {
    this.limits = limits;
    this.depth = depth;
    this.#shared = shared;
  }

  /** Bytes unpacked so far, at all depths. */
  get expandedBytes(): number {
    return this.#shared.expandedBytes;
  }

  /** The budget of a container found inside this one. @throws LimitError `container-depth-limit` */
  nested(): ContainerBudget {
    if (this.depth >= this.limits.maxDepth) {
      throw new LimitError('container-depth-limit', `a container inside ${this.depth} others was not opened: ${this.limits.maxDepth} deep is the limit`);
    }
    return new ContainerBudget(this.limits, this.depth + 1, this.#shared);
  }

  /** Counts one member. @throws LimitError `container-entries-limit`; what is left of the container is not listed */
  countEntry(): void {
    this.#entries += 1;
    this.#shared.entries += 1;
    if (this.#entries > this.limits.maxEntries) throw entriesLimit(`more than ${this.limits.maxEntries} members in one container`);
    if (this.#shared.entries > this.limits.maxEntriesInAll) throw entriesLimit(`more than ${this.limits.maxEntriesInAll} members in a container and those inside it`);
  }

  /**
   * Counts bytes that an unpacker has made. Bytes that are stored as they are cost nothing and are not counted.
   * @throws LimitError `container-bytes-limit`, `container-ratio-limit`
   */
  countExpanded(bytes: number): void {
    const shared = this.#shared;
    shared.expandedBytes += bytes;
    if (shared.expandedBytes > this.limits.maxExpandedBytes) {
      throw new LimitError('container-bytes-limit', `more than ${this.limits.maxExpandedBytes} bytes were unpacked from one container; the rest was not`);
    }
    if (shared.expandedBytes > this.limits.ratioFromBytes && shared.expandedBytes > shared.outermostBytes * this.limits.maxRatio) {
      throw new LimitError(
        'container-ratio-limit',
        `${shared.expandedBytes} bytes came out of a container of ${shared.outermostBytes}: more than ${this.limits.maxRatio} to 1, as only a trap has; the rest was not unpacked`,
      );
    }
  }
}

function entriesLimit(what: string): LimitError {
  return new LimitError('container-entries-limit', `${what}; the others are not listed`);
}
