/** Whether two names are one to GitHub, which tells accounts and repositories apart without regard to case; so do severities. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
