const REPOSITORY = /^([\w-]{1,100})\/([\w.-]{1,100})$/;

/** `owner/repo` as people name it on the command line; `null`: it is none. */
export function readRepository(given: string): { readonly owner: string; readonly name: string } | null {
  const [, owner, name] = REPOSITORY.exec(given) ?? [];
  return owner === undefined || name === undefined ? null : { owner, name };
}
