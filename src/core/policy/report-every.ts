/** How often the policy can ask for a report. */
export const REPORT_EVERY = ["week", "month", "quarter"] as const;
export type ReportEvery = (typeof REPORT_EVERY)[number];
