/** What she thinks of ordering: kept by the server, the same on all her devices. */

import { client } from "/assets/app/client.js";

export async function readBasket() {
  const { cart } = await client.run("my_cart");
  return cart;
}

/** Has so many pieces in the basket, in place of those there were: however often it is sent, it comes to the same. */
export async function setPieces(skuId, quantity) {
  const { cart } = await client.run("set_cart_line", { input: { skuId, quantity } });
  return cart;
}

/** Where the order is picked up. */
export async function chooseStore(storeId) {
  const { cart } = await client.run("choose_cart_store", { input: { storeId } });
  return cart;
}

export function piecesIn(lines, skuId) {
  return lines.find((line) => line.skuId === skuId)?.quantity ?? 0;
}
