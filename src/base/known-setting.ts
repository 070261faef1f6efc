/** A variable of the environment that the server reads, for people: `sevgate start --help`, docs/operations.md. */
export interface KnownSetting {
  readonly name: string;
  /** What counts without it, as written there; `required`; empty: nothing. */
  readonly default: string;
  /** A few words, without a full stop. */
  readonly help: string;
}
