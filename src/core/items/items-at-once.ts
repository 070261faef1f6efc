/**
 * GitHub stops an app that creates some twenty to forty issues in an hour. So ten items of all incidents in a
 * repository are filed at once, and ten more half an hour later.
 */
export const ITEMS_AT_ONCE = 10;
export const ITEMS_WINDOW_MS = 1_800_000;
