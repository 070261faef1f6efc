import { listAt } from "./answer.ts";
import type { Asker } from "./scratch.ts";

const PER_PAGE = 100;
/** A scratch repository has less; where it has more, the rest is left as it is. */
const MOST_PAGES = 10;

/** What a list of GitHub has, page after page; what cannot be read is not in it. */
export async function allPages(
  person: Asker,
  route: string,
  query: Readonly<Record<string, unknown>> = {},
): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await person.ask(route, { ...query, per_page: PER_PAGE, ...(page === 1 ? {} : { page }) });
    const list = listAt(answer.data);
    found.push(...list);
    if (list.length < PER_PAGE) break;
  }
  return found;
}
