/** Whether there are messages that the member has not read, live: a dot on the tab of Me, and a word on Home. */

import { client } from "/assets/app/client.js";
import { notify } from "/assets/app/notices.js";
import { addressOf } from "/assets/app/pages.js";

let line = null;

/** Listens from here on; a message that comes while the app is open is shown at once. */
export function followInbox() {
  line?.stop();
  line = client.follow(() => ({ operation: "inbox_changed", variables: {} }), {
    event({ unreadMessages, newest }, isFirst) {
      document.body.toggleAttribute("data-unread", unreadMessages > 0);
      const isSeen = newest?.orderId && location.hash === addressOf("order", newest.orderId); // its page says so itself
      if (!isFirst && newest && !newest.readAt && !isSeen) {
        notify(newest.title);
      }
    },
  });
}
