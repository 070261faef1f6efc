/** A variable of the environment that the server reads, for people: `sevgate start --help`, docs/operations.md. */
export interface KnownSetting {
  readonly name: string;
  /** What counts without it, as written there; `required`; empty: nothing. */
  readonly default: string;
  /** A few words, without a full stop. */
  readonly help: string;
  /** `true`: it may be read from a file as well, which `NAME_FILE` names (src/run/secret-files.ts). */
  readonly isSecret?: true;
}
