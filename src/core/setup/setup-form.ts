/** The issue form of a severity, made of one in `templates/github/ISSUE_TEMPLATE/`: its name and its label. */
export function setupForm(
  template: string,
  { name, label }: { readonly name: string; readonly label: string },
): string {
  return template
    .replace(/^name: .*$/m, () => `name: ${JSON.stringify(`Incident ${name}`).replace(/^"(Incident [\w-]+)"$/, "$1")}`)
    .replace(/^labels: .*$/m, () => `labels: [${JSON.stringify(label)}]`);
}

/** The file of that form. A name may hold anything; a file's may not. */
export function formPath(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z\d]+/g, "-")
    .replace(/^-|-$/g, "");
  return `.github/ISSUE_TEMPLATE/incident-${plain === "" ? "severity" : plain}.yml`;
}
