import { type ReportFormat, report } from "../src/cli/report.ts";
import type { RaisedStage } from "./stage.ts";
import { FULL_NAME } from "./world.ts";

/** What `sevgate report` prints of the played repository, with the token of somebody who may read it. */
export async function makeReport({ github }: Pick<RaisedStage, "github">, format: ReportFormat): Promise<string> {
  let text = "";
  const code = await report({
    repositories: [FULL_NAME],
    since: "30d",
    until: undefined,
    format,
    onlyOpen: false,
    app: undefined,
    env: { GITHUB_TOKEN: github.tokens.alice, GITHUB_API_URL: github.url },
    write: (written) => {
      text += written;
    },
  });
  if (code !== 0) throw new Error(`sevgate report ended with ${code}: ${text}`);
  return text;
}
