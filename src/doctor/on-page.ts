/** Where an owner changes an installation, for the end of a sentence. `null`: its address is not known. */
export function onPage(page: string | null): string {
  return page === null ? "on the installation's page" : `at ${page}`;
}
