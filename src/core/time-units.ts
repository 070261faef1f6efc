/** Units of time in milliseconds. A day here is 24 hours, whatever clocks on the wall do. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
