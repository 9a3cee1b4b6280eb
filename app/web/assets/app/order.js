/** Order: the basket, where and when to pick up, and each order as it goes. */

import { openBasket } from "/assets/app/order_basket.js";
import { openCheckout } from "/assets/app/order_checkout.js";
import { openOrder } from "/assets/app/order_page.js";
import { openStores } from "/assets/app/order_stores.js";
import { sendAgain } from "/assets/app/order_placing.js";

/** What was sent and got no answer comes first: nobody orders anything twice. */
export async function open(page) {
  const [what] = page.path;
  if (await sendAgain(page)) {
    return;
  }
  if (what === "checkout") {
    return openCheckout(page);
  }
  if (what === "store") {
    return openStores(page);
  }
  return what ? openOrder(page, what) : openBasket(page);
}
