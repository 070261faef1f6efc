/** A line of a comment that may be a command. */
export interface CommandLine {
  /** 1-based line of the comment; with the comment's id it is the identity of the receipt. */
  readonly line: number;
  /**
   * The first word as a reader sees it: lower-case, without its slash, without characters no font draws. What follows
   * its letters is kept: `/ack,` is `ack,`.
   */
  readonly word: string;
  /** What follows on the line, trimmed, as written. */
  readonly rest: string;
  /**
   * Why a line that a person would read as a command is not one, although its word is. `swallowed`: Markdown makes it
   * part of what surrounds it. `look-alike`: the slash or a letter only looks like one, or a space follows the slash.
   * `null`: it is one, or no command has that name.
   */
  readonly slip: "swallowed" | "look-alike" | null;
}
