// On the page of a demo that stays up, and nowhere else: shows what has changed by loading the page again, but never
// while somebody is at something. Then it says that there is news, and waits (WCAG 2.2.2: what moves can be paused).
{
  const LOOK_EVERY_MS = 1_000;
  const shown = document.documentElement.dataset.version;
  const news = document.getElementById("news");
  const openAtFirst = new Set(document.querySelectorAll("details[open]"));

  const isInUse = () =>
    [...document.querySelectorAll("details")].some((one) => one.open !== openAtFirst.has(one)) ||
    getSelection()?.isCollapsed === false ||
    // A heading that a link has led to has the focus as well, and keeps it.
    document.activeElement?.matches("a, button, input, select, summary, textarea, [tabindex='0']") === true;

  const look = async () => {
    // The demo has ended, or cannot read GitHub now: the page stays as it is.
    const answer = await fetch("/version", { cache: "no-store" }).catch(() => null);
    if (answer?.ok !== true || (await answer.text()) === shown) return;
    if (isInUse()) news.hidden = false;
    else location.reload();
  };
  setInterval(look, LOOK_EVERY_MS);
}
