/** The label of issues with the numbers of a period, by which they are found again. */
export const REPORT_LABEL = "incident-report";
