/** A set of cluster numbers, one bit each: 33 MB for the largest FAT32 there can be. */
export interface ClusterSet {
  has(cluster: number): boolean;
  /** Adds a cluster; false when it was there already. */
  add(cluster: number): boolean;
}

/** Makes an empty set for the clusters from 0 to `lastCluster`. */
export function makeClusterSet(lastCluster: number): ClusterSet {
  const bits = new Uint8Array((lastCluster >>> 3) + 1);
  return {
    has: (cluster) => (bits[cluster >>> 3]! & (1 << (cluster & 7))) !== 0,
    add(cluster) {
      const mask = 1 << (cluster & 7);
      const before = bits[cluster >>> 3]!;
      if ((before & mask) !== 0) return false;
      bits[cluster >>> 3] = before | mask;
      return true;
    },
  };
}
