/** The devices that the member is signed in on: each can be signed out from here, and all at once. */

import { element } from "/assets/client/dom.js";
import { Refused, SignedOut } from "/assets/client/tsunagu.js";
import { client } from "/assets/app/client.js";
import { once } from "/assets/app/lists.js";
import { notify } from "/assets/app/notices.js";
import { dateText, say, timeText } from "/assets/app/words.js";

export async function devices(page) {
  const { sessions } = await client.run("my_sessions");
  const list = element("ul", { class: "rows" });
  const show = (standing) => list.replaceChildren(...standing.map((session) => element("li", {}, row(session, show))));
  const all = element("button", { type: "button", class: "danger" }, say("endAllSessions"));
  all.onclick = () => once(all, () => endSession("sign_out_everywhere"));
  show(sessions);
  page.root.append(list, element("p", { class: "soft" }, say("endAllText")), all);
}

/** Ends this device's session, by `sign_out` or the like. Where it has ended, and its answer got lost, all is well. */
export async function endSession(operation) {
  try {
    await client.run(operation);
    client.close();
  } catch (error) {
    if (!(error instanceof SignedOut)) {
      throw error;
    }
  }
}

function endedAlready(error) {
  return error instanceof Refused && error.has("SESSION_NOT_FOUND") ? client.run("my_sessions") : Promise.reject(error);
}

function row({ id, deviceName, createdAt, lastUsedAt, current }, show) {
  const name = deviceName ?? say("someDevice");
  const end = element("button", { type: "button", "aria-label": say("endSessionOf", name) }, say("endSession"));
  end.onclick = () => once(end, async () => {
    const { sessions } = await client.run("revoke_session", { input: { sessionId: id } }).catch(endedAlready);
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
