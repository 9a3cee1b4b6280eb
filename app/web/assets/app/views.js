/**
 * The views of the app, by what stands behind `#/` in the address. A view's module has `open(page)`, which draws
 * the view into `page.root` and may take its time; what it throws is said on the page, with a button to try
 * again. A `page` has beside `root`:
 *
 * - `path`: what else stands in the address, as in ["product", "ID"] for `#/find/product/ID`
 * - `title(text)`: says the view's name in the head and to screen readers; the tab's name without it
 * - `isOpen`: false once another view has taken its place: answers that come then are not drawn
 * - `whenClosed(act)`: ends what the view has begun, such as a subscription
 * - `again()`: opens the view anew
 *
 * A tab's drawing is the path of a 24 × 24 icon.
 */
export const VIEWS = {
  home: {
    icon: "M3 6.5A2.5 2.5 0 0 1 5.5 4h13A2.5 2.5 0 0 1 21 6.5v11a2.5 2.5 0 0 1-2.5 2.5h-13A2.5 2.5 0 0 1 3 17.5zM3 10h18M7 15.5h4",
    load: () => import("/assets/app/home.js"),
  },
};
