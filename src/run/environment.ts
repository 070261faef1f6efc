export type Environment = Readonly<Record<string, string | undefined>>;

/** One thing for people to fix. Never contains the value of a secret. */
export interface SettingsProblem {
  /** The variable. */
  readonly name: string;
  /** What is wrong, and the remedy. */
  readonly message: string;
}
