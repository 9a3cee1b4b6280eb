/** Rows of products with why they are shown. */

import { element } from "/assets/client/dom.js";
import { productRow } from "/assets/app/goods.js";
import { yenText } from "/assets/app/words.js";

export function recommendationRow({ sku, product, reasons: [reason] }) {
  return productRow(product, yenText(sku.price.amount), reason && element("span", { class: "why" }, reason.text));
}
