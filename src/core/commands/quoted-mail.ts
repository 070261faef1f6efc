/*
 * Where a reply by e-mail stops being the author's: at the signature, or where the mail client repeats the message
 * being answered. Only what a mail client writes counts, and only in full: a line that merely looks like it ("On prod
 * we log <nil>", a row of underscores) cuts nothing off.
 *
 * Clients that put `>` in front of what they repeat need no rule: to Markdown that is a quote, and whatever a person
 * writes below it, or in between, is theirs.
 */

/** RFC 3676, 4.3. */
const SIGNATURE = /^-- $/;

/** Outlook and others, in the languages they are most used in. */
const DIVIDER =
  /^ {0,3}-{2,} ?(?:Original Message|Original Appointment|Forwarded message|Ursprüngliche Nachricht|Weitergeleitete Nachricht|Message d'origine|Message transféré|Mensaje original|Mensagem original|Messaggio originale|Oorspronkelijk bericht|Ursprungligt meddelande|Opprinnelig melding|Oprindelig meddelelse|Alkuperäinen viesti|Wiadomość oryginalna|Исходное сообщение|元のメッセージ|原始邮件|원본 메시지) ?-{2,} *$/i;

/** The line Outlook draws above the header of the repeated message. */
const RULE = /^ {0,3}_{20,} *$/;

/** The header of the repeated message: who, when, and to whom or about what, on consecutive lines. */
const FROM = headLine("From|Von|De|Da|Van|Fra|Från|Lähettäjä|Od|От|差出人|发件人|寄件者|보낸 사람");
const SENT = headLine(
  "Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el| em)?|Fecha|Data|Inviato|Verzonden|Sendt|Skickat|Lähetetty|Wysłano|Отправлено|Дата|送信日時|日付|发送时间|日期|보낸 날짜",
);
const TO_OR_SUBJECT = headLine(
  "To|Cc|Subject|An|Betreff|À|Objet|Para|Asunto|Assunto|A|Oggetto|Aan|Onderwerp|Til|Emne|Till|Ämne|Vastaanottaja|Aihe|Do|Temat|Кому|Тема|宛先|件名|收件人|主题|主旨|받는 사람|제목",
);
const MOST_HEAD_LINES = 6;

/** "On <date>, <name> <address> wrote:", from its first word to its colon. GitHub shows the address as `***@***.***`. */
const WROTE_START = /^ {0,3}(?:On|Am|Le|El|Em|Il|Op|Den|Dnia|W dniu)\b/;
const WROTE_END =
  /(?:wrote|a écrit|escribió|escreveu|ha scritto|napisał(?:\(a\)|a)?|schrieb|schreef|skrev) ?: *$|\b(?:schrieb|schreef|skrev) [^:]{1,200}: *$/;
const MOST_WROTE_CHARACTERS = 600;
const DATE = /\b\d{4}\b|\b\d{1,2}[:.h]\d{2}\b/;
const ADDRESS = /[^\s@]@[^\s@]/;
/** Clients break the line once or twice. */
const MOST_WROTE_LINES = 3;

/** GitHub's own lines below a notification (without `>` when the client repeats it that way). */
const NOTIFICATION =
  /^ {0,3}(?:Reply to this email directly, (?:view it|or visit)\b|You are receiving this because (?:you (?:were mentioned|were assigned|authored the thread|commented|are subscribed to this thread|modified the open\/close state|are on a team that was mentioned|manually subscribed)|your review was requested)\.)/;

function headLine(names: string): RegExp {
  return new RegExp(`^ {0,3}\\*{0,2}(?:${names})\\*{0,2}[ \\u00A0]?[:：]`, "i");
}

/** Whether the signature or the repeated message of a reply by e-mail starts at this line. */
export function startsQuotedMail(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  if (SIGNATURE.test(line) || DIVIDER.test(line) || NOTIFICATION.test(line)) return true;
  if (RULE.test(line)) return isHead(lines, nextFilled(lines, at + 1));
  return isHead(lines, at) || isWrote(lines, at);
}

function isHead(lines: readonly string[], at: number): boolean {
  if (!FROM.test(lines[at] ?? "")) return false;
  const rest: string[] = [];
  for (const line of lines.slice(at + 1, at + MOST_HEAD_LINES)) {
    if (line.trim() === "") break;
    rest.push(line);
  }
  return rest.some((line) => SENT.test(line)) && rest.some((line) => TO_OR_SUBJECT.test(line));
}

function isWrote(lines: readonly string[], at: number): boolean {
  if (!WROTE_START.test(lines[at] ?? "")) return false;
  let joined = "";
  for (let more = 0; more < MOST_WROTE_LINES; more += 1) {
    const line = lines[at + more] ?? "";
    if (line.trim() === "") return false;
    joined = more === 0 ? line : `${joined} ${line.trim()}`;
    if (joined.length > MOST_WROTE_CHARACTERS) return false;
    if (!WROTE_END.test(joined)) continue;
    if (!DATE.test(joined) || !ADDRESS.test(joined)) return false;
    // Repeated with `>` it is already a quote, and what follows is the author's.
    return !(lines[nextFilled(lines, at + more + 1)] ?? "").trimStart().startsWith(">");
  }
  return false;
}

/** The first non-empty line from here on; the number of lines if there is none. */
function nextFilled(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && lines[at]!.trim() === "") at += 1;
  return at;
}
