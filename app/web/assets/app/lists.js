/** Lists that grow: their rows, and a button for more of them. */

import { element } from "/assets/client/dom.js";
import { failureText, notify } from "/assets/app/notices.js";
import { say } from "/assets/app/words.js";

/**
 * A list that `read(after)` gives page by page as `{ nodes, pageInfo }`; `row(node)` draws the content of one row,
 * and `empty` is said where there is none. Throws what the first reading throws.
 */
export async function growingList(read, row, empty) {
  const first = await read(null);
  const rows = element("ul", { class: "rows" }, rowsOf(first, row));
  if (first.nodes.length === 0) {
    return element("p", { class: "soft panel" }, empty);
  }
  return element("div", { class: "growing" }, rows, moreButton(first.pageInfo, rows, read, row));
}

function rowsOf({ nodes }, row) {
  return nodes.map((node) => element("li", {}, row(node)));
}

function moreButton(pageInfo, rows, read, row) {
  if (!pageInfo.hasNextPage) {
    return null;
  }
  const button = element("button", { type: "button" }, say("more"));
  button.onclick = () => once(button, async () => {
    const next = await read(pageInfo.endCursor);
    const added = rowsOf(next, row);
    rows.append(...added);
    button.replaceWith(...[moreButton(next.pageInfo, rows, read, row)].filter(Boolean));
    added[0]?.setAttribute("tabindex", "-1"); // reading goes on where it was
    added[0]?.focus();
  });
  return button;
}

/** Does what a button is for while it cannot be pressed again; what is refused is said. Gives whether it was done. */
export async function once(button, act) {
  if (button.getAttribute("aria-disabled") === "true") {
    return false;
  }
  button.setAttribute("aria-disabled", "true");
  try {
    await act();
    return true;
  } catch (error) {
    notify(failureText(error), "failed");
    return false;
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** A form whose refusals are said in it. `submit` gets its FormData's values; `label` is the button's. */
export function formOf(fields, label, submit) {
  const failure = element("p", { class: "failure", role: "alert" });
  const button = element("button", { type: "submit", class: "primary" }, label);
  const form = element("form", { novalidate: true }, fields, failure, button);
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") {
      return;
    }
    failure.textContent = "";
    button.setAttribute("aria-disabled", "true");
    try {
      await submit(Object.fromEntries(new FormData(form)));
    } catch (error) {
      failure.textContent = failureText(error);
      form.querySelector("input")?.focus();
    }
    button.removeAttribute("aria-disabled");
  };
  return form;
}

export function field(label, attributes, hint = "") {
  return element("label", { class: "field" }, element("span", {}, label), element("input", attributes), hint && element("small", {}, hint));
}
