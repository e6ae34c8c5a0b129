/** Which column of a CSV holds what, by header name (compared without case, spaces, `-` and `_`). */
export interface ColumnMap {
  readonly md5?: string;
  readonly sha1?: string;
  readonly sha256?: string;
  readonly ed2k?: string;
  readonly size?: string;
  readonly category?: string;
}
