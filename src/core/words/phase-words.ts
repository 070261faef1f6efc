import type { Phase } from "../record/history.ts";

/** How the state of an incident is shown, on GitHub and in chats. */
export const PHASE_WORDS: Readonly<Record<Phase, { readonly icon: string; readonly word: string }>> = {
  declared: { icon: "🔴", word: "declared, nobody has acknowledged it" },
  acknowledged: { icon: "🟠", word: "acknowledged" },
  mitigated: { icon: "🟡", word: "mitigated" },
  resolved: { icon: "🟢", word: "resolved" },
  cancelled: { icon: "⚪", word: "cancelled" },
  "closed-ungated": { icon: "🟣", word: "closed without evidence" },
};
