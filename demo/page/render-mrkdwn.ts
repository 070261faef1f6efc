/**
 * Slack's own markup as HTML that is safe to put on a page: bold, italic, code, links with a label, mentions, dates.
 * Anything else is text.
 *
 * Source: docs.slack.dev, "Formatting message text".
 *
 * @param names login or name by Slack id
 */
export function renderMrkdwn(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .split(/(<[^<>]+>)/)
    .map((part) => (part.startsWith("<") && part.endsWith(">") ? bracket(part.slice(1, -1), names) : marks(part)))
    .join("");
}

/** The content of angle brackets: a URL, a mention, a date. */
function bracket(inside: string, names: ReadonlyMap<string, string>): string {
  const bar = inside.indexOf("|");
  const [target, label] = bar < 0 ? [inside, inside] : [inside.slice(0, bar), inside.slice(bar + 1)];
  if (target.startsWith("@")) {
    return `<span class="slack-mention">@${escapeHtml(names.get(target.slice(1)) ?? target.slice(1))}</span>`;
  }
  if (target.startsWith("!")) return marks(label);
  const address = readable(target);
  if (!/^https?:\/\//.test(address)) return marks(label);
  return `<a href="${escapeHtml(address)}" rel="noreferrer">${marks(label)}</a>`;
}

function marks(text: string): string {
  return escapeHtml(readable(text))
    .replace(/`([^`\n]+)`/g, "<code>$1</code>")
    .replace(/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, "<strong>$1</strong>")
    .replace(/(?<![\w_])_([^_\n]+)_(?![\w_])/g, "<em>$1</em>")
    .replaceAll("\n", "<br>");
}

/** Text with Slack's three entities decoded. */
export function readable(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Text for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
