/** The label of every issue an alert opened. */
export const ALERT_LABEL = "alert";
