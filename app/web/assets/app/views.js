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
  checkin: {
    icon: "M12 21s-7-6.2-7-11.5a7 7 0 0 1 14 0C19 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
    load: () => import("/assets/app/checkin.js"),
  },
  find: {
    icon: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21",
    load: () => import("/assets/app/find.js"),
  },
  order: {
    icon: "M5 8h14l-1 12H6zM8.5 8V7a3.5 3.5 0 0 1 7 0v1",
    load: () => import("/assets/app/order.js"),
  },
  me: {
    icon: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
    load: () => import("/assets/app/me.js"),
  },
};
