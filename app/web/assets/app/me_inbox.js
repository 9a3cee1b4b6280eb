/** The inbox: what the member was told, and news for her. What is shown is read. */

import { element } from "/assets/client/dom.js";
import { client } from "/assets/app/client.js";
import { growingList, once } from "/assets/app/lists.js";
import { addressOf } from "/assets/app/pages.js";
import { VIEWS } from "/assets/app/views.js";
import { dateText, say, timeText } from "/assets/app/words.js";

export async function inbox(page) {
  const read = async (after) => {
    const { inbox: messages } = await client.run("my_inbox", { after });
    markRead(messages.nodes);
    return messages;
  };
  page.root.append(await growingList(read, messageRow, say("noMessages")));
}

/** Nobody waits for this: what stays unread is marked at the next visit. */
function markRead(messages) {
  const messageIds = messages.filter((message) => !message.readAt).map((message) => message.id);
  if (messageIds.length > 0) {
    client.run("read_inbox_messages", { input: { messageIds } }).catch(() => {});
  }
}

function messageRow({ id, title, text, orderId, toldAt, readAt }) {
  const archive = element("button", { type: "button", class: "quiet" }, say("archive"));
  archive.onclick = () => once(archive, async () => {
    await client.run("archive_inbox_messages", { input: { messageIds: [id] } });
    archive.closest("li").remove();
  });
  return [
    element("h3", {}, title, !readAt && element("span", { class: "tag good" }, say("new"))),
    element("p", { class: "text" }, text),
    element("p", { class: "soft" }, `${dateText(toldAt)} ${timeText(toldAt)}`),
    element("div", { class: "row-acts" }, orderId && VIEWS.order && element("a", { href: addressOf("order", orderId) }, say("seeOrder")), archive),
  ];
}
