/** The devices that the member is signed in on: each can be signed out from here, and all at once. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { once } from "/assets/app/lists.js";
import { notify } from "/assets/app/notices.js";
import { dateText, say, timeText } from "/assets/app/words.js";

export async function devices(page) {
  const { sessions } = await client.run("my_sessions");
  const list = element("ul", { class: "rows" });
  const show = (standing) => list.replaceChildren(...standing.map((session) => element("li", {}, row(session, show))));
  const all = element("button", { type: "button", class: "danger" }, say("endAllSessions"));
  all.onclick = () => once(all, async () => {
    await client.run("sign_out_everywhere");
    client.close();
  });
  show(sessions);
  page.root.append(list, element("p", { class: "soft" }, say("endAllText")), all);
}

function row({ id, deviceName, createdAt, lastUsedAt, current }, show) {
  const name = deviceName ?? say("someDevice");
  const end = element("button", { type: "button", "aria-label": say("endSessionOf", name) }, say("endSession"));
  end.onclick = () => once(end, async () => {
    const { sessions } = await client.run("revoke_session", { input: { sessionId: id } });
    show(sessions);
    notify(say("sessionEnded", name), "done");
  });
  return element(
    "div",
    { class: "device" },
    element(
      "div",
      {},
      element("h3", {}, name),
      element("p", { class: "soft" }, say("signedInOn", dateText(createdAt))),
      element("p", { class: "soft" }, say("lastUsed", `${dateText(lastUsedAt)} ${timeText(lastUsedAt)}`)),
    ),
    current ? element("p", { class: "tag good" }, say("thisDevice")) : end,
  );
}
