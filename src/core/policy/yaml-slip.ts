/** A typing slip in a YAML text, and what to write instead. */
export interface YamlSlip {
  /** In UTF-16 units from the beginning of the text. */
  readonly offset: number;
  readonly message: string;
}
