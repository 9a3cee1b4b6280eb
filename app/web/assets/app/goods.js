/** How goods look in every list: a picture, what it is, and what it costs. */

import { element } from "/assets/client/dom.js";
import { addressOf } from "/assets/app/pages.js";
import { yenText } from "/assets/app/words.js";

const TINTS = 6;

/** The product's picture; where there is none, or it does not come, the beginning of its name on a colour of its own. */
export function pictureOf(product) {
  if (!product.images?.length) {
    return nameOn(product);
  }
  const picture = element("img", { class: "picture", src: product.images[0], alt: "", loading: "lazy" });
  picture.onerror = () => picture.replaceWith(nameOn(product));
  return picture;
}

function nameOn({ id, name }) {
  const tint = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % TINTS;
  return element("span", { class: "picture", "data-tint": tint, "aria-hidden": "true" }, [...name.replace(/^.*[ 　]/, "")][0]);
}

/** As in ¥1,490 or ¥1,490–1,990. */
export function priceText({ lowest, highest = lowest }) {
  const is = yenText(lowest.amount);
  return highest.amount === lowest.amount ? is : `${is}–${highest.amount.toLocaleString("en-US")}`;
}

/** Colour and size in one word; empty when there is just one kind. */
export function variantText({ colour, size }) {
  return [colour, size].filter(Boolean).join(" / ");
}

/** A row that leads to the product; `notes` are further lines, such as why it is shown. */
export function productRow(product, price, ...notes) {
  return element(
    "li",
    { class: "goods" },
    element(
      "a",
      { href: addressOf("find", "product", product.id) },
      pictureOf(product),
      element(
        "span",
        { class: "what" },
        element("span", { class: "soft" }, product.brand),
        element("b", {}, product.name),
        element("span", { class: "amount" }, price),
        notes,
      ),
    ),
  );
}
