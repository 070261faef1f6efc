/** The page with the one button that hands the manifest to GitHub. It needs nothing else: it also works as a file. */
export function manifestPage(action: string, manifest: object): string {
  return page(
    "Create the GitHub App",
    `<p>GitHub shows what Sevgate asks for. Nothing is created before you agree there.</p>
<form action="${escapeHtml(action)}" method="post">
<input type="hidden" name="manifest" value="${escapeHtml(JSON.stringify(manifest))}">
<button type="submit">Go on to GitHub</button>
</form>`,
  );
}

/** The last page: where to install the app, and what comes after that. */
export function createdPage(slug: string, installUrl: string): string {
  return page(
    "The app is created",
    `<p>${escapeHtml(slug)} exists, and the terminal says where its settings are. What is left:</p>
<ol>
<li><a href="${escapeHtml(installUrl)}">Install it on your repositories</a>.</li>
<li>Start the server: <code>sevgate start</code>.</li>
<li>See that all is well: <code>sevgate doctor</code>.</li>
</ol>`,
  );
}

export function messagePage(title: string, message: string): string {
  return page(title, `<p>${escapeHtml(message)}</p>`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sevgate: ${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>${escapeHtml(title)}</h1>
${content}
</html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
