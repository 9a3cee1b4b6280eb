/** Dialogs over the board. What goes wrong in one is said in it. */

import { byId, element } from "/assets/client/dom.js";
import { failureText } from "/assets/counter/notices.js";
import { say } from "/assets/counter/words.js";

/**
 * Opens a dialog with this heading and content, perhaps about an order. Each action is `{ label, kind, act }`;
 * when `act` is done, the dialog closes, unless it gives false.
 */
export function openDialog(heading, content, actions, { className = "", order = null } = {}) {
  const failure = element("p", { class: "failure", role: "alert" });
  const title = element("h2", { id: "dialog-heading" }, heading);
  const close = () => dialog.close();
  const buttons = actions.map((action) => actionButton(action, failure, close));
  const dialog = element(
    "dialog",
    { class: className, "aria-labelledby": "dialog-heading", "data-about": order?.id, "data-version": order?.version },
    element(
      "header",
      {},
      title,
      element("button", { type: "button", class: "quiet", "aria-label": say("close"), onclick: close }, "×"),
    ),
    element("div", { class: "content" }, content),
    failure,
    element("footer", {}, buttons),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    focusAgain(order?.id);
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    dialog.close();
  }
}

/** A question about an order, with one answer that acts; `content` is a text or an element. */
export function ask(order, heading, content, action) {
  const shown = typeof content === "string" ? element("p", {}, content) : content;
  return openDialog(heading, shown, [{ label: say("cancel"), kind: "plain", act() {} }, action], { order });
}

/** Says in an open dialog about one of these orders that the order is another one by now. */
export function warnOfChanges(orders) {
  const dialog = document.querySelector("dialog[open][data-about]");
  const about = dialog && orders.find((order) => order.id === dialog.dataset.about);
  if (about && about.version > Number(dialog.dataset.version)) {
    dialog.querySelector(".failure").textContent = say("changed");
  }
}

function actionButton({ label, kind, act }, failure, close) {
  const button = element("button", { type: "button", class: kind }, label);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") {
      return;
    }
    failure.textContent = "";
    button.setAttribute("aria-disabled", "true");
    try {
      if ((await act()) !== false) {
        close();
      }
    } catch (error) {
      failure.textContent = failureText(error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return button;
}

/** The board may have been drawn anew under the dialog: then the browser cannot give the focus back. */
function focusAgain(orderId) {
  if (document.activeElement === document.body && !document.querySelector("dialog[open]")) {
    const card = orderId && document.querySelector(`#board [data-order="${CSS.escape(orderId)}"] button`);
    (card || byId("code")).focus();
  }
}
