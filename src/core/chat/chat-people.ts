import type { OnCallSchedule } from "../oncall/schedule.ts";
import { type ChatName, chatFacts } from "./chats.ts";

/** Who somebody in a chat is on GitHub, according to the on-call file; `null`: it does not say, or there is none. */
export function loginInChat(schedule: OnCallSchedule | null, chat: ChatName, user: string): string | null {
  const people = [...(schedule?.people.values() ?? [])];
  return people.find((person) => chatFacts(chat).idOf(person) === user)?.login ?? null;
}

/** Who the people in the on-call file are in a chat, as far as it says: login in lower case → id. */
export function idsInChat(schedule: OnCallSchedule | null, chat: ChatName): ReadonlyMap<string, string> {
  const ids = [...(schedule?.people ?? [])].map(([login, person]) => [
    login.toLowerCase(),
    chatFacts(chat).idOf(person),
  ]);
  return new Map(ids.filter((pair): pair is [string, string] => pair[1] !== null));
}
