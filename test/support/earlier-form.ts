import { rootContent } from "../../src/core/chat/chat-content.ts";
import { slackCard } from "../../src/core/chat/slack/slack-card.ts";
import { slackLine } from "../../src/core/chat/slack/slack-line.ts";
import { rootLine } from "../../src/core/chat/thread-root.ts";
import type { ThreadView } from "../../src/core/chat/thread-state.ts";

/**
 * An incident as Sevgate kept it when a chat's card was still made beforehand, written by that very code. Slack did not
 * answer when its last reply, the one of `waiting`, was to be posted.
 */
export const EARLIER = {
  /** When it was read. */
  at: 1767603672000,
  onCall: `people:
  alice: { slack: U0ALICE001 }
rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
`,
  view: '{"channel":"#alert","isOpen":true,"outsider":null,"root":{"text":"🟡 P0 · <https://github.com/acme/ops/issues/1|Checkout is down> · mitigated · alice · acme/ops#1","blocks":[{"type":"header","text":{"type":"plain_text","text":"🟡 P0 · Checkout is down","emoji":false}},{"type":"section","fields":[{"type":"mrkdwn","text":"*Status*\\nmitigated","verbatim":true},{"type":"mrkdwn","text":"*Severity*\\nP0","verbatim":true},{"type":"mrkdwn","text":"*Responder*\\nalice","verbatim":true},{"type":"mrkdwn","text":"*On call*\\nalice","verbatim":true},{"type":"mrkdwn","text":"*Declared*\\n<!date^1767603660^{date_short_pretty} {time}|2026-01-05 09:01 UTC> by bob","verbatim":true},{"type":"mrkdwn","text":"*Issue*\\n<https://github.com/acme/ops/issues/1|acme/ops#1>","verbatim":true}]},{"type":"context","elements":[{"type":"mrkdwn","text":"acme/ops · what happens is told in this thread","verbatim":true}]},{"type":"actions","block_id":"incident:1000/1","elements":[{"type":"button","action_id":"sevgate:resolve","text":{"type":"plain_text","text":"Resolve","emoji":false},"value":"1000/1","confirm":{"title":{"type":"plain_text","text":"Resolve the incident?","emoji":false},"text":{"type":"plain_text","text":"It counts as over. The issue closes as soon as the close gate allows.","emoji":false},"confirm":{"type":"plain_text","text":"Resolve","emoji":false},"deny":{"type":"plain_text","text":"Not yet","emoji":false}}},{"type":"button","action_id":"sevgate:open","text":{"type":"plain_text","text":"Open issue","emoji":false},"url":"https://github.com/acme/ops/issues/1"}]}]},"line":"🟡 P0 · <https://github.com/acme/ops/issues/1|Checkout is down> · mitigated · alice · acme/ops#1","replies":[{"id":"1UEV54_u6Jcv0vEC","text":"📟 Paged: <@U0ALICE001> (primary)","broadcast":false},{"id":"ZjVkzZJm3oC8QKl7","text":"🟠 Acknowledged by alice after 3 seconds","broadcast":false},{"id":"UT42LwD85JhqVbO1","text":"🟡 Mitigated by alice after 6 seconds: db_pool ˋ1ˋ is &lt;larger&gt; · <https://github.com/acme/ops/issues/1#issuecomment-1020|comment>","broadcast":false},{"id":"FBNlxdL--zPfstyk","text":"Update by alice: &lt;!channel&gt; &amp; ∗all is well∗ · <https://github.com/acme/ops/issues/1#issuecomment-1021|comment>","broadcast":false}]}',
  sent: '{"root":{"channel":"C0ALERT0001","ts":"1767603660.000001","name":"#alert","link":"https://acme.slack.com/archives/C0ALERT0001/p1767603660000001","linkAsked":true,"digest":"OqyKoKd-cA_Aqv-NJCzlFb"},"told":["1UEV54_u6Jcv0vEC","ZjVkzZJm3oC8QKl7","UT42LwD85JhqVbO1"],"attempt":null,"left":null,"moves":0,"failingSince":1767603669000,"trouble":null}',
  waiting: "FBNlxdL--zPfstyk",
  /** What the record is sealed for. */
  place: { appId: 4242, repositoryId: 1000, issueNodeId: "I_1017" },
  /** The machine block of its status comment. */
  block:
    "<!-- sevgate:record v1 1895e419 eyJ2ZXJzaW9uIjoxLCJyZXZpc2lvbiI6NSwidGVtcGxhdGVBcHBsaWVkIjp0cnVlLCJ0aWNrcyI6W10sImp1ZGdlZFVwVG8iOjAsImVudHJpZXMiOlt7ImtpbmQiOiJkZWNsYXJlZCIsImF0IjoxNzY3NjAzNjYwMDAwLCJieSI6ImJvYiIsInNldmVyaXR5IjoiUDAifSx7ImtpbmQiOiJydW5ib29rcy1tYXRjaGVkIiwiYXQiOjE3Njc2MDM2NjAwMDAsImJ5IjpudWxsLCJydW5ib29rcyI6W119LHsia2luZCI6ImNvbmZpcm1lZCIsImF0IjoxNzY3NjAzNjYwMDAwLCJieSI6ImJvYiJ9LHsia2luZCI6InBhZ2VkIiwiYXQiOjE3Njc2MDM2NjAwMDAsImJ5IjpudWxsLCJlcGlzb2RlIjoxNzY3NjAzNjYwMDAwLCJzdGVwIjowLCJyb3VuZCI6MCwidGFyZ2V0cyI6W3sibG9naW4iOiJhbGljZSIsInJvbGUiOiJwcmltYXJ5In1dLCJub2JvZHkiOltdLCJ1bnJlYWNoYWJsZSI6W10sInRleHQiOiIiLCJzb3VyY2UiOm51bGx9LHsia2luZCI6ImFubm91bmNlZCIsImF0IjoxNzY3NjAzNjYwMDAwLCJieSI6bnVsbCwiY2hhbm5lbCI6IkMwQUxFUlQwMDAxIiwidHMiOiIxNzY3NjAzNjYwLjAwMDAwMSIsIm5hbWUiOiIjYWxlcnQiLCJsaW5rIjoiaHR0cHM6Ly9hY21lLnNsYWNrLmNvbS9hcmNoaXZlcy9DMEFMRVJUMDAwMS9wMTc2NzYwMzY2MDAwMDAwMSJ9LHsia2luZCI6ImFja25vd2xlZGdlZCIsImF0IjoxNzY3NjAzNjYzMDAwLCJieSI6ImFsaWNlIiwic291cmNlIjpudWxsLCJ2aWEiOnsic2xhY2siOiJUMToxNzY3NjAzNjYwLjAwMDAwMTpzZXZnYXRlOmFja25vd2xlZGdlOjEuMSJ9fSx7ImtpbmQiOiJtaXRpZ2F0ZWQiLCJhdCI6MTc2NzYwMzY2NjAwMCwiYnkiOiJhbGljZSIsInRleHQiOiJkYl9wb29sIGAxYCBpcyA8bGFyZ2VyPiIsInNvdXJjZSI6eyJjb21tZW50IjoxMDIwLCJsaW5lIjoxfX0seyJraW5kIjoidXBkYXRlZCIsImF0IjoxNzY3NjAzNjY5MDAwLCJieSI6ImFsaWNlIiwic291cmNlIjp7ImNvbW1lbnQiOjEwMjEsImxpbmUiOjF9LCJ0ZXh0IjoiPCFjaGFubmVsPiAmICphbGwgaXMgd2VsbCoifV19 do1_vE_DZKjpy4gQ_W_VWTtqIhfgZUCMy6kZAlGHCik -->",
} as const;

/** A view as the code at that time kept it. */
export function inEarlierForm({ channel, isOpen, outsider, root, replies }: ThreadView): string {
  return JSON.stringify({
    channel,
    isOpen,
    outsider,
    root: slackCard(rootContent(root)),
    line: slackLine(rootLine(root)),
    replies: replies.map(({ id, line, broadcast }) => ({ id, text: slackLine(line), broadcast })),
  });
}
